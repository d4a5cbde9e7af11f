"""Fit the matcher's linear weights by a listwise softmax, with five-fold cross-validation.

    python -m benchmarks.fit_weights --data DIR [--write]

DIR holds food_names.csv and food_names_canada.csv (an everyday name, and the NDB number it stands
for). Fits one weight a feature and one a word that many foods share; no labelled name and no count
of labels per food is stored. Prints held-out figures; `--write` fits on all and writes the weights.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nutrition import catalogue
from nutrition.foods import aliases, features
from nutrition.foods.matcher import Matcher, Weights

REPOSITORY = Path(__file__).parents[1]
TRAINED_CANDIDATES = 80
# A word gets a weight of its own where this many foods say it: states and cuts, not single foods.
SHARED_BY = 12
STEPS = 160
# An everyday name written by hand is knowledge: labels, wrong in one of ten, do not unlearn it.
ALIAS_WEIGHT = 2.0
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    row: int
    everyday: bool


def queries(data: Path, table: catalogue.Catalogue) -> list[Query]:
    """Every labelled name whose food is in the catalogue."""
    found = []
    files = (("food_names.csv", "ingredient_name"), ("food_names_canada.csv", "cnf_description_en"))
    for file, column in files:
        with (data / file).open(newline="", encoding="utf-8") as lines:
            for record in csv.DictReader(lines):
                try:
                    row = table.index_of_ndb(record["ndb_no"])
                except KeyError:
                    continue
                found.append(Query(record[column], row, file == "food_names.csv"))
    return found


@dataclass(frozen=True, slots=True)
class Lists:
    """Candidates of all queries, stacked; unmentioned: (lists, candidates, words), columns."""

    x: np.ndarray
    unmentioned: np.ndarray
    target: np.ndarray
    weight: np.ndarray


def gather(matcher: Matcher, asked: list[Query]) -> Lists:
    """Features of the candidates of every query whose labelled food is among them."""
    index = matcher.index
    size, width = TRAINED_CANDIDATES, index.tokens.shape[1]
    columns = len(matcher.feature_names)
    x = np.zeros((len(asked), size, columns), np.float32)
    unmentioned = np.full((len(asked), size, width), index.pad, np.int32)
    target = np.full(len(asked), -1)
    for number, query in enumerate(asked):
        found = matcher.candidates(query.name)
        if found is None:
            continue
        rows, matrix, missing, scores = found
        order = np.argsort(-scores)[:size]
        position = np.flatnonzero(rows[order] == query.row)
        if len(position) == 0:
            outside = np.flatnonzero(rows == query.row)
            if len(outside) == 0:
                continue
            order[-1], position = outside[0], np.array([len(order) - 1])
        x[number, : len(order)] = matrix[order]
        tokens = index.tokens[rows[order]]
        unmentioned[number, : len(order)] = np.where(missing[order], tokens, index.pad)
        x[number, len(order) :, 0] = -50  # padding: a candidate that says less than nothing
        target[number] = position[0]
    weight = np.array([1.0 if query.everyday else 0.5 for query in asked], np.float32)
    keep = target >= 0
    return Lists(x[keep], unmentioned[keep], target[keep], weight[keep])


def fit(lists: Lists, words: int, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Minimise the listwise cross-entropy with Adam; L2 keeps the words' weights small."""
    w = np.zeros(lists.x.shape[2], np.float32)
    u = np.zeros(words, np.float32)
    w[0] = 5
    moments = [np.zeros_like(w), np.zeros_like(w), np.zeros_like(u), np.zeros_like(u)]
    alias = features.BASE.index("alias")
    w[alias] = ALIAS_WEIGHT
    rows = np.arange(len(lists.target))
    flat = lists.unmentioned.reshape(-1)
    width = lists.unmentioned.shape[2]
    total = lists.weight.sum()
    for step in range(1, STEPS + 1):
        score = lists.x @ w + u[lists.unmentioned].sum(axis=2)
        score -= score.max(axis=1, keepdims=True)
        p = np.exp(score)
        p /= p.sum(axis=1, keepdims=True)
        p[rows, lists.target] -= 1
        p *= (lists.weight / total)[:, None]
        gw = np.einsum("qc,qcf->f", p, lists.x, optimize=True) + 2e-4 * w
        gw[alias] = 0
        gu = np.bincount(flat, np.repeat(p.reshape(-1), width), words).astype(np.float32)
        gu = (gu + 4e-4 * u) * shared
        rate = 0.12 if step < STEPS * 2 // 3 else 0.04
        for value, gradient, (m, v) in ((w, gw, moments[:2]), (u, gu, moments[2:])):
            m[:] = 0.9 * m + 0.1 * gradient
            v[:] = 0.99 * v + 0.01 * gradient**2
            value -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    return w, u


