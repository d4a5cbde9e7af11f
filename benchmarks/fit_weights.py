"""Fit what ranks names of foods, with five-fold cross-validation: weights, trees, calibration.

    python -m benchmarks.fit_weights --data DIR [--write]

DIR holds food_names.csv and food_names_canada.csv (an everyday name, and the NDB number it stands
for). No labelled name and no count of labels per food is stored. Needs SciPy and CatBoost, which
the product does not: run it from an environment of its own (`pip install numpy scipy catboost`)
in the repository's folder; some ten minutes. Prints figures of names held out, and writes the
weights fitted on all with `--write`. `--uses FILE` counts `data/food_uses.txt` anew from
fndds_recipes.txt.

Linear weights are fitted five times, each without a fifth of the names, and rank that fifth. Trees
learn from those rankings, as they would meet names never seen; so does the calibration from theirs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import fit_confidence
from benchmarks.accuracy_names import near
from benchmarks.accuracy_sets import labelled
from benchmarks.fit_ranker import (
    Array,
    First,
    Linear,
    Lists,
    first_few,
    fit_linear,
    fit_trees,
    gather,
    shared_words,
)
from nutrition import catalogue, unpacking
from nutrition.foods import aliases, confidence, model, reranking
from nutrition.foods.matcher import Matcher
from nutrition.foods.model import Weights

REPOSITORY = Path(__file__).parents[1]
DATA = REPOSITORY / "data"
FOLDS = 5
# Canadian names are SR28's own words in another order: they teach less of what cooks write.
CANADIAN_WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    row: int
    everyday: bool


def queries(data: Path, table: catalogue.Catalogue) -> list[Query]:
    """Every labelled name whose food is in the catalogue."""
    return [
        Query(one.name, one.row, file == "food_names")
        for file, names in labelled(data, table).items()
        for one in names
    ]


def held_out_trees(lists: Lists, first: First, weight: Array, fold: Array) -> Array:
    """(rows of *first*,): score with the trees of models that did not see the name."""
    of_row = fold[lists.query[first.rows]]
    score = first.score.copy()
    for number in range(FOLDS):
        train, test = of_row != number, of_row == number
        seen = First(first.rows[train], first.inputs[train], first.score[train])
        score[test] += fit_trees(lists, seen, weight).predict(first.inputs[test])
    return score + reranking.everyday(lists.x[first.rows])


def ranked(lists: Lists, first: First, score: Array) -> list[Array]:
    """By name, the places in *first* of its candidates, best first."""
    query = lists.query[first.rows]
    order = np.lexsort((-score, query))
    starts = np.flatnonzero(np.r_[True, np.diff(query[order]) != 0])
    return np.split(order, starts[1:])


def report(
    title: str, asked: list[Query], lists: Lists, first: First, score: Array, table: Any
) -> None:
    """Print hit@1, hit@5, same group and energy within 15 % of each file."""
    energy = table.per_100g[:, table.column["ENERC_KCAL"]]
    rows: dict[bool, list[tuple[bool, bool, bool, bool]]] = defaultdict(list)
    missing = set(range(len(asked)))
    for places in ranked(lists, first, score):
        number = int(lists.query[first.rows[places[0]]])
        missing.discard(number)
        food = lists.food[first.rows[places]]
        query = asked[number]
        rows[query.everyday].append(
            (
                food[0] == query.row,
                query.row in food[:5],
                table.foods[food[0]].group_code == table.foods[query.row].group_code,
                near(energy, food[0], query.row),
            )
        )
    for number in missing:
        rows[asked[number].everyday].append((False, False, False, False))
    for everyday, found in sorted(rows.items(), reverse=True):
        hit1, hit5, group, energy15 = 100 * np.array(found).mean(axis=0)
        file = "food_names" if everyday else "food_names_canada"
        print(
            f"{title}, {file}: hit1 {hit1:.1f}  hit5 {hit5:.1f}  same_group {group:.1f}  "
            f"energy15 {energy15:.1f}  of {len(found)}",
            flush=True,
        )


def calibrate(
    asked: list[Query], lists: Lists, first: First, score: Array, fold: Array, table: Any
) -> Any:
    """The model of the confidence; prints how right held-out confidences are."""
    energy = table.per_100g[:, table.column["ENERC_KCAL"]]
    x, right, alike, number = [], [], [], []
    for places in ranked(lists, first, score):
        rows = first.rows[places]
        query = int(lists.query[rows[0]])
        x.append(confidence.inputs(first.inputs[places[0]], score[places], lists.x[rows])[0])
        best, wanted = int(lists.food[rows[0]]), asked[query].row
        right.append(best == wanted)
        alike.append(
            table.foods[best].group_code == table.foods[wanted].group_code
            and near(energy, best, wanted)
        )
        number.append(query)
    inputs, hit, close = np.array(x), np.array(right, np.float64), np.array(alike)
    everyday = np.array([asked[query].everyday for query in number])
    weight = np.where(everyday, 1.0, 0.5)
    of_name = fold[number]
    chance = np.zeros(len(hit))
    for held in range(FOLDS):
        train, test = of_name != held, of_name == held
        model = fit_confidence.fit(inputs[train], hit[train], weight[train])
        chance[test] = 1 / (1 + np.exp(-model.predict(inputs[test])))
    for title, where in (("everyday", everyday), ("both files", np.ones(len(hit), bool))):
        print(f"held-out confidence, {title}")
        lines = fit_confidence.reliability(chance[where], hit[where], close[where])
        print(*lines, sep="\n", flush=True)
    return fit_confidence.fit(inputs, hit, weight)


def as_weights(matcher: Matcher, linear: Linear) -> Weights:
    vocabulary = list(matcher.index.vocabulary)

    def by_word(values: Array) -> dict[str, float]:
        kept = np.flatnonzero(np.abs(values) >= 0.01)
        return dict(sorted((vocabulary[i], round(float(values[i]), 3)) for i in kept))

    return Weights(
        {
            name: round(float(value), 4)
            for name, value in zip(matcher.feature_names, linear.features, strict=True)
        },
        by_word(linear.unmentioned),
        by_word(linear.mentioned),
    )


def as_arrays(trees: Any) -> dict[str, Any]:
    """A CatBoost model as the arrays of `nutrition/foods/trees.py`."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        trees.save_model(file.name, format="json")
        content = json.loads(Path(file.name).read_bytes())
    numbers = {f["flat_feature_index"]: f for f in content["features_info"]["float_features"]}
    depth = max(len(tree["splits"]) for tree in content["oblivious_trees"])
    feature, border, leaves = [], [], []
    for tree in content["oblivious_trees"]:
        splits = tree["splits"]
        index = [numbers[split["float_feature_index"]]["flat_feature_index"] for split in splits]
        # A tree of fewer levels asks what is never so, and its leaves stay the first ones.
        feature.append(index + [0] * (depth - len(splits)))
        border.append(
            [round(split["border"], 5) for split in splits] + [1e9] * (depth - len(splits))
        )
        values = [round(value, 4) for value in tree["leaf_values"]]
        leaves.append(values + [0.0] * (2**depth - len(values)))
    _, (bias,) = content["scale_and_bias"]
    return {"feature": feature, "border": border, "leaves": leaves, "bias": round(bias, 4)}


