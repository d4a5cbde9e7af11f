"""What a cup, a clove or a large one of a food weighs, read from SR28's portion texts.

SR28 writes portions as free text: "cup, chopped", "medium (2-1/2" dia)", "slice, thin",
"cup (4.86 large eggs)", "stalk, medium (7-1/2" - 8" long)". Here each becomes a measure (a volume,
or what is counted), a size and the words that qualify it, so that a recipe's "2 large stalks"
finds its weight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nutrition import units
from nutrition.foods.names import word_set, words
from nutrition.grams import spread

if TYPE_CHECKING:
    from nutrition.catalogue import Food, Portion

CM_PER_INCH = 2.54
SIZES = {
    "small": "small",
    "sm": "small",
    "little": "small",
    "tiny": "small",
    "smaller": "small",
    "mini": "small",
    "miniature": "small",
    "medium": "medium",
    "md": "medium",
    "med": "medium",
    "regular": "medium",
    "medium-sized": "medium",
    "small-to-medium": "medium",
    "medium-to-large": "medium",
    "medium-large": "medium",
    "medium-small": "medium",
    "large": "large",
    "lg": "large",
    "lrg": "large",
    "lge": "large",
    "big": "large",
    "extra large": "extra large",
    "extra-large": "extra large",
    "xl": "extra large",
    "jumbo": "jumbo",
}
# What is cut from a whole: never meant by a bare "2 onions".
CUTS = word_set(
    """slice wedge strip ring cube ball section segment spear floweret floret sprig leaf stick
    rib inch cubic piece chip crouton oz lb cup tbsp tsp serving package can jar container bag
    box bar bottle packet pat pouch nlea yield half quart pint dash recipe"""
)
# What holds a food is never one of it. ("can" reads as "canned", as everywhere.)
CONTAINERS = word_set("canned package jar container bag box packet pouch")
CUP = units.UNITS["cup"]
FLUID_OUNCE = units.UNITS["fl oz"]
# Words for a whole one.
WHOLES = frozenset(["whole", "fruit", "item", "each", "unit", "medium"])

BRACKETS = re.compile(r"\([^)]*\)")
VOLUME_WORDS = re.compile(
    r"^(?P<unit>cups?|tbsp|tablespoons?|tsp|teaspoons?|fl oz|quart|pint|liter|ml|metric cup)\b",
    re.IGNORECASE,
)
# "envelope (1 tbsp)", "serving 1/2 cup": what is counted is a volume as well. Not so "amount to
# make 1/2 cup" of a mix.
INNER_VOLUME = re.compile(
    r"(?:\(|^(?:serving|bottle|can|jigger) )(?P<number>\d*(?:-\d/\d|/ ?\d|\.\d+)?) "
    r"(?P<unit>cups?|tbsp|tsp|fl oz)\b(?!.*\b(?:mak|mix|prep|yield))",
    re.IGNORECASE,
)
# A length across or along, in inches: "medium (approx 6" dia)", "(7-1/2 inch)", a range's middle.
INCHES = re.compile(
    r"(?P<low>\d+(?:\.\d+)?(?:[- ]\d/\d)?)\s*(?:\"|[- ]?inch(?:es)?\b|[- ]?in\b)?"
    r"(?:\s*(?:-|to|x|by)\s*(?P<high>\d+(?:\.\d+)?(?:[- ]\d/\d)?))?\s*"
    r"(?:\"|[- ]?inch(?:es)?\b|[- ]?in\b)",
    re.IGNORECASE,
)
CENTIMETRES = re.compile(r"(?P<cm>\d+(?:\.\d+)?)[- ]?cm\b", re.IGNORECASE)
# Words of the knife that SR28 and cooks use for each other.
SAME_CUT = {
    "grated": "shredded",
    "cubed": "diced",
    "cube": "diced",
    "minced": "chopped",
    "crumb": "crushed",
    "crumbled": "crushed",
    "pureed": "mashed",
    "ring": "sliced",
    "slice": "sliced",
    "halved": "half",
    # Shapes of pasta that fill a cup alike.
    "macaroni": "elbow",
    "ziti": "penne",
    "rigatoni": "penne",
    "fusilli": "rotini",
    "linguine": "spaghetti",
    "fettuccine": "spaghetti",
}
SIZE_WORDS = re.compile(r"\b(extra[- ]large|jumbo|large|medium|small|regular)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """One portion understood. `grams` are of one; `unit` is set for a volume, else it counts.

    words: what qualifies it, without brackets ("cup, chopped" → {chopped}; "clove" → {clove}).
    text: as SR28 wrote it, for the basis of a figure. spread: relative standard uncertainty.
    inches: its diameter or length, 0 where SR28 gives none.
    """

    text: str
    grams: float
    unit: units.Unit | None
    size: str
    words: frozenset[str]
    spread: float = spread.COUNT
    inches: float = 0.0


def measure(portion: Portion) -> Measure | None:
    """Read one portion; None where it has no weight or no amount."""
    if not (portion.amount > 0 and portion.grams > 0):
        return None
    bare = BRACKETS.sub(" ", portion.unit).strip(" ,")
    each = portion.grams / portion.amount
    found = VOLUME_WORDS.match(bare)
    unit = units.find(found["unit"]) if found else None
    size = SIZE_WORDS.search(bare)
    named = SIZES[size[1].casefold().replace("-", " ")] if size else ""
    rest = bare[found.end() :] if found else bare
    qualifiers = frozenset(words(rest)) - {"raw", "extra", "large", "medium", "small", "jumbo"}
    usual = spread.VOLUME if unit else spread.COUNT
    off = spread.of_samples(portion.std_dev, portion.data_points, portion.grams, usual)
    return Measure(portion.unit, each, unit, named, qualifiers, off, inches(portion.unit))


def measures(portions: Sequence[Portion]) -> tuple[Measure, ...]:
    """All that can be read, in SR28's order; then the volumes of what is counted."""
    counted = tuple(found for found in map(measure, portions) if found)
    inside = (_volume_of(each) for each in counted if each.unit is None)
    return (*counted, *(found for found in inside if found))


