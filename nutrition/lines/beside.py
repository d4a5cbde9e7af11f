"""What stands beside a name and belongs to it, and what stands in it and does not.

"Chicken thighs, boneless and skinless" and "ground beef (90% lean)" name other foods than chicken
thighs and ground beef; "sausage of your choice" and "tomatoes with their juices" name no other.
"""

from __future__ import annotations

import re

from nutrition.foods.names import word_set

WORD = re.compile(r"\d{1,2} ?%|[^\W\d_]+(?:-[^\W\d_]+)*")
# Remarks made of these words alone are part of the name; the others only join them.
TELLING = word_set(
    "skinless boneless skin-on bone-in lean unsalted salted unsweetened sweetened low-fat full-fat "
    "fat-free nonfat non-fat reduced-fat low-sodium reduced-sodium no-salt-added gluten-free "
    "dairy-free vegan vegetarian sugar-free seedless"
)
JOINING = word_set("and extra very preferably skin bone fat low full free reduced sodium")
# "Low fat" and "skin on" say in two words what others hyphenate.
IN_TWO = re.compile(
    r"\b(?:(?:low|full|reduced)[ -](?:fat|sodium)|(?:fat|sugar|gluten|dairy) free|skin on"
    r"|bone in)\b"
)
UNTOLD = re.compile(
    r" (?:of (?:your |my )?(?:own )?choice|of (?:your )?preference|(?:with|and|plus) (?:all )?"
    r"(?:its|their|the) (?:own )?(?:juices?|liquids?)|with (?:juices?|liquids?))$",
    re.IGNORECASE,
)
# SR28 calls it a juice pack; "pineapple in juice" is no juice.
IN_JUICE = re.compile(r" (?:canned )?in (?:(?:its|their) )?(?:own )?(?:natural )?juices?$", re.I)
BIRDS = word_set("chicken chickens turkey turkeys duck ducks goose geese")
RACK = re.compile(r"\bracks?\b", re.IGNORECASE)
BY_KNIFE = re.compile(r"\b(?:minced|crushed|chopped|peeled|smashed|sliced|grated|pressed)\b", re.I)


def told_by(remark: str) -> str:
    """The words of *remark* that belong to the name ("90% lean"), "" where it says anything else.

    remark: what the line says in brackets or after a comma, "(boneless, skinless)".
    """
    plain = IN_TWO.sub(lambda match: match[0].replace(" ", "-"), remark.casefold())
    said = WORD.findall(plain)
    tells = [word for word in said if word in TELLING or word.endswith("%")]
    if not any(word in TELLING for word in tells):
        return ""
    if any(word not in tells and word not in JOINING for word in said):
        return ""
    return " ".join(sorted((word.replace(" ", "") for word in tells), key=_lean_last))


def _lean_last(word: str) -> bool:
    """ "90% lean", however the line turns it."""
    return not word.endswith("%")


def meant(name: str, line: str, *, counted: bool) -> str:
    """*name*, or what a cook means by it: one chicken is a whole one, minced cloves are garlic.

    counted: so many of it, of no unit.
    """
    plain = name.casefold()
    if plain == "lamb" and RACK.search(line):
        return "rack of lamb"
    if counted and plain in BIRDS:
        return f"whole {name}"
    if plain in ("clove", "cloves") and BY_KNIFE.search(line):
        return f"garlic {name}"
    return name


def without_untold(name: str) -> str:
    """*name* less what tells no food by it: "of your choice", "with their juices"."""
    return IN_JUICE.sub(" canned, juice pack", UNTOLD.sub("", name))
