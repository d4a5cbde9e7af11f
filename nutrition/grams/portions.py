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

if TYPE_CHECKING:
    from nutrition.catalogue import Food, Portion

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
    "regular": "medium",
    "medium-sized": "medium",
    "small-to-medium": "medium",
    "medium-to-large": "medium",
    "medium-large": "medium",
    "medium-small": "medium",
    "large": "large",
    "lg": "large",
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
# Words for a whole one.
WHOLES = frozenset(["whole", "fruit", "item", "each", "unit", "medium"])

BRACKETS = re.compile(r"\([^)]*\)")
VOLUME_WORDS = re.compile(
    r"^(?P<unit>cups?|tbsp|tablespoons?|tsp|teaspoons?|fl oz|quart|pint|liter|ml|metric cup)\b",
    re.IGNORECASE,
)
SIZE_WORDS = re.compile(r"\b(extra[- ]large|jumbo|large|medium|small|regular)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """One portion understood. `grams` are of one; `unit` is set for a volume, else it counts.

    words: what qualifies it, without brackets ("cup, chopped" → {chopped}; "clove" → {clove}).
    text: as SR28 wrote it, for the basis of a figure.
    """

    text: str
    grams: float
    unit: units.Unit | None
    size: str
    words: frozenset[str]


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
    return Measure(portion.unit, each, unit, named, qualifiers)


def measures(portions: Sequence[Portion]) -> tuple[Measure, ...]:
    """All that can be read, in SR28's order."""
    return tuple(found for found in map(measure, portions) if found)


def by_volume(found: Sequence[Measure], unit: units.Unit, said: frozenset[str]) -> Measure | None:
    """The volume portion nearest to what the line says: its words first, then the same unit."""
    volumes = [each for each in found if each.unit is not None]
    if not volumes:
        return None

    def nearness(each: Measure) -> tuple[int, int, int]:
        agreed = len(each.words & said)
        return (agreed, -len(each.words - said), int(each.unit is not None and each.unit == unit))

    # max keeps the first of equals: SR28 puts the usual portion first.
    return max(volumes, key=nearness)


def by_count(
    found: Sequence[Measure], food: Food, noun: str, size: str, said: frozenset[str]
) -> Measure | None:
    """The portion for one *noun* ("clove", "stalk"), or for a whole one where the noun is ""."""
    counted = [each for each in found if each.unit is None]
    wanted = frozenset(words(noun)) if noun else frozenset()
    if wanted:
        fitting = [each for each in counted if wanted <= each.words]
    else:
        names = frozenset(words(food.name)) | said
        # SR28 writes "sweetpotato" of a sweet potato.
        names |= {"".join(words(food.name)[:2])}
        fitting = [each for each in counted if _is_whole(each, names)]
    if not fitting:
        return None
    usual = "large" if food.name.startswith("Egg,") else "medium"

    def nearness(each: Measure) -> tuple[int, int, int]:
        by_size = 2 if size and each.size == size else 0
        if not size:
            by_size = 2 if each.size == usual else int(not each.size)
        return (by_size, len(each.words & said), -len(each.words - said))

    return max(fitting, key=nearness)


def _is_whole(each: Measure, names: frozenset[str]) -> bool:
    """A size alone ("medium"), a word for a whole ("fruit"), or the food's own name ("pepper")."""
    if each.words & CUTS and not each.words & CUTS <= names:
        return False
    return bool(not each.words or each.words & WHOLES or each.words & names)
