"""An analysis as JSON values: kept once, compact; shown in the shape of the HTTP interface.

What follows from what is kept (see `nutrition.keeping`), such as a serving or 100 g, is not kept at
all. `shown` gives the interface's shape from it in either detail, without the engine and its
tables: a web process needs no more than this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from nutrition.labels import fda, rounding
from nutrition.labels.daily_values import daily_values

Detail = Literal["label", "full"]
DETAILS: tuple[Detail, ...] = ("label", "full")

# What totals carry in the detail of a label: energy in both units, water, what the label declares
# and what has a Daily Value. Most of the rest are single fatty acids and amino acids.
DECLARED = frozenset(
    {"ENERC_KCAL", "ENERC_KJ", "WATER", *fda.CODES, *daily_values().values},
)
SIGNIFICANT = 6
# Totals are kept longer than shown: what is derived from them is then rounded but once, in effect.
KEPT = 9
# Runners-up that the detail of a label names; the rest are for who looks into one line.
RUNNERS_UP = 2
# What a kept line holds for explanations (`nutrition.explain`).
_NOT_SHOWN = frozenset({"per_100g", "data_points", "retained"})


def shown(kept: dict[str, Any], detail: Detail = "label") -> dict[str, Any]:
    """The document of API.md, "Shape of an analysis": no NaN, rounded to six digits.

    kept: what `keeping.kept` gave, of at least the nutrients that *detail* asks for. detail:
    `label` for the nutrients of DECLARED in totals and those of the label in lines, `full` for
    all. `missing` names each food once, and stands in the totals alone.
    """
    nutrients = kept["nutrients"]
    codes: list[str] = nutrients["codes"]
    totals: list[float | None] = nutrients["totals"]
    wanted = [i for i, code in enumerate(codes) if detail == "full" or code in DECLARED]

    def amounts(scaled: Callable[[float], float]) -> dict[str, dict[str, Any]]:
        found = {}
        for position in wanted:
            total = totals[position]
            entry: dict[str, Any] = {
                "amount": None if total is None else rounded(scaled(total)),
                "unit": nutrients["units"][position],
                "coverage": nutrients["coverage"][position],
            }
            if total is None:
                entry["reason"] = nutrients["unknown"]
            elif "low" in nutrients and nutrients["low"][position] is not None:
                entry["low"] = rounded(scaled(nutrients["low"][position]))
                entry["high"] = rounded(scaled(nutrients["high"][position]))
            found[codes[position]] = entry
        return found

    document: dict[str, Any] = {"title": kept["title"], "servings": kept["servings"]}
    if "method" in kept:
        document["method"] = kept["method"]
    servings, weight = kept["servings"], kept.get("yield_grams")
    if weight:
        document["yield_grams"] = rounded(weight)
        document["yield_grams_basis"] = kept["yield_grams_basis"]
    document["totals"] = amounts(lambda total: total)
    for position, lines in zip(wanted, _of(nutrients["missing"], wanted), strict=True):
        if lines:
            names = [kept["lines"][line]["food"]["name"] for line in lines]
            document["totals"][codes[position]]["missing"] = names
    if servings:
        document["per_serving"] = amounts(lambda total: total / servings)
    if weight:
        document["per_100g"] = amounts(lambda total: total * (100 / weight))
    if "energy" in kept:
        document["energy"] = _energy(kept["energy"], servings)
    document["lines"] = [_line(line, codes, detail) for line in kept["lines"]]
    for name in ("label", "references", "warnings"):
        document[name] = kept[name]
    return document


def rounded(value: float, digits: int = SIGNIFICANT) -> float | None:
    """*value* to so many significant digits for JSON; None where it is NaN or infinite."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def coverage(share: float) -> float:
    """A coverage for JSON: four digits, and 1 for a whole alone."""
    return rounding.share(share)


def _of(values: Sequence[Any], positions: Sequence[int]) -> Iterator[Any]:
    return (values[position] for position in positions)


def amounts_of(
    line: Mapping[str, Any], codes: Sequence[str], places: Sequence[int]
) -> list[float | None]:
    """What a kept line with the status ok gives of the nutrients at *places* of *codes*.

    None where its food was never analysed for it.
    """
    if "nutrients" in line:  # as analyses were kept before they could be explained
        return [line["nutrients"][place] for place in places]
    values, retained = line["per_100g"], line.get("retained", {})
    scale = line["grams"] * line.get("eaten", 1.0) / 100
    return [
        None if (value := values[place]) is None else value * scale * retained.get(codes[place], 1)
        for place in places
    ]


def _energy(kept: dict[str, Any], servings: float | None) -> dict[str, Any]:
    """The energy of the whole, and what people count of a serving."""
    if not servings:
        return kept
    portion = {
        name: None if kept[name] is None else rounded(kept[name] / servings)
        for name in ("kcal", "kj", "net_carbohydrate")
    }
    return {**kept, "per_serving": portion}


def _line(kept: dict[str, Any], codes: Sequence[str], detail: Detail) -> dict[str, Any]:
    line = {name: value for name, value in kept.items() if name not in _NOT_SHOWN}
    if kept["status"] == "ok":
        line["grams"] = rounded(kept["grams"])
        wanted = [i for i, code in enumerate(codes) if detail == "full" or code in fda.CODES]
        line["nutrients"] = {
            codes[place]: None if amount is None else rounded(amount)
            for place, amount in zip(wanted, amounts_of(kept, codes, wanted), strict=True)
        }
    if "alternatives" in kept and detail == "label":
        line["alternatives"] = kept["alternatives"][:RUNNERS_UP]
    return line
