"""How right the engine is, against figures that others published.

    python -m benchmarks.accuracy --data DIR [--json] [--worst N]

DIR holds any of recipes_allrecipes.jsonl, recipes_scraped.jsonl, food_names.csv,
food_names_canada.csv and fndds_recipes.txt. Prints, in percent: lines that came to grams; for each
nutrient of a serving the median absolute error, its 90th percentile, the shares within 10 and 20 %,
the signed bias (median), and how many published figures that rests on; `interval95`, the share of
recipes whose published energy lies in our interval. A published figure below its nutrient's LEAST
is left out: there the publisher's rounding is the error. A figure of ours that is unknown counts as
nothing, that is as 100 % off. `rows` are the recipes of the file, `recipes` those that state
ingredients, servings and energy. `scraped` is of the recipes in English, the language that the
engine reads.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import nutrition
from benchmarks import intervals
from benchmarks.accuracy_names import of_names, reliability
from benchmarks.accuracy_sets import (
    ALLRECIPES,
    LEAST,
    NUTRIENTS,
    SCRAPED,
    Published,
    allrecipes,
    fndds,
    labelled,
    rows_of,
    scraped,
)
from nutrition.analysis import Analysis, AnalysisRequest
from nutrition.engine import Engine
from nutrition.reading import KNOWN_FROM
from nutrition.status import Status

REPOSITORY = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worst", type=int, default=0, help="on stderr, so many recipes")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data} is no folder: --data names the one with the files to measure on")
    engine = nutrition.load(REPOSITORY / "data", options.work)
    report = figures(engine, options.data, options.worst)
    print(json.dumps(report) if options.json else _table(report))


def figures(engine: Engine, data: Path, worst: int = 0) -> dict[str, Any]:
    """The report, of whatever *data* holds."""
    report: dict[str, Any] = {}
    if (data / ALLRECIPES).exists():
        recipes = list(allrecipes(data))
        report["allrecipes"] = {"rows": rows_of(data / ALLRECIPES)}
        report["allrecipes"] |= of_recipes(engine, recipes, worst)
    if (data / SCRAPED).exists():
        every, rows = list(scraped(data)), {"rows": rows_of(data / SCRAPED)}
        english = [recipe for recipe in every if recipe.language == "en"]
        report["scraped"] = rows | of_recipes(engine, english, worst)
        report["scraped_in_any_language"] = rows | of_recipes(engine, every)
    asked = labelled(data, engine.catalogue)
    for name, names in asked.items():
        report[name] = of_names(engine, names)
    if asked:
        report["confidence"] = reliability(engine, [one for many in asked.values() for one in many])
    if (data / "fndds_recipes.txt").exists():
        report["fndds"] = of_fndds(engine, data)
    return report


def of_recipes(engine: Engine, recipes: list[Published], worst: int = 0) -> dict[str, Any]:
    """Figures of recipes whose publishers state nutrients of a serving."""
    requests = [AnalysisRequest(r.ingredients, r.title, r.servings) for r in recipes]
    analyses = engine.analyze_many(requests)
    errors = {name: _signed(name, recipes, analyses) for name in NUTRIENTS}
    for error, recipe in sorted(errors["kcal"], key=lambda one: -abs(one[0]))[:worst]:
        print(f"{error:+8.0%}  {recipe.source}  {recipe.title}", file=sys.stderr)
    statuses = [line.status for one in analyses for line in one.lines]
    wanted = [status for status in statuses if status is not Status.IGNORED]
    between = intervals.coverage(recipes, analyses).get("kcal", {})
    return {
        "recipes": len(recipes),
        "lines": len(statuses),
        "lines_ignored": _percent(status is Status.IGNORED for status in statuses),
        "lines_to_grams": _percent(status is Status.OK for status in wanted),
        "interval95": between.get("inside", 0.0),
        "interval95_width": between.get("width", 0.0),
    } | {name: _errors([error for error, _ in found]) for name, found in errors.items() if found}


def _signed(
    name: str, recipes: list[Published], analyses: list[Analysis]
) -> list[tuple[float, Published]]:
    """Our amount of a nutrient in a serving by the published, less one, of each that states it."""
    found = []
    for recipe, analysis in zip(recipes, analyses, strict=True):
        stated = recipe.nutrients.get(name, 0.0)
        if stated >= LEAST[name]:
            column = analysis.catalogue.column[NUTRIENTS[name]]
            ours = float(np.nan_to_num(analysis.totals.amounts[column])) / recipe.servings
            found.append((ours / stated - 1, recipe))
    return found


def of_fndds(engine: Engine, data: Path) -> dict[str, Any]:
    """Foods of FNDDS: each ingredient's words matched, against the sums of its own codes."""
    foods = list(fndds(data, engine.catalogue))
    per_100g = engine.catalogue.per_100g
    row_of = {
        name: match.food_index
        for name in {name for food in foods for name, _ in food.ingredients}
        if (match := engine.matcher.match(name)) and match.confidence >= KNOWN_FROM
    }
    errors: dict[str, list[float]] = {name: [] for name in ("kcal", "protein", "fat", "sodium")}
    for food in foods:
        known = [(row_of[name], grams) for name, grams in food.ingredients if name in row_of]
        for nutrient, found in errors.items():
            if food.nutrients[nutrient] >= LEAST[nutrient]:
                column = engine.catalogue.column[NUTRIENTS[nutrient]]
                ours = sum(float(np.nan_to_num(per_100g[row, column])) * g for row, g in known)
                found.append(ours / 100 / food.nutrients[nutrient] - 1)
    return {"recipes": len(foods)} | {
        name: _errors(found) for name, found in errors.items() if found
    }


def _errors(signed: list[float]) -> dict[str, float]:
    errors = np.array(signed)
    size = np.abs(errors)
    return {
        "median": round(100 * float(np.median(size)), 1),
        "p90": round(100 * float(np.percentile(size, 90)), 1),
        "within10": round(100 * float(np.mean(size <= 0.1)), 1),
        "within20": round(100 * float(np.mean(size <= 0.2)), 1),
        "bias": round(100 * float(np.median(errors)), 1),
        "count": len(signed),
    }


def _percent(flags: Iterable[bool]) -> float:
    found = list(flags)
    return round(100 * float(np.mean(found)), 1) if found else 0.0


def _table(report: dict[str, Any]) -> str:
    rows = []
    for name, found in report.items():
        plain = {key: value for key, value in found.items() if not isinstance(value, dict)}
        rows.append(f"{name}: " + ", ".join(f"{key} {value}" for key, value in plain.items()))
        rows += [
            f"  {key:14}" + "  ".join(f"{figure} {value:6}" for figure, value in value.items())
            for key, value in found.items()
            if isinstance(value, dict)
        ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
