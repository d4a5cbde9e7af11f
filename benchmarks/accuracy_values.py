"""Numbers as publishers write them: "415 kcal", "Fat 32g", "1,200 mg", 257.2, "n/a"."""

from __future__ import annotations

import math
import re
from typing import Any

_NUMBER = re.compile(r"(?<![\d.,])(-?\d[\d.,]*)\s*([a-zA-Z]*)")
_IN_KCAL = re.compile(r"(\d[\d.,]*)\s*k?cal", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
#: g per unit; a number without a unit is in the unit in which ours is kept.
_GRAMS = {
    **dict.fromkeys(("g", "gram", "grams", "gr"), 1.0),
    **dict.fromkeys(("mg", "milligram", "milligrams"), 1e-3),
    **dict.fromkeys(("mcg", "ug", "microgram", "micrograms"), 1e-6),
}
_KCAL_PER_KJ = 1 / 4.184
_IN_MILLIGRAMS = frozenset(
    {"sodium", "cholesterol", "calcium", "iron", "magnesium", "potassium", "vitamin_c"}
)


def number_of(value: Any) -> float | None:
    """A number that is one, or that a text begins with; None where it is none or not finite.

    A comma before three digits groups them, any other is a decimal point.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip().rstrip(".,")
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def amount_of(nutrient: str, value: Any, unit: Any = None) -> float | None:
    """A published amount in the unit in which ours is kept: kcal, g, or mg for minerals and such.

    nutrient: a name of `accuracy_sets.NUTRIENTS`. unit: where it stands apart from the number.
    None where there is no number, or one below zero.
    """
    text = str(value) if isinstance(value, int | float | str) else ""
    match = (nutrient == "kcal" and _IN_KCAL.search(text)) or _NUMBER.search(text)
    found = number_of(match[1]) if match else None
    if match is None or found is None or found < 0:
        return None
    said = unit if isinstance(unit, str) else match[2] if match.re is _NUMBER else ""
    said = said.lower()
    if nutrient == "kcal":
        return found * _KCAL_PER_KJ if said in {"kj", "kilojoules"} else found
    if said not in _GRAMS:
        return found
    return found * _GRAMS[said] * (1e3 if nutrient in _IN_MILLIGRAMS else 1.0)
