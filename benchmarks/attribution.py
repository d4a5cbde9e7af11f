"""Where a recipe's difference to the published figure comes from, line by line, to be read.

    python -m benchmarks.attribution --data DIR [--set scraped] [--over 50] [--worst N] [--row N]

DIR holds recipes_allrecipes.jsonl or recipes_scraped.jsonl. Prints the recipes whose energy is off
by more than --over percent, worst first: ours beside the published figures of a serving, then each
line with its status, food, confidence, grams, what of them is eaten, basis and share of the energy.
A recipe is listed whose energy is unknown, too. `would fit` is evidence for a reader, who decides
what the cause is: the published energy, protein, fat and carbohydrate agree with ours once the
named lines are left out, or once ours is of another number of servings. Counts of causes are in
docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

import nutrition
from benchmarks.accuracy_sets import NUTRIENTS, Published, allrecipes, scraped
from nutrition.analysis import Analysis, AnalysisRequest
from nutrition.engine import Engine

REPOSITORY = Path(__file__).parents[1]
SETS = {"allrecipes": allrecipes, "scraped": scraped}
SHOWN = ("kcal", "protein", "fat", "carbohydrate", "sodium")
#: What tells a line left out from a serving of another size, with what is added to both sides
#: before they are divided, so that a gram's rounding is no difference.
FITTED = {"kcal": 10.0, "protein": 1.0, "fat": 1.0, "carbohydrate": 1.0}
#: So many of the lines with the most energy are tried, alone and in pairs.
TRIED = 12
#: Mean of the absolute logarithms of ours by theirs from which on they agree: a sixth.
AGREES = 0.15
PARTS = (2, 3, 4, 6, 8, 10, 12, 16)


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


def fits(published: Published, ours: Analysis) -> str:
    """What makes ours agree with the published: lines left out, or another serving; or ""."""
    names = [name for name in FITTED if name in published.nutrients]
    stated = np.array([published.nutrients[name] for name in names])
    columns = [ours.catalogue.column[NUTRIENTS[name]] for name in names]
    slack = np.array([FITTED[name] for name in names])
    per_gram = np.nan_to_num(ours.catalogue.per_100g[:, columns]) / 100 / published.servings
    lines = [
        (line.text, per_gram[line.food.index] * line.grams * effect.kept)
        for line, effect in zip(ours.lines, ours.effects, strict=True)
        if line.food is not None and line.grams is not None and effect is not None
    ]
    lines = sorted(lines, key=lambda line: -line[1][0])
    total = np.sum([amounts for _, amounts in lines], axis=0)

    def apart(amounts: np.ndarray) -> float:
        ratio = (np.maximum(amounts, 0) + slack) / (stated + slack)
        return float(np.mean(np.abs(np.log(ratio))))

    found = [(apart(total / part), f"divided by {part}") for part in PARTS]
    found += [(apart(total * part), f"times {part:g}") for part in {*PARTS, published.servings}]
    for count in (1, 2):
        for left_out in combinations(lines[:TRIED], count):
            rest = total - np.sum([amounts for _, amounts in left_out], axis=0)
            # Two lines fit more easily than one, and by chance.
            words = " and ".join(f"'{text[:50]}'" for text, _ in left_out)
            found.append((apart(rest) + 0.03 * (count - 1), f"without {words}"))
    best, words = min(found)
    return words if lines and best <= AGREES < apart(total) else ""


def told(published: Published, ours: Analysis, engine: Engine) -> Iterator[str]:
    """One recipe as lines of text."""
    yield f"{error(published, ours):+.0%}  {published.source}  {published.title}"
    stated = "  ".join(
        f"{name} {of_serving(published, ours, name):.0f}/{published.nutrients[name]:.0f}"
        for name in SHOWN
        if name in published.nutrients
    )
    yield f"  a serving of {published.servings:g}, ours/published: {stated}"
    if fitting := fits(published, ours):
        yield f"  would fit: {fitting}"
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
