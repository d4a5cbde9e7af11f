"""How often a published figure lies in the 95 % interval of ours, and how wide the intervals are.

    python -m benchmarks.intervals --data DIR [--json]

DIR holds recipes_allrecipes.jsonl or recipes_scraped.jsonl. Prints for each nutrient, in percent:
`inside`, the share of recipes whose published figure lies in the interval of a serving; `above` and
`below`, those where ours is too high or too low throughout; `width`, the median of half the
interval by the total. An interval that holds everything is no use: the two are read together. Where
ours is unknown, the published figure lies in no interval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import nutrition
from benchmarks.accuracy_sets import LEAST, NUTRIENTS, Published, allrecipes, scraped
from nutrition.analysis import Analysis, AnalysisRequest

REPOSITORY = Path(__file__).parents[1]


def coverage(
    recipes: Sequence[Published], analyses: Sequence[Analysis]
) -> dict[str, dict[str, float]]:
    """Of *recipes*, by nutrient, the figures that the module tells of, and how many they rest on.

    analyses: of the recipes, one each. Left out are published figures below LEAST.
    """
    report = {}
    for name, code in NUTRIENTS.items():
        rows = [
            (recipe.nutrients[name] * recipe.servings, one.low[column], one.high[column], total)
            for recipe, one in zip(recipes, analyses, strict=True)
            for column in (one.catalogue.column[code],)
            for total in (one.totals.amounts[column],)
            if recipe.nutrients.get(name, 0.0) >= LEAST[name]
        ]
        if not rows:
            continue
        published, low, high, total = np.array(rows, np.float64).T
        known = total > 0
        widths = ((high - low) / 2)[known] / total[known]
        report[name] = {
            "inside": _percent((low <= published) & (published <= high)),
            "above": _percent(published < low),
            "below": _percent(published > high),
            "width": round(100 * float(np.median(widths)), 1) if len(widths) else 0.0,
            "count": len(published),
        }
    return report


def _percent(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return round(100 * float(flags.mean()), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    engine = nutrition.load(REPOSITORY / "data", options.work)
    report = {}
    for name, read in (("allrecipes", allrecipes), ("scraped", scraped)):
        if (options.data / f"recipes_{name}.jsonl").exists():
            recipes = list(read(options.data))
            requests = [AnalysisRequest(r.ingredients, r.title, r.servings) for r in recipes]
            report[name] = coverage(recipes, engine.analyze_many(requests))
    if options.json:
        print(json.dumps(report))
        return
    for name, figures in report.items():
        print(name)
        for nutrient, found in figures.items():
            print(f"  {nutrient:14}", *(f"{key} {value:6}" for key, value in found.items()))


if __name__ == "__main__":
    main()