def _volume_of(counted: Measure) -> Measure | None:
    found = INNER_VOLUME.search(counted.text)
    unit = units.find(found["unit"]) if found else None
    number = _number(found["number"].replace("/ ", "/")) if found and found["number"] else 0.0
    if unit is None or not number or "yield" in counted.text:
        return None
    text = f"{unit.name} (SR28: {counted.text} = {counted.grams:.4g} g)"
    return Measure(text, counted.grams / number, unit, "", frozenset(), spread.OTHER_UNIT)


def _number(text: str) -> float:
    """1.5 of "1-1/2" or "1.5", 0.75 of "3/4"."""
    total = 0.0
    for part in text.replace("-", " ").split():
        top, _, bottom = part.partition("/")
        total += float(top) / float(bottom) if bottom and float(bottom) else float(top)
    return total


def inches(text: str) -> float:
    """The first length that *text* gives, in inches, the middle of a range; 0 where none."""
    found = INCHES.search(text)
    if not found:
        metric = CENTIMETRES.search(text)
        return float(metric["cm"]) / CM_PER_INCH if metric else 0.0
    low = _number(found["low"])
    return (low + _number(found["high"])) / 2 if found["high"] else low


def cuts(said: frozenset[str]) -> frozenset[str]:
    """*said* with the words of the knife in one form: grated is shredded, cubed is diced."""
    return frozenset(SAME_CUT.get(word, word) for word in said)


def by_volume(found: Sequence[Measure], unit: units.Unit, said: frozenset[str]) -> Measure | None:
    """The volume portion nearest to what the line says: its words first, then the same unit."""
    volumes = [each for each in found if each.unit is not None]
    if not volumes:
        return None
    asked = cuts(said)
    choice = frozenset().union(*(cuts(each.words) for each in volumes))
    if choice >= {"diced", "shredded"} and not asked & choice:
        asked |= {"shredded"}  # a cup of cheese, of which the line does not say how it is cut

    def nearness(each: Measure) -> tuple[int, int, int, bool]:
        theirs = cuts(each.words)
        agreed = len(theirs & asked)
        same = int(each.unit is not None and each.unit == unit)
        plain = not each.size or each.size in said  # "cup large chips" is not meant by chips
        return (agreed, -len(theirs - asked), same, plain)

    # max keeps the first of equals: SR28 puts the usual portion first.
    return max(volumes, key=nearness)


def by_count(
    found: Sequence[Measure],
    food: Food,
    noun: str,
    size: str,
    said: frozenset[str],
    across: float = 0.0,
    *,
    strict: bool = False,
    called: frozenset[str] | None = None,
) -> Measure | None:
    """The portion for one *noun* ("clove", "stalk"), or for a whole one where the noun is "".

    across: the inches that the line states ("10-inch tortillas"), 0 for none. strict: the portion
    says nothing that the line does not: an "Italian tomato" is not meant by tomatoes. called: the
    words of *said* that name the food, where not all of them do.
    """
    counted = [each for each in found if each.unit is None]
    wanted = frozenset(words(noun)) if noun else frozenset()
    if wanted:
        fitting = [each for each in counted if wanted <= each.words]
        if strict:
            fitting = [each for each in fitting if each.words <= wanted | said | WHOLES]
    else:
        names = frozenset(words(food.name)) | said
        # SR28 writes "sweetpotato" of a sweet potato.
        names |= {"".join(words(food.name)[:2])}
        fitting = [each for each in counted if _is_whole(each, names)]
    if not fitting:
        return None
    usual = "large" if food.name.startswith("Egg,") else "medium"

    # "Cherry" of cherry tomatoes tells more than that SR28 has a medium tomato, too.
    telling = (said if called is None else called) - frozenset(words(food.name)) - wanted - WHOLES

    def nearness(each: Measure) -> tuple[float, int, int, int, int]:
        by_inches = -abs(each.inches - across) if across and each.inches else -across
        by_size = 2 if size and each.size == size else 0
        if not size:
            by_size = 2 if each.size == usual else int(not each.size)
        told = len(each.words & telling)
        return (by_inches, told, by_size, len(each.words & said), -len(each.words - said))

    return max(fitting, key=nearness)


def _is_whole(each: Measure, names: frozenset[str]) -> bool:
    """A size alone ("medium"), a word for a whole ("fruit"), or the food's own name ("pepper")."""
    if each.words & CONTAINERS:
        return False
    if "whole" in each.words:
        return True  # "piece whole" of a mushroom
    if each.words & CUTS and not each.words & CUTS <= names:
        return False
    return bool(not each.words or each.words & WHOLES or each.words & names)