def count_uses(recipes: Path) -> str:
    """`data/food_uses.txt` from FNDDS's recipes of several ingredients."""
    foods: dict[str, set[str]] = defaultdict(set)
    with recipes.open(encoding="latin-1") as lines:
        next(lines)
        for line in lines:
            fields = line.split("^")
            foods[fields[0]].add(fields[4].zfill(5))
    uses = Counter(food for found in foods.values() if len(found) > 1 for food in found)
    head = (
        "# <NDB number> <in how many recipes of several ingredients it is one>.\n"
        "# Counted by benchmarks/fit_weights.py --uses from the recipes of USDA's Food and\n"
        "# Nutrient Database for Dietary Studies (public domain); five digits are SR's.\n"
    )
    return head + "".join(f"{code} {uses[code]}\n" for code in sorted(uses) if len(code) == 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--write", action="store_true", help="fit on all and write the weights")
    parser.add_argument("--uses", type=Path, help="count the uses of foods anew from this file")
    options = parser.parse_args()
    if options.uses:
        (DATA / "food_uses.txt").write_text(count_uses(options.uses), encoding="utf-8")

    table = catalogue.load(unpacking.unpack(DATA / "sr28.npz", options.work))
    pairs = aliases.read_folder(DATA / "food_aliases")
    uses = model.read_uses(DATA / "food_uses.txt")
    out = DATA / "food_weights.json"
    start = Weights({"said": 9.0, "name_said": 4.0, "alias": 3.0, "log_uses": 0.3}, {}, uses=uses)
    matcher = Matcher(table, pairs, start)
    asked = queries(options.data, table)
    lists = gather(matcher, [(query.name, query.row) for query in asked])
    weight = np.array([1.0 if query.everyday else CANADIAN_WEIGHT for query in asked])
    shared = shared_words(matcher)
    fold = np.random.default_rng(0).integers(FOLDS, size=len(asked))

    parts = np.zeros((len(lists.query), 3))
    for number in range(FOLDS):
        test = fold[lists.query] == number
        linear = fit_linear(lists.where(~test), weight, shared)
        parts[test] = linear.parts(lists.where(test))
    first = first_few(lists, parts)
    report("held out, linear", asked, lists, first, first.score, table)
    score = held_out_trees(lists, first, weight, fold)
    report("held out, with trees", asked, lists, first, score, table)
    calibration = calibrate(asked, lists, first, score, fold, table)
    if options.write:
        weights = as_weights(matcher, fit_linear(lists, weight, shared))
        content = {
            "features": weights.features,
            "unmentioned": weights.unmentioned,
            "mentioned": weights.mentioned,
            "trees": as_arrays(fit_trees(lists, first, weight)),
            "confidence": as_arrays(calibration),
        }
        out.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"written: {out}")


if __name__ == "__main__":
    main()
