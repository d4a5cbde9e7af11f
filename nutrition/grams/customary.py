"""Customary weights for what SR28 states no portion of: assumptions, and named as such.

The tables lie beside this file, by kind: `containers`, `cuts`, `produce`, `larder`. A row holds
for foods with certain words, or for kinds of food where the noun makes sense: a bunch is of herbs
and vegetables, a slice never of water. What no row covers has no weight, rather than a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from nutrition.grams.containers import CONTAINERS
from nutrition.grams.cuts import CUTS
from nutrition.grams.larder import LARDER
from nutrition.grams.produce import PRODUCE
from nutrition.grams.rows import Row

# Nouns of one meaning here.
SAME_NOUN = {
    "pkg": "package",
    "pkgs": "package",
    "packs": "package",
    "pack": "package",
    "pkt": "packet",
    "bulbs": "bulb",
    "stem": "stalk",
    "branch": "sprig",
    "rasher": "slice",
    "strip": "slice",
    "slab": "slice",
    "medallion": "piece",
    "filet": "fillet",
    "cutlet": "fillet",
    "roast": "joint",
    "hank": "bunch",
    "bundle": "bunch",
    "tin": "can",
    "ctn": "carton",
    "tub": "container",
    "pot": "container",
    "sack": "bag",
    "pouch": "bag",
    "lump": "knob",
    "nub": "knob",
    "root": "knob",
    "layer": "sheet",
    "crown": "head",
    "breast half": "breast",
    "length": "piece",
}
# How much smaller or larger a small or large one is where only one size is known: medians over
# SR28's fruits and vegetables with portions of several sizes (76 small, 86 large, 4 extra large).
BY_SIZE = {"small": 0.75, "medium": 1.0, "large": 1.4, "extra large": 1.5, "jumbo": 1.7}
# A package has the size it is sold in; a large can is a large can.
SIZED = frozenset(
    ["", "head", "bunch", "bulb", "knob", "piece", "fillet", "loaf", "sprig", "stalk"]
)


@dataclass(frozen=True, slots=True)
class Weight:
    """One *what* ("small head of lettuce") weighs *grams*."""

    what: str
    grams: float


_BY_NOUN: dict[str, list[Row]] = {}
for _row in (*CONTAINERS, *CUTS, *PRODUCE, *LARDER):
    _BY_NOUN.setdefault(_row.noun, []).append(_row)


def weight(
    noun: str, size: str, said: frozenset[str], text: frozenset[str], group: str
) -> Weight | None:
    """The customary weight of one *noun* of a food.

    said: words of its name, in the line and in SR28. text: all words of the line. group: SR28's
    code of its food group.
    """
    row = _row_of(noun, said, text, group)
    if row is None:
        return None
    factor = BY_SIZE.get(size, 1.0) if row.noun in SIZED else 1.0
    sized = size if factor != 1.0 else ""
    return Weight(_named(sized, row), round(row.grams * factor, 3))


def better(noun: str, said: frozenset[str], text: frozenset[str], group: str) -> Weight | None:
    """A weight that goes before SR28's own portion, for the few portions that mislead."""
    row = _row_of(noun, said, text, group)
    if row is None or not row.first:
        return None
    return Weight(_named("", row), row.grams)


def _named(size: str, row: Row) -> str:
    """What is weighed, in words, each once: "small double pie crust recipe"."""
    parts = f"{size} {row.what} {row.noun}".split()
    return " ".join(dict.fromkeys(parts)) or "piece"


def _row_of(noun: str, said: frozenset[str], text: frozenset[str], group: str) -> Row | None:
    """The first row that fits: particular foods stand before kinds of food."""
    for row in _BY_NOUN.get(SAME_NOUN.get(noun, noun), ()):
        if row.fits(said, text, group):
            return row
    return None
