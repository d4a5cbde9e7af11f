"""How right the engine is, against figures that others published.

    python -m benchmarks.accuracy --data DIR [--json] [--worst N]

DIR holds any of recipes_allrecipes.jsonl, recipes_scraped.jsonl, food_names.csv,
food_names_canada.csv and fndds_recipes.txt. Prints, in percent: lines that came to grams; for each
nutrient of a serving the median absolute error, its 90th percentile, the shares within 10 and 20 %,
and the signed bias (median). A published figure below its nutrient's LEAST is left out: there the
publisher's rounding is the error. `scraped` is of the recipes in English, the language that the
engine reads.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import nutrition
from benchmarks import names
from benchmarks.accuracy_sets import NUTRIENTS, Published, allrecipes, fndds, scraped
from nutrition.analysis import AnalysisRequest
from nutrition.engine import Engine
from nutrition.reading import KNOWN_FROM
from nutrition.status import Status

REPOSITORY = Path(__file__).parents[1]
#: Of a serving: what is rounded to whole numbers, or tenths, is compared from here on.
LEAST = dict.fromkeys(NUTRIENTS, 1.0) | {
    "kcal": 10.0,
    "sodium": 20.0,
    "calcium": 10.0,
    "potassium": 20.0,
    "magnesium": 5.0,
    "cholesterol": 5.0,
    "iron": 0.3,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worst", type=int, default=0, help="print so many recipes, worst first")
    options = parser.parse_args()
    engine = nutrition.load(REPOSITORY / "data", options.work)
    report = figures(engine, options.data, options.worst)
    print(json.dumps(report) if options.json else _table(report))


def figures(engine: Engine, data: Path, worst: int = 0) -> dict[str, Any]:
    """The report, of whatever *data* holds."""
    report: dict[str, Any] = {}
    if (data / "recipes_allrecipes.jsonl").exists():
        report["allrecipes"] = of_recipes(engine, list(allrecipes(data)), worst)
    if (data / "recipes_scraped.jsonl").exists():
        every = list(scraped(data))
        english = [recipe for recipe in every if recipe.language == "en"]
        report["scraped"] = of_recipes(engine, english, worst)
        report["scraped_in_any_language"] = of_recipes(engine, every)
    if (data / "food_names.csv").exists():
        report |= names.figures(engine, data)
    if (data / "fndds_recipes.txt").exists():
        report["fndds"] = of_fndds(engine, data)
    return report


def of_recipes(engine: Engine, recipes: list[Published], worst: int = 0) -> dict[str, Any]:
    """Figures of recipes whose publishers state nutrients of a serving."""
    requests = [AnalysisRequest(r.ingredients, r.title, r.servings) for r in recipes]
    analyses = engine.analyze_many(requests)
    statuses = [line.status for one in analyses for line in one.lines]
    wanted = [status for status in statuses if status is not Status.IGNORED]
    ratios: dict[str, list[float]] = {name: [] for name in NUTRIENTS}
    off: list[tuple[float, Published]] = []
    for recipe, analysis in zip(recipes, analyses, strict=True):
        for name, code in NUTRIENTS.items():
            stated = recipe.nutrients.get(name)
            if stated is None or stated < LEAST[name]:
                continue
            amount = analysis.totals.amounts[engine.catalogue.column[code]]
            ours = 0.0 if np.isnan(amount) else float(amount) / recipe.servings
            ratios[name].append(ours / stated - 1)
            if name == "kcal":
                off.append((ours / stated - 1, recipe))
    for error, recipe in sorted(off, key=lambda one: -abs(one[0]))[:worst]:
        print(f"{error:+8.0%}  {recipe.source}  {recipe.title}")
    return {
        "recipes": len(recipes),
        "lines_to_grams": _percent(status is Status.OK for status in wanted),
    } | {name: _errors(found) for name, found in ratios.items() if found}


def of_fndds(engine: Engine, data: Path) -> dict[str, Any]:
    """Foods of FNDDS: each ingredient's words matched, against the sums of its own codes."""
    foods = list(fndds(data, engine.catalogue))
    per_100g = engine.catalogue.per_100g
    row_of = {
        name: match.food_index
        for name in {name for food in foods for name, _ in food.ingredients}
        if (match := engine.matcher.match(name)) and match.confidence >= KNOWN_FROM
    }
    ratios: dict[str, list[float]] = {name: [] for name in ("kcal", "protein", "fat", "sodium")}
    for food in foods:
        known = [(row_of[name], grams) for name, grams in food.ingredients if name in row_of]
        for nutrient, found in ratios.items():
            if food.nutrients[nutrient] >= LEAST[nutrient]:
                column = engine.catalogue.column[NUTRIENTS[nutrient]]
                ours = sum(float(np.nan_to_num(per_100g[row, column])) * g for row, g in known)
                found.append(ours / 100 / food.nutrients[nutrient] - 1)
    return {"recipes": len(foods)} | {name: _errors(found) for name, found in ratios.items()}


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
    return round(100 * float(np.mean(list(flags))), 1)


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
