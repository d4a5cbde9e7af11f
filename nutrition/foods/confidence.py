"""How likely the first food is the one that was meant: a calibrated chance, not a score.

Trees over the first candidate's features and how it stands to the others, fitted by
benchmarks/fit_weights.py on rankings of names that the ranker had not seen. Labelled names always
have an answer in SR28, a cook's word may have none: what the food's name does not say makes it
doubtful in proportion.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import features
from nutrition.foods.index import Floats
from nutrition.foods.reranking import softmax
from nutrition.foods.trees import Trees

# What the trees ask about after the first candidate's `reranking.inputs`: scores with the trees'.
TERMS = (
    "share_at_last",  # of the softmax over the candidates
    "margin",  # of its score over the second's
    "share_of_group_at_last",  # of the foods of its group together
    "exact_aliases",  # how many candidates have the query as an everyday name
    "foods_of_first_share",  # how many candidates score within 1 of it
)
# What the most can be that is said of a food none of whose naming words were: below the engine's
# threshold of knowing.
UNNAMED = 0.1
# An everyday name written by hand is believed so far even where foods like it crowd the ranking, or
# "beef" would be unknown. It is a floor, no chance: of the labelled names that it lifts few are the
# very food (butter with salt or without), six in ten are within 15 % of its energy.
ALIASED = 0.25
_OF_NAME = [features.DYNAMIC.index(name) for name in ("said", "alias", "alias_inside")]
_ALIAS = _OF_NAME[1]


def inputs(first: Floats, scores: Floats, matrix: Floats) -> Floats:
    """(1, inputs of `reranking` + `TERMS`) for the first of the ranked candidates.

    first: its `reranking.inputs`. scores, matrix: (candidates,) and their features, best first.
    """
    return _inputs(first, scores, softmax(scores), matrix)


def _inputs(first: Floats, scores: Floats, share: Floats, matrix: Floats) -> Floats:
    group = features.GROUPS + int(matrix[0, features.GROUPS :].argmax())
    found = np.empty((1, len(first) + len(TERMS)), np.float32)
    found[0, : len(first)] = first
    found[0, len(first) :] = (
        share[0],
        scores[0] - scores[1] if len(scores) > 1 else 10,
        share[matrix[:, group] > 0].sum(),
        matrix[:, _ALIAS].sum(),
        np.count_nonzero(scores > scores[0] - 1),
    )
    return found


def chances(
    trees: Trees | None,
    first: Floats,
    scores: Floats,
    matrix: Floats,
    named: NDArray[np.bool_],
) -> list[float]:
    """The chance of each of the ranked, best first; falls along the order.

    The first's is calibrated; the others share what it leaves as they share the softmax.
    first, scores, matrix: see `inputs`. named: of the best few, whether the query says a word that
    names them.
    """
    share = softmax(scores)
    sure = float(share[0])
    if trees is not None:
        sure = 1 / (1 + math.exp(-trees.scores(_inputs(first, scores, share, matrix))[0]))
    rest = (1 - sure) / max(1 - float(share[0]), 1e-6)
    found, least = [], 1.0
    # A few numbers each: plain arithmetic is done before numpy has begun.
    of_name = matrix[: len(named), _OF_NAME].tolist()
    best = zip(share[: len(named)].tolist(), named.tolist(), of_name, strict=True)
    for place, (part, is_named, (said, alias, inside)) in enumerate(best):
        chance = part * rest if place else sure
        if alias <= 0:
            chance *= min(1, 2 * said)
        if not is_named and inside <= 0:
            chance = min(chance, UNNAMED)
        if alias > 0 and not place:
            chance = max(chance, ALIASED)
        least = min(least, chance)
        found.append(round(least, 4))
    return found
