"""The Nutrition Facts label of 21 CFR 101.9 as data: what is declared, in what order, how rounded.

Fifteen rows in the order of 101.9(c)(1) to (c)(8)(ii). An amount nobody knows is null and says so,
where a printed label would have to show a zero; a row known in part carries its coverage. Energy is
the catalogue's own, from the specific factors for each food that (c)(1)(i)(A) allows. Protein has
no percentage: (c)(7)(i) lets it be omitted on a label for adults, and requires it on one for
children of 1 to 3 years; but (c)(7)(ii) bases it on protein corrected for its digestibility, which
food tables lack. So it is "not known" there, with the reason, rather than a figure from grams that
would say too much of plants.

%DV comes from the amount before rounding: (d)(7)(ii) allows "either the amount declared on the
label … or the actual amount … (i.e., before rounding)", and so each figure is rounded once. Where
the declared amount is zero the percentage is of that zero, lest the label read "0g 1%".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nutrition.labels import rounding
from nutrition.labels.daily_values import ADULTS, AGES_1_TO_3, DailyValues, daily_values

NOT_KNOWN = "not known"
NO_DIGESTIBILITY = (
    "Protein has no % Daily Value: it would rest on digestibility, which food tables lack."
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One row: which nutrient, what the regulation calls it, and how it is rounded.

    less_than: below this amount, where not zero, the label says "less than" it; but not of an
    amount known in part, which may well be more. percent: whether a percentage can be computed.
    """

    code: str
    name: str
    unit: str
    round: rounding.Rounding
    indent: int = 0
    less_than: Decimal | None = None
    percent: bool = True


# Order and rounding: 21 CFR 101.9(c). Indents: the sample labels of (d)(12).
ROWS = (
    Declared("ENERC_KCAL", "Calories", "kcal", rounding.calories),
    Declared("FAT", "Total Fat", "g", rounding.fat),
    Declared("FASAT", "Saturated Fat", "g", rounding.fat, 1),
    Declared("FATRN", "Trans Fat", "g", rounding.fat, 1),
    Declared("CHOLE", "Cholesterol", "mg", rounding.cholesterol, less_than=rounding.FIVE),
    Declared("NA", "Sodium", "mg", rounding.sodium),
    Declared("CHOCDF", "Total Carbohydrate", "g", rounding.whole_grams, less_than=rounding.ONE),
    Declared("FIBTG", "Dietary Fiber", "g", rounding.whole_grams, 1, less_than=rounding.ONE),
    Declared("SUGAR", "Total Sugars", "g", rounding.whole_grams, 1, less_than=rounding.ONE),
    Declared("SUGAD", "Added Sugars", "g", rounding.whole_grams, 2, less_than=rounding.ONE),
    Declared("PROCNT", "Protein", "g", rounding.whole_grams, 0, rounding.ONE, percent=False),
    Declared("VITD", "Vitamin D", "µg", rounding.trace),
    Declared("CA", "Calcium", "mg", rounding.mineral),
    Declared("FE", "Iron", "mg", rounding.trace),
    Declared("K", "Potassium", "mg", rounding.mineral),
)
CODES = tuple(row.code for row in ROWS)
#: The vitamins and minerals, which stand last, below a bar of their own.
MICROS = ("VITD", "CA", "FE", "K")


def label(
    per_serving: Mapping[str, float],
    servings: float | None = None,
    serving_grams: float | None = None,
    *,
    coverage: Mapping[str, float] | None = None,
    weighed: float = 1.0,
    title: str | None = None,
    version: str = ADULTS,
) -> dict[str, Any]:
    """The label of one serving, ready for JSON: no NaN, plain types.

    per_serving: amount by nutrient code in the unit of `ROWS`; NaN or absent is unknown.
    servings: how many the recipe makes; None where nobody said, and then the whole recipe is one.
    serving_grams: weight of one in g, None or NaN if unknown. weighed: share of the recipe's food
    lines that this weight adds up; 1 where it was stated. coverage: share of the recipe that each
    amount rests on, 0 to 1; what is absent counts as 1 where the amount is known.
    version: the Daily Values to compare with. Raises ValueError for a negative amount, for
    servings that are not positive, and for a version there is none of.
    """
    if servings is not None and not (math.isfinite(servings) and servings > 0):
        raise ValueError(f"servings must be a positive number, not {servings}")
    reference = daily_values(version)
    coverage = coverage or {}
    rows = [_row(row, per_serving.get(row.code), coverage.get(row.code), reference) for row in ROWS]
    grams = None if serving_grams is None or not math.isfinite(serving_grams) else serving_grams
    return {
        "format": "fda-vertical",
        "source": "21 CFR 101.9",
        "daily_values": reference.version,
        "audience": reference.audience,
        "title": title,
        "servings": servings,
        "servings_shown": servings_shown(servings),
        "serving_size": serving_size(servings, grams),
        "serving_grams": None if grams is None else float(rounding.exact(grams)),
        "serving_grams_coverage": 0.0 if grams is None else rounding.share(weighed),
        "rows": rows,
        "footnote": (
            "The % Daily Value tells you how much a nutrient in a serving of food contributes to "
            f"a daily diet. {reference.kcal:,} calories a day is used for general nutrition advice."
        ),
    }