def as_weights(matcher: Matcher, w: np.ndarray, u: np.ndarray, confidence: list[float]) -> Weights:
    vocabulary = list(matcher.index.vocabulary)
    return Weights(
        {
            name: round(float(value), 3)
            for name, value in zip(matcher.feature_names, w, strict=True)
        },
        {vocabulary[i]: round(float(u[i]), 3) for i in np.flatnonzero(np.abs(u) > 0.05)},
        [round(value, 3) for value in confidence],
    )


def calibrate(matcher: Matcher, asked: list[Query]) -> list[float]:
    """Logistic regression of "the first answer is right" on what the confidence is made of."""
    inputs, right = [], []
    for query in asked:
        found = matcher.candidates(query.name)
        if found is None:
            continue
        rows, matrix, _, scores = found
        best = int(np.argmax(scores))
        exponent = np.exp(scores - scores[best])
        share = 1 / exponent.sum()
        inputs.append([1.0, share, matrix[best, 0], matrix[best, 10]])
        right.append(float(rows[best] == query.row))
    x, y = np.array(inputs), np.array(right)
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ beta)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(beta))
        beta += np.linalg.solve(hessian, x.T @ (y - p) - 1e-3 * beta)
    return [float(b) for b in beta]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument(
        "--write", action="store_true", help="fit on all rows and write the weights"
    )
    options = parser.parse_args()
    out = REPOSITORY / "data" / "food_weights.json"

    archive = REPOSITORY / "data" / "sr28.npz"
    table = catalogue.load(catalogue.unpack(archive, options.work))
    pairs = aliases.read_folder(REPOSITORY / "data" / "food_aliases")
    start = Weights({"said": 5.0, "name_said": 2.0, "alias": 3.0}, {}, [0, 1, 0, 0])
    matcher = Matcher(table, pairs, Weights.load(out) if out.exists() else start)
    asked = queries(options.data, table)
    counts = Counter(int(t) for t in matcher.index.tokens.reshape(-1))
    shared = np.array(
        [counts[i] >= SHARED_BY and i < matcher.index.pad for i in range(matcher.index.pad + 1)]
    ).astype(np.float32)

    fold = np.random.default_rng(0).integers(FOLDS, size=len(asked))
    figures: dict[str, list[tuple[bool, bool]]] = {"everyday": [], "canada": []}
    for number in range(FOLDS):
        train = [query for query, f in zip(asked, fold, strict=True) if f != number]
        lists = gather(matcher, train)
        w, u = fit(lists, len(shared), shared)
        before = matcher.weights
        matcher.use(as_weights(matcher, w, u, [0, 1, 0, 0]))
        for query, f in zip(asked, fold, strict=True):
            if f == number:
                match = matcher.match(query.name)
                rows = (
                    [match.food_index, *(a.food_index for a in match.alternatives)] if match else []
                )
                figures["everyday" if query.everyday else "canada"].append(
                    (rows[:1] == [query.row], query.row in rows)
                )
        matcher.use(before)
    for name, pairs_ in figures.items():
        hit = np.array(pairs_).mean(axis=0) * 100
        print(f"held out, {name}: hit@1 {hit[0]:.1f} %, hit@5 {hit[1]:.1f} % of {len(pairs_)}")
    if options.write:
        w, u = fit(gather(matcher, asked), len(shared), shared)
        matcher.use(as_weights(matcher, w, u, [0, 1, 0, 0]))
        everyday = [query for query in asked if query.everyday]
        weights = as_weights(matcher, w, u, calibrate(matcher, everyday))
        content = {
            "features": weights.features,
            "unmentioned": dict(sorted(weights.unmentioned.items())),
            "confidence": weights.confidence,
        }
        out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(f"written: {out}")


if __name__ == "__main__":
    main()
