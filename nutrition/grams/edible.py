"""From the weight as bought to what can be eaten, by SR28's share of refuse.

SR28's portions are edible weights already; a weight that the line states is as bought. The refuse
is taken off only where the line says that it is there ("bone-in", "in their shells"), or where the
thing is sold and weighed with it (a whole chicken, wings, a melon by the piece): most cooks write
"1 lb strawberries" of what goes into the bowl, and never "1 lb walnuts" of shells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nutrition.foods.names import word_set, words
from nutrition.grams.rows import FISH, FRUITS, MEATS, PLANTS, POULTRY, VEGETABLES

if TYPE_CHECKING:
    from nutrition.catalogue import Food

BONE_IN = re.compile(r"\b(?:bone|bones)[- ](?:in|on)\b|\bon the bone\b|\bwith bones?\b", re.I)
BONELESS = re.compile(
    r"\bbone(?:d|less)\b|\bbones? (?:and \w+ )?removed\b|\bdeboned\b|\b(?:fillet|filet|tender)s?\b|"
    r"\bmeat\b|\bground\b|\bminced?\b|\bshredded\b",
    re.I,
)
WHOLE = re.compile(r"\bwhole\b|\broasters?\b|\bfryers?\b|\bbroilers?\b|\bbirds?\b", re.I)
# "10 pounds turkey" is a bird: nobody buys so much poultry without its bones. In g.
WHOLE_BIRD = 3000
# Sold on the bone unless the line says otherwise.
BONY = word_set("wing drumstick drumette leg quarter sparerib shortrib rib oxtail shank hock")
IN_SHELL = re.compile(
    r"\bin (?:the |their )?(?:shells?|pods?)\b|\bshell[- ]on\b|\bunshelled\b|\bunpeeled\b|"
    r"\bwith (?:the )?(?:skins?|peels?|shells?)\b|\bhead[- ]on\b",
    re.I,
)
PEELED = re.compile(
    r"\b(?:peeled|shelled|hulled|pitted|stoned|cored|seeded|deseeded|trimmed|husked|frozen|canned|"
    r"dried|cooked|chunks?|diced|cubed|flesh|after|net)\b",
    re.I,
)
# Parts that nobody eats: of these a stated weight of one whole fruit is made up in part.
INEDIBLE = re.compile(r"\b(?:skins?|peels?|rinds?|seeds?|pits?|shells?|core|stone|crown)\b", re.I)
BONE_SHARE = re.compile(
    r"(?P<before>\d+(?:\.\d+)?) ?% *bones?|bones?(?: and [a-z ]+)?,? *(?P<after>\d+(?:\.\d+)?) ?%",
    re.I,
)
# The bone in cuts of which SR28 gives no refuse: as in its other foods of the cut (meat and skin
# or lean and fat, raw). The first word that the line has.
BONES = (
    ("thigh", 0.19),
    ("breast", 0.20),
    ("leg", 0.27),
    ("quarter", 0.27),
    ("drumstick", 0.33),
    ("wing", 0.38),
    ("chop", 0.18),
    ("rib", 0.27),
    ("ham", 0.13),
    ("shank", 0.28),
)
ANY_BONE = 0.20
# Of shrimp without heads, their shells, as kitchens reckon.
SHELLS = 0.15
# Mussels and clams are sold in the shell; a quarter and a fifth is meat, as kitchens reckon.
BIVALVES = (("mussel", 0.75), ("clam", 0.80), ("cockle", 0.80))
SHUCKED = re.compile(
    r"\b(?:meats?|shelled|shucked|canned|cans?|tins?|jars?|frozen|chopped|minced|cooked|drained)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The inedible *share* of what was bought, 0 to 1, and *what* it is."""

    share: float
    what: str


def refuse(food: Food, text: str, grams: float, *, one_whole: bool) -> Refuse | None:
    """What to take off the *grams* that *text*, the line, states of *food*; None for nothing.

    one_whole: the weight is that of one piece ("1 (2 pound) butternut squash").
    """
    percent = food.refuse_percent or 0
    if food.group_code in MEATS:
        return _of_meat(food, text, grams)
    if food.group_code in FISH and "raw" in food.name and not SHUCKED.search(text):
        shells = (share for word, share in BIVALVES if word in food.name)
        if (share := next(shells, None)) is not None:
            return Refuse(share, "shells")
    if not percent and "shrimp" in food.name and IN_SHELL.search(text):
        return Refuse(SHELLS, "shells")
    if not percent:
        return None
    what = food.refuse_description
    if food.group_code in FISH | PLANTS and IN_SHELL.search(text) and INEDIBLE.search(what):
        return Refuse(percent / 100, what.casefold())
    if food.group_code in FRUITS | VEGETABLES and one_whole and not PEELED.search(text):
        return Refuse(percent / 100, what.casefold()) if INEDIBLE.search(what) else None
    return None


def _of_meat(food: Food, text: str, grams: float) -> Refuse | None:
    """Bones alone: skin and fat are the cook's to keep, and the food says whether it has them."""
    said = frozenset(words(text))
    if ("cooked" in food.name or "boneless" in food.name) and not BONE_IN.search(text):
        return None
    bony = BONE_IN.search(text) or (
        not BONELESS.search(text)
        and (
            said & BONY
            or (food.group_code in POULTRY and (WHOLE.search(text) or grams >= WHOLE_BIRD))
        )
    )
    if not bony:
        return None
    usual = next((share for cut, share in BONES if cut in said), ANY_BONE)
    return Refuse(bone_share(food) or usual, "bone")


def bone_share(food: Food) -> float:
    """The share of bone in the cut as bought; 0 where SR28 does not say."""
    what, percent = food.refuse_description, food.refuse_percent or 0
    found = BONE_SHARE.search(what)
    if found:
        return float(found["before"] or found["after"]) / 100
    return percent / 100 if re.match(r"bone", what, re.I) and "%" not in what else 0.0
