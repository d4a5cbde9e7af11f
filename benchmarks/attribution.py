"""Where a recipe's difference to the published figure comes from, line by line, to be read.

    python -m benchmarks.attribution --data DIR [--set scraped] [--over 50] [--worst N] [--row N]

DIR holds recipes_allrecipes.jsonl or recipes_scraped.jsonl. Prints the recipes whose energy is off
by more than --over percent, worst first: ours beside the published figures of a serving, then each
line with its status, food, confidence, grams, what of them is eaten, basis and share of the energy.
A recipe is listed whose energy is unknown, too. What the cause is, a reader decides; the counts are
in docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import nutrition
from benchmarks.accuracy_sets import NUTRIENTS, Published, allrecipes, scraped
from nutrition.analysis import Analysis, AnalysisRequest
from nutrition.engine import Engine

REPOSITORY = Path(__file__).parents[1]
SETS = {"allrecipes": allrecipes, "scraped": scraped}
SHOWN = ("kcal", "protein", "fat", "carbohydrate", "sodium")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--set", choices=list(SETS), default="scraped")
    parser.add_argument("--language", default="en")
    parser.add_argument("--over", type=float, default=50.0, help="percent of energy off")
    parser.add_argument("--worst", type=int, default=10_000)
    parser.add_argument("--row", type=int, help="this row of the file alone")
    options = parser.parse_args()
    engine = nutrition.load(REPOSITORY / "data", options.work)
    recipes = [r for r in SETS[options.set](options.data) if r.language == options.language]
    if options.row is not None:
        recipes = [r for r in recipes if r.source.endswith(f":{options.row}")]
        options.over = -1.0
    requests = [AnalysisRequest(r.ingredients, r.title, r.servings) for r in recipes]
    pairs = list(zip(recipes, engine.analyze_many(requests), strict=True))
    off = [(abs(error(one, ours)), n) for n, (one, ours) in enumerate(pairs)]
    for size, number in sorted(off, key=lambda one: -one[0])[: options.worst]:
        if size * 100 > options.over:
            print("\n".join(told(*pairs[number], engine)), end="\n\n")


def of_serving(published: Published, ours: Analysis, name: str) -> float:
    """Our amount of nutrient *name* in a serving; NaN where it is unknown."""
    column = ours.catalogue.column[NUTRIENTS[name]]
    return float(ours.totals.amounts[column]) / published.servings


def error(published: Published, ours: Analysis) -> float:
    """Our energy against the published, less one; -1 where ours is unknown."""
    energy = of_serving(published, ours, "kcal")
    return -1.0 if np.isnan(energy) else energy / published.nutrients["kcal"] - 1


def told(published: Published, ours: Analysis, engine: Engine) -> Iterator[str]:
    """One recipe as lines of text."""
    yield f"{error(published, ours):+.0%}  {published.source}  {published.title}"
    stated = "  ".join(
        f"{name} {of_serving(published, ours, name):.0f}/{published.nutrients[name]:.0f}"
        for name in SHOWN
        if name in published.nutrients
    )
    yield f"  a serving of {published.servings:g}, ours/published: {stated}"
    column = engine.catalogue.column["ENERC_KCAL"]
    total = ours.totals.amounts[column]
    for line, effect in zip(ours.lines, ours.effects, strict=True):
        if line.food is None or line.grams is None or effect is None:
            food = f"{line.food.name} {line.confidence:.2f}" if line.food else ""
            yield f"      | {line.text[:90]} | {line.status} {food} {line.reason[:60]}"
            continue
        value = engine.catalogue.per_100g[line.food.index, column]
        energy = float(value) * line.grams * effect.kept / 100
        eaten = "" if effect.kept == 1 else f" eaten {effect.kept:.2f}"
        yield (
            f"  {energy / total:4.0%}| {line.text[:90]} | {line.grams:.0f} g{eaten}"
            f" [{line.basis[:50]}] | {line.food.name[:60]} {line.confidence or 0:.2f}"
        )


if __name__ == "__main__":
    main()
