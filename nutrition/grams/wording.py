"""What the words of a line say about an amount: its unit, its size, and what is counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nutrition import units
from nutrition.foods.names import word_set, words
from nutrition.grams import portions

if TYPE_CHECKING:
    from nutrition.catalogue import Food
    from nutrition.lines.parsing import Amount, ParsedLine

# How a measure is filled: tells nothing that SR28's portions could answer.
MANNERS = word_set(
    "heaping heaped rounded scant generous level good full thick thin whole slightly loosely "
    "lightly firmly packed about individual fresh long short wide paper-thin skinny fat nice"
)
WHIPPED_AFTER = re.compile(r"[,(].*\bwhipped\b", re.IGNORECASE)
# The whole of a food that SR28 counts by another word: a cauliflower is a head, a corn an ear.
NATURAL = ("head", "ear", "bulb", "fillet", "piece")
# Parts of animals that are counted, wherever they stand in the name.
PARTS = word_set("breast thigh leg wing drumstick fillet chop shank kidney")


def said_of(line: ParsedLine) -> frozenset[str]:
    """The words of the line that tell which food it is and how it is cut."""
    return frozenset(words(f"{line.name} {line.preparation} {line.size}"))


def measured_of(line: ParsedLine) -> frozenset[str]:
    """Those of `said_of` that hold when the cup is filled: "cream, whipped" is whipped after."""
    said = said_of(line)
    return said - {"whipped"} if WHIPPED_AFTER.search(line.text) else said


def named_of(line: ParsedLine, food: Food) -> frozenset[str]:
    """The words by which the line and SR28 call the food."""
    return said_of(line) | frozenset(words(food.name)) | frozenset(words(food.common_names))


def unit_of(amount: Amount) -> units.Unit | None:
    """The unit of measure, with or without a word before it: "cups", "heaping cup", "T".

    "12 oz jar" and "300 g tub" are 12 oz and 300 g: what holds it adds nothing.
    """
    found = units.find(amount.unit) or units.find(size_and_noun(amount.unit, "")[1])
    if found or " " not in amount.unit:
        return found
    parts = amount.unit.split()
    for length in (2, 1):
        found = units.find(" ".join(parts[:length]))
        if found and found.dimension is not units.Dimension.COUNT:
            return found
    return None


def size_and_noun(unit: str, size: str) -> tuple[str, str]:
    """("large", "clove") for "large cloves"; the line's own size where the unit has none."""
    parts = [word.strip("()") for word in unit.casefold().replace(".", "").split()]
    found = next((portions.SIZES[word] for word in parts if word in portions.SIZES), "")
    rest = [word for word in parts if word not in portions.SIZES and word not in MANNERS]
    if rest:
        rest[-1] = units.singular(rest[-1])
    own = size.casefold().strip("() ")
    return found or portions.SIZES.get(own, ""), " ".join(rest)


def nouns_of(line: ParsedLine) -> list[str]:
    """What may be counted where the line names no unit: "2 duck breasts", "3 onions".

    The last word of the name, a part of an animal, one whole, and how SR28 counts it. What is cut
    from a food ("20 carrot sticks") is not the whole of it.
    """
    called = words(line.name)
    last = called[-1:]
    parts = [word for word in called[:-1] if word in PARTS]
    if last and last[0] in portions.CUTS and last[0] != "half":
        return [*last, *parts]
    return [*last, *parts, "", *NATURAL]