def _row(
    row: Declared, amount: float | None, covered: float | None, reference: DailyValues
) -> dict[str, Any]:
    # Required of protein on a label for children of 1 to 3 years alone ((c)(7)(i)).
    declared = row.percent or reference.version == AGES_1_TO_3
    value = reference.values.get(row.code) if declared else None
    unknown = amount is None or not math.isfinite(amount)
    document: dict[str, Any] = {
        "code": row.code,
        "name": row.name,
        "unit": row.unit,
        "indent": row.indent,
        "amount": None,
        "rounded": None,
        "shown": NOT_KNOWN,
        "daily_value": None if value is None else number(value.amount),
        "percent_daily_value": None,
        "coverage": 0.0,
        "known": "no",
    }
    if amount is None or unknown:
        # Added sugars are no property of a food but of how it was made: food tables lack them.
        document["reason"] = (
            "the food tables have no figures for added sugars"
            if row.code == "SUGAD"
            else "nothing in this recipe has a known figure for it"
        )
        return document
    if amount < 0:
        raise ValueError(f"{row.code} is {amount}: an amount of a nutrient cannot be negative")
    true = rounding.exact(amount)
    rounded = row.round(true)
    share = 1.0 if covered is None else rounding.share(covered)
    below = row.less_than is not None and rounded > 0 and true < row.less_than and share >= 1
    document |= {
        "amount": float(true),
        "rounded": number(rounded),
        "shown": f"{'less than ' if below else ''}{_digits(rounded)}{_unit(row.unit)}",
        "coverage": share,
        "known": "in full" if share >= 1 else "in part",
    }
    if value is not None and not row.percent:
        document["percent_reason"] = NO_DIGESTIBILITY
    elif value is not None:
        # As declared where that is zero, before rounding elsewhere; both are (d)(7)(ii)'s.
        percent = (true if rounded else rounded) * 100 / value.amount
        by_kind = rounding.percent_drv if value.kind == "drv" else rounding.percent_rdi
        document["percent_daily_value"] = number(by_kind(percent))
    return document


def servings_shown(servings: float | None) -> str:
    """The number of servings as (b)(8) has it declared."""
    if servings is None:
        return "Number of servings not stated"
    true = rounding.exact(servings)
    shown = rounding.servings(true)
    about = "" if shown == true else "about "
    return f"{about}{_digits(shown)} {'serving' if shown <= 1 else 'servings'} per recipe"


def serving_size(servings: float | None, grams: float | None, unit: str = "g") -> str:
    """The size of one serving as a share of the recipe, with its weight where known ((b)(7))."""
    if servings is None or servings == 1:
        measure = "1 recipe"
    elif servings == int(servings):
        measure = f"1/{_digits(Decimal(int(servings)))} recipe"
    else:
        measure = "1 serving"
    if grams is None:
        return measure
    return f"{measure} ({_digits(rounding.serving_grams(rounding.exact(grams)))}{unit})"


def _unit(unit: str) -> str:
    # The regulation's own spellings: calories bare, and mcg for a microgram.
    return {"kcal": "", "µg": "mcg"}.get(unit, unit)


def number(value: Decimal) -> int | float:
    """A figure for JSON."""
    # Integers stay below 2^53, which every reader of JSON takes exactly.
    return int(value) if value < 2**53 and value == int(value) else float(value)


def _digits(value: Decimal) -> str:
    """Plain digits, "zeros following decimal points … dropped" ((c)(8)(ii)).

    An amount no recipe has, such as that of 1e300 cups of flour, keeps to a few characters.
    """
    if value >= 10**9:
        return f"{value:.2e}"
    return f"{value.normalize():f}"
