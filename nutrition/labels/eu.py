"""The nutrition declaration of the EU and the UK as data: per 100 g, per portion, how rounded.

Regulation (EU) No 1169/2011, Articles 30 to 34 and Annex XV, which Great Britain has retained.
Amounts come from the totals of a recipe and its finished weight. Energy is not the catalogue's but
computed from the macronutrients by Annex XIV; carbohydrate is the available one, without fibre, so
that fibre counts once, by its own factor; salt is sodium × 2.5 (Annex I, point 11). Fibre, which
may be declared, always is. Vitamins and minerals are declared from 15 % of their reference value in
100 g on. A figure nobody knows is null and says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nutrition.labels import eu_rounding, rounding
from nutrition.labels import reference_intakes as intakes
from nutrition.labels.fda import NOT_KNOWN, number, serving_size, servings_shown

FORMAT = "eu-table"
#: The basis of a weight that somebody gave.
STATED = "stated"
#: Annex XIII part B and Article 32(5): stands near the percentages.
STATEMENT = "Reference intake of an average adult (8 400 kJ/2 000 kcal)"


@dataclass(frozen=True, slots=True)
class Declared:
    """One row in g: what of the catalogue it adds up, each with its factor."""

    code: str
    name: str
    made_of: Mapping[str, float]
    round: eu_rounding.Rounding
    indent: int = 0


# Order and names: Annex XV.
ROWS = (
    Declared("FAT", "Fat", {"FAT": 1.0}, eu_rounding.MACRO),
    Declared("FASAT", "of which saturates", {"FASAT": 1.0}, eu_rounding.SATURATES, 1),
    # The catalogue's carbohydrate is "by difference" and holds the fibre.
    Declared("CHOAVL", "Carbohydrate", {"CHOCDF": 1.0, "FIBTG": -1.0}, eu_rounding.MACRO),
    Declared("SUGAR", "of which sugars", {"SUGAR": 1.0}, eu_rounding.MACRO, 1),
    Declared("FIBTG", "Fibre", {"FIBTG": 1.0}, eu_rounding.MACRO),
    Declared("PROCNT", "Protein", {"PROCNT": 1.0}, eu_rounding.MACRO),
    Declared("SALT", "Salt", {"NA": 2.5 / 1000}, eu_rounding.SALT),
)
# Annex XIV, kJ and kcal in 1 g. Polyols, salatrims and organic acids have factors too, and no
# figures in the catalogue: by difference they are counted as carbohydrate.
_FACTORS = (("FAT", 37, 9.0), ("CHOAVL", 17, 4.0), ("FIBTG", 8, 2.0), ("PROCNT", 17, 4.0))
_ALCOHOL = ("ALC", 29, 7.0)


@dataclass(frozen=True, slots=True)
class Known:
    """An amount in the whole recipe, NaN where unknown, and the share of it that is analysed."""

    amount: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is of: the share of the recipe, None where its weight is unknown."""

    name: str
    share: float | None


def table(
    totals: Mapping[str, float],
    coverage: Mapping[str, float],
    *,
    servings: float | None = None,
    grams: float | None = None,
    weighed: float = 1.0,
    basis: str = STATED,
    title: str | None = None,
) -> dict[str, Any]:
    """The declaration of a recipe, ready for JSON: no NaN, plain types.

    totals: amount in the whole recipe by nutrient code, in the catalogue's units; NaN or absent is
    unknown. coverage: the share of the recipe each rests on, 1 where absent. servings: portions of
    it; None: the recipe is the portion. grams: weight of the finished recipe; None: nothing is
    known in 100 g. weighed: share of the food lines that this weight adds up. basis: where the
    weight comes from, in words. Raises ValueError for a negative amount, and for servings that are
    not positive.
    """
    if servings is not None and not (math.isfinite(servings) and servings > 0):
        raise ValueError(f"servings must be a positive number, not {servings}")
    for code, amount in totals.items():
        if amount < 0:
            raise ValueError(f"{code} is {amount}: an amount of a nutrient cannot be negative")
    grams = grams if grams and math.isfinite(grams) else None
    portion = None if grams is None else grams / (servings or 1)
    columns = (
        Column("per_100g", None if grams is None else 100 / grams),
        Column("per_portion", 1 / (servings or 1)),
    )
    known = {row.code: _sum(row.made_of, totals, coverage) for row in ROWS}
    return {
        "format": FORMAT,
        "source": "Regulation (EU) No 1169/2011, Annex XV",
        "reference_intakes": intakes.VERSION,
        "title": title,
        "servings": servings,
        "servings_shown": servings_shown(servings),
        "portion": serving_size(servings, portion, " g"),
        "portion_grams": None if portion is None else float(rounding.exact(portion)),
        "portion_grams_coverage": 0.0 if portion is None else rounding.share(weighed),
        "weight_basis": None if grams is None else basis,
        "rows": [
            _energy(known, _sum({"ALC": 1.0}, totals, coverage), columns),
            *(_row(row, known[row.code], columns) for row in ROWS),
        ],
        "vitamins_and_minerals": [
            row
            for reference in intakes.REFERENCES
            if (row := _micro(reference, _sum(reference.made_of, totals, coverage), columns))
        ],
        "statement": STATEMENT,
    }


