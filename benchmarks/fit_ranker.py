"""The two fits of benchmarks/fit_weights.py: linear weights, then trees over their ranking.

Both minimise the listwise cross-entropy: the labelled food's share of the softmax over a name's
candidates. SciPy and CatBoost are asked for here alone; the product needs neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import features, reranking
from nutrition.foods.matcher import RERANKED, Matcher

# Candidates of a name that the linear fit sees.
TRAINED = 60
# A word gets a weight of its own where this many foods say it: states and cuts, not single foods.
SHARED_BY = 12
# L2 on a feature's weight (features scaled to unit deviation), an unmentioned, a mentioned word's.
RIDGE = (3e-4, 3e-4, 1e-3)
LINEAR_STEPS = 90
# An everyday name written by hand is knowledge: labels, wrong in one of ten, do not unlearn it.
ALIAS_BONUS = 1.5
TREES: dict[str, Any] = {
    "loss_function": "QuerySoftMax",
    "iterations": 150,
    "depth": 5,
    "learning_rate": 0.06,
    "l2_leaf_reg": 5,
    "rsm": 0.4,
    "subsample": 0.7,
    "bootstrap_type": "Bernoulli",
    "boosting_type": "Plain",
    "border_count": 64,
    "random_seed": 1,
    "thread_count": 1,
    "verbose": False,
}
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Lists:
    """Candidates of all names, one under another; a name's stand together, `query` ascending.

    x: (rows, features). unmentioned, mentioned: sparse (rows, words). food, query: (rows,).
    answer: (rows,) bool, the labelled food. words: (queries,), words of each name.
    """

    x: Array
    unmentioned: Any
    mentioned: Any
    food: Array
    query: Array
    answer: Array
    words: Array

    def where(self, rows: Array) -> Lists:
        return Lists(
            self.x[rows],
            self.unmentioned[rows],
            self.mentioned[rows],
            self.food[rows],
            self.query[rows],
            self.answer[rows],
            self.words,
        )

    def starts(self) -> Array:
        return np.flatnonzero(np.r_[True, self.query[1:] != self.query[:-1]])

    def answered(self) -> Array:
        """(rows,): whether the labelled food is among the name's candidates."""
        return (np.bincount(self.query, self.answer, len(self.words)) > 0)[self.query]


def gather(matcher: Matcher, asked: Sequence[tuple[str, int]]) -> Lists:
    """The first candidates of every (name, row of the labelled food)."""
    sparse = import_module("scipy.sparse")
    index = matcher.index
    parts: dict[str, list[Array]] = {key: [] for key in ("x", "food", "query", "answer")}
    places: dict[str, list[Array]] = {key: [] for key in ("ur", "uc", "mr", "mc")}
    words, rows = np.zeros(len(asked), np.int64), 0
    for number, (name, answer) in enumerate(asked):
        found = matcher.candidates(name)
        if found is None:
            continue
        order = np.argsort(-found.scores, kind="stable")[:TRAINED]
        food = found.rows[order]
        tokens = index.tokens[food, : found.mentioned.shape[1]]
        for key, flags in (("u", found.unmentioned), ("m", found.mentioned)):
            place, column = np.nonzero(flags[order])
            places[f"{key}r"].append(place + rows)
            places[f"{key}c"].append(tokens[place, column])
        parts["x"].append(found.features[order])
        parts["food"].append(food)
        parts["query"].append(np.full(len(food), number))
        parts["answer"].append(food == answer)
        words[number] = len(found.asked.words)
        rows += len(food)

    def matrix(key: str) -> Any:
        row, column = np.concatenate(places[f"{key}r"]), np.concatenate(places[f"{key}c"])
        ones = np.ones(len(row), np.float32)
        return sparse.csr_matrix((ones, (row, column)), shape=(rows, index.pad + 1))

    x, food, query, found_answer = (np.concatenate(parts[key]) for key in parts)
    return Lists(x, matrix("u"), matrix("m"), food, query, found_answer, words)


