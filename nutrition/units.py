"""Units of cooking: their names, and how much each is in grams or millilitres.

Exact factors. Mass: the international avoirdupois pound is 453.59237 g (NIST SP 811, B.8). Volume:
the US gallon is 231 cubic inches, 3785.411784 ml (NIST Handbook 44, appendix C); quart, pint, cup,
fluid ounce, tablespoon and teaspoon are its binary and ternary parts. Imperial units: the gallon is
4546.09 ml (UK Units of Measurement Regulations 1995). Recipes mean US units unless they say
"imperial"; a metric cup (250 ml) or spoon is named as such. Kitchen words without a legal size
(pinch, dash, drop, jigger) carry their customary size, marked `customary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GALLON_ML = 3785.411784
IMPERIAL_GALLON_ML = 4546.09
POUND_G = 453.59237


class Dimension(StrEnum):
    MASS = "mass"
    VOLUME = "volume"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. `size` is grams for a mass, millilitres for a volume, pieces for a count."""

    name: str
    dimension: Dimension
    size: float
    customary: bool = False


def _table() -> dict[str, Unit]:
    """Every spelling in lower case, without full stops, to its unit."""
    table: dict[str, Unit] = {}

    def add(dimension: Dimension, size: float, names: str, *, customary: bool = False) -> None:
        spellings = [name.strip() for name in names.split(",")]
        unit = Unit(spellings[0], dimension, size, customary)
        for spelling in spellings:
            table[spelling] = unit

    mass, volume, count = Dimension.MASS, Dimension.VOLUME, Dimension.COUNT
    add(mass, 1, "g, gram, gm, gr, gms, gramme")
    add(mass, 1e-3, "mg, milligram")
    add(mass, 1e-6, "µg, mcg, ug, microgram")
    add(mass, 10, "dag, dkg, decagram")
    add(mass, 1000, "kg, kilogram, kilo, kilogramme")
    add(mass, POUND_G, "lb, pound, #")
    add(mass, POUND_G / 16, "oz, ounce, onz")
    add(mass, POUND_G * 14, "stone")

    add(volume, 1, "ml, milliliter, millilitre, cc")
    add(volume, 10, "cl, centiliter, centilitre")
    add(volume, 100, "dl, deciliter, decilitre")
    add(volume, 1000, "l, liter, litre, lt, ltr")
    add(volume, GALLON_ML, "gallon, gal")
    add(volume, GALLON_ML / 4, "quart, qt")
    add(volume, GALLON_ML / 8, "pint, pt")
    add(volume, GALLON_ML / 16, "cup, c")
    add(volume, GALLON_ML / 128, "fl oz, floz, fluid ounce, fluid oz, fl ounce, fluid_ounce")
    add(volume, GALLON_ML / 256, "tbsp, tablespoon, tbs, tb, tbl, tblsp, tbls, tablespoonful")
    add(volume, GALLON_ML / 768, "tsp, teaspoon, ts, teaspoonful")
    add(volume, IMPERIAL_GALLON_ML / 8, "imperial pint")
    add(volume, IMPERIAL_GALLON_ML / 4, "imperial quart")
    add(volume, IMPERIAL_GALLON_ML, "imperial gallon")
    add(volume, IMPERIAL_GALLON_ML / 160, "imperial fl oz, imperial fluid ounce")
    add(volume, 250, "metric cup")
    add(volume, 15, "metric tablespoon, metric tbsp")
    add(volume, 5, "metric teaspoon, metric tsp")
    add(volume, 10, "dessertspoon, dsp, dstspn, dessert spoon", customary=True)
    # A US jigger is 1½ fl oz, a shot the same; a pinch 1/16, a dash 1/8, a smidgen 1/32 teaspoon
    # (the sizes that measuring-spoon sets are sold with); 20 drops make 1 ml.
    # The rest are guesses a cook would accept; each keeps its own name, for the basis quotes it.
    teaspoon = GALLON_ML / 768
    for size, words in (
        (GALLON_ML / 128 * 1.5, "jigger shot"),
        (teaspoon / 8, "dash shake grind twist turn grating"),
        (teaspoon, "splash squeeze squirt"),
        (teaspoon / 16, "pinch sprinkle sprinkling"),
        (teaspoon * 3, "dollop drizzle glug spoonful spoon"),
        (GALLON_ML / 128, "slug"),
        (GALLON_ML / 16 / 2, "handful ladle"),
        (GALLON_ML / 16, "glass mug teacup"),
        (0.05, "drop"),
    ):
        for word in words.split():
            add(volume, size, word, customary=True)
    add(volume, teaspoon / 32, "smidgen, smidge", customary=True)

    add(count, 12, "dozen, doz, dz")
    add(count, 6, "half dozen, half-dozen")
    add(count, 2, "pair")
    add(count, 1, "piece, each, unit, item, pc, count, ct, whole")
    return table


UNITS = _table()

# Only here does the case tell: T is a tablespoon, t a teaspoon.
BY_CASE = {"T": "tbsp", "t": "tsp", "Tb": "tbsp", "TB": "tbsp", "C": "cup", "L": "l", "G": "g"}


# Containers as they are shortened.
SHORT = {"pkg": "package", "pkt": "packet", "pk": "package", "ctn": "carton", "btl": "bottle"}


def singular(word: str) -> str:
    """A unit's word in the singular: "leaves" is a leaf, "bunches" a bunch, "cloves" a clove."""
    special = {"leaves": "leaf", "loaves": "loaf", "halves": "half", "dashes": "dash", "oz": "oz"}
    if word in special:
        return special[word]
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > 2:
        return word[:-1]
    return word


def canonical(text: str) -> str:
    """The unit's own name ("tbsp" of "Tablespoons"), or *text* in the singular ("large clove")."""
    unit = find(text)
    if unit:
        return unit.name
    words = text.casefold().split()
    if not words:
        return ""
    last = singular(words[-1].rstrip("."))
    return " ".join([*words[:-1], SHORT.get(last, last)])


def find(text: str) -> Unit | None:
    """The unit that *text* names ("Tbsp.", "fluid ounces", "T"), or None where it names none."""
    bare = text.strip().rstrip(".")
    if bare in BY_CASE:
        return UNITS[BY_CASE[bare]]
    words = bare.casefold().replace(".", "").split()
    if not words:
        return None
    words[-1] = singular(words[-1])
    name = " ".join(words)
    return UNITS.get(name) or UNITS.get(name.replace("-", " "))