def _sum(
    made_of: Mapping[str, float], totals: Mapping[str, float], coverage: Mapping[str, float]
) -> Known:
    """Of parts, each times its factor: unknown where one is, and covered as its least covered."""
    amounts = [totals.get(code, math.nan) * factor for code, factor in made_of.items()]
    if not all(map(math.isfinite, amounts)):
        return Known(math.nan, 0.0)
    # Fibre that is known of more foods than carbohydrate must not make less than nothing of it.
    return Known(max(0.0, math.fsum(amounts)), min(coverage.get(code, 1.0) for code in made_of))


def _frame(code: str, name: str, unit: str, indent: int, known: Known) -> dict[str, Any]:
    unknown = math.isnan(known.amount)
    share = 0.0 if unknown else rounding.share(known.coverage)
    document: dict[str, Any] = {"code": code, "name": name, "unit": unit, "indent": indent}
    document["coverage"] = share
    document["known"] = "no" if unknown else "in full" if share >= 1 else "in part"
    if unknown:
        document["reason"] = "nothing in this recipe has a known figure for it"
    return document


def _cell(amount: Decimal, rounded: Decimal, shown: str, of: Decimal | None) -> dict[str, Any]:
    """One amount. of: its reference intake, of which the percentage is taken before rounding."""
    share = None if of is None else number(eu_rounding.percent(amount * 100 / of))
    return {
        "amount": float(amount),
        "rounded": number(rounded),
        "shown": shown,
        "percent_reference_intake": share,
    }


_UNKNOWN = {"amount": None, "rounded": None, "shown": NOT_KNOWN, "percent_reference_intake": None}


def _row(row: Declared, known: Known, columns: tuple[Column, ...]) -> dict[str, Any]:
    document = _frame(row.code, row.name, "g", row.indent, known)
    for column in columns:
        if column.share is None or math.isnan(known.amount):
            document[column.name] = dict(_UNKNOWN)
            continue
        amount = rounding.exact(known.amount * column.share)
        rounded = row.round(amount, document["known"] == "in full")
        reference = intakes.INTAKES.get(row.code)
        document[column.name] = _cell(amount, rounded.value, rounded.shown, reference)
    return document


def _energy(
    known: Mapping[str, Known], alcohol: Known, columns: tuple[Column, ...]
) -> dict[str, Any]:
    """Energy by Annex XIV, each unit by its own factors. The percentage is that of the kJ.

    Alcohol counts where it is known and lowers no coverage: tables leave it empty for foods that
    nobody would look for it in.
    """
    parts = [(known[code], kj, kcal) for code, kj, kcal in _FACTORS]
    share = min(part.coverage for part, _, _ in parts)
    if not math.isnan(alcohol.amount):
        parts.append((alcohol, *_ALCOHOL[1:]))
    kj = math.fsum(part.amount * factor for part, factor, _ in parts)
    kcal = math.fsum(part.amount * factor for part, _, factor in parts)
    document = _frame("ENERGY", "Energy", "kJ", 0, Known(kj, share))
    for column in columns:
        if column.share is None or math.isnan(kj):
            document[column.name] = {**_UNKNOWN, "kcal": None, "kcal_rounded": None}
            continue
        joules, calories = rounding.exact(kj * column.share), rounding.exact(kcal * column.share)
        rounded = eu_rounding.energy(joules), eu_rounding.energy(calories)
        shown = f"{eu_rounding.digits(rounded[0])} kJ / {eu_rounding.digits(rounded[1])} kcal"
        document[column.name] = {
            **_cell(joules, rounded[0], shown, intakes.ENERGY_KJ),
            "kcal": float(calories),
            "kcal_rounded": number(rounded[1]),
        }
    return document


def _micro(
    reference: intakes.Reference, known: Known, columns: tuple[Column, ...]
) -> dict[str, Any] | None:
    """The row of a vitamin or mineral, None where it is unknown or no significant amount."""
    hundred = columns[0].share
    if hundred is None or math.isnan(known.amount):
        return None
    if rounding.exact(known.amount * hundred) * 100 < (
        reference.amount * intakes.SIGNIFICANT_PERCENT
    ):
        return None
    document = _frame(reference.code, reference.name, reference.unit, 0, known)
    for column in columns:
        amount = rounding.exact(known.amount * (column.share or 0))
        rounded = eu_rounding.significant(amount, reference.digits)
        shown = f"{eu_rounding.digits(rounded)} {reference.unit}"
        document[column.name] = _cell(amount, rounded, shown, reference.amount)
    return document