def shared_words(matcher: Matcher) -> Array:
    """The columns of words that many foods say."""
    tokens = matcher.index.tokens
    counts = np.bincount(tokens[tokens < matcher.index.pad], minlength=matcher.index.pad + 1)
    return np.flatnonzero(counts >= SHARED_BY)


@dataclass(frozen=True, slots=True)
class Linear:
    """features: (features,). unmentioned, mentioned: (words,), 0 where a word has no weight."""

    features: Array
    unmentioned: Array
    mentioned: Array

    def parts(self, lists: Lists) -> Array:
        """(rows, 3): what each kind of weight adds up to."""
        return np.column_stack(
            [
                lists.x @ self.features,
                lists.unmentioned @ self.unmentioned,
                lists.mentioned @ self.mentioned,
            ]
        )


def fit_linear(lists: Lists, weight: Array, shared: Array) -> Linear:
    """Minimise the cross-entropy with L-BFGS. weight: (queries,), of each name."""
    minimize = import_module("scipy.optimize").minimize
    lists = lists.where(lists.answered())
    starts = lists.starts()
    lengths = np.diff(np.r_[starts, len(lists.query)])
    each = weight[lists.query[starts]]
    each = (each / each.sum()).astype(np.float32)
    deviation = lists.x.std(axis=0) + 1e-3
    x = (lists.x / deviation).astype(np.float32)
    u, m = lists.unmentioned[:, shared], lists.mentioned[:, shared]
    ut, mt = u.T.tocsr(), m.T.tocsr()
    answer = lists.answer.astype(np.float32)
    first, second = x.shape[1], x.shape[1] + len(shared)
    ridge = np.repeat(RIDGE, (first, len(shared), len(shared)))

    def loss(w: Array) -> tuple[float, Array]:
        v = w.astype(np.float32)
        score = x @ v[:first] + u @ v[first:second] + m @ v[second:]
        score -= np.repeat(np.maximum.reduceat(score, starts), lengths)
        exponent = np.exp(score)
        total = np.add.reduceat(exponent, starts)
        gain = np.add.reduceat(score * answer, starts) - np.log(total)
        error = (exponent / np.repeat(total, lengths) - answer) * np.repeat(each, lengths)
        gradient = np.concatenate([x.T @ error, ut @ error, mt @ error]) + ridge * w
        return float(-(each * gain).sum() + (ridge * w * w).sum() / 2), gradient

    start = np.zeros(len(ridge))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": LINEAR_STEPS}).x
    words = np.zeros((2, lists.unmentioned.shape[1]))
    words[:, shared] = found[first:].reshape(2, -1)
    weights = found[:first] / deviation
    weights[features.DYNAMIC.index("alias")] += ALIAS_BONUS
    return Linear(weights, words[0], words[1])


@dataclass(frozen=True, slots=True)
class First:
    """The first few of every name by the linear score, as the trees see them, best first.

    rows: their places in `Lists`. inputs: (rows, inputs). score: (rows,), the linear one.
    """

    rows: Array
    inputs: Array
    score: Array


def first_few(lists: Lists, parts: Array) -> First:
    """parts: (rows, 3), from weights that did not see the name."""
    score = parts.sum(axis=1)
    order = np.lexsort((-score, lists.query))
    rows, inputs = [], []
    ends = np.r_[lists.starts()[1:], len(order)]
    for start, end in zip(lists.starts(), ends, strict=True):
        best = order[start : min(end, start + RERANKED)]
        words = int(lists.words[lists.query[best[0]]])
        rows.append(best)
        inputs.append(reranking.inputs(parts[best].astype(np.float32), lists.x[best], words))
    found = np.concatenate(rows)
    return First(found, np.concatenate(inputs), score[found])


def fit_trees(lists: Lists, first: First, weight: Array) -> Any:
    """A CatBoost model that adds to the linear score."""
    catboost = import_module("catboost")
    kept = lists.where(first.rows)
    use = kept.answered()
    query = kept.query[use]
    pool = catboost.Pool(
        first.inputs[use],
        label=kept.answer[use].astype(np.float64),
        group_id=query,
        group_weight=weight[query],
        baseline=first.score[use],
    )
    model = catboost.CatBoost(TREES)
    model.fit(pool)
    return model
