"""The first few candidates seen beside each other: what the trees and the confidence look at.

A linear score weighs each food alone. Whether the plain form is meant depends on what else could
be: how far behind the second is, whether all of them are of one group, which is used most.
"""

from __future__ import annotations

import numpy as np

from nutrition.foods import features
from nutrition.foods.index import Floats

BESIDE = (
    "features_behind",  # the three parts of the linear score, minus the first's
    "unmentioned_behind",
    "mentioned_behind",
    "behind",  # their sum
    "rank",
    "share",  # of the softmax
    "share_of_group",  # of the foods of its group together
    "uses_behind",  # its log of uses, minus the most used one's
    "group",  # the group's number, in the order of the catalogue's
    "words",  # of the query
)
# An everyday name written by hand is knowledge: it counts for so much after the trees have spoken,
# who know it only from labels of which one in ten is wrong.
EVERYDAY = 2.0
_ALIAS = features.DYNAMIC.index("alias")
_USES = features.OWN + features.STATIC.index("log_uses")


def softmax(scores: Floats) -> Floats:
    """(candidates,): shares that sum to 1."""
    exponent = np.exp(scores - scores.max())
    return np.asarray(exponent / exponent.sum(), np.float32)


def everyday(matrix: Floats) -> Floats:
    """(candidates,): what it adds to a score that the query is an everyday name of the food."""
    return np.asarray(EVERYDAY * matrix[:, _ALIAS], np.float32)


def inputs(parts: Floats, matrix: Floats, words: int) -> Floats:
    """What the trees ask about: (candidates, `BESIDE` + features without the groups).

    parts: (candidates, 3), the linear score's parts, best candidate first. matrix: their features.
    words: how many the query has.
    """
    count = len(parts)
    scores = parts.sum(axis=1)
    share = softmax(scores)
    group = matrix[:, features.GROUPS :].argmax(axis=1)
    uses = matrix[:, _USES]
    found = np.empty((count, len(BESIDE) + features.GROUPS), np.float32)
    found[:, :3] = parts - parts[0]
    found[:, 3] = scores - scores[0]
    found[:, 4] = np.arange(count)
    found[:, 5] = share
    found[:, 6] = np.bincount(group, share)[group]
    found[:, 7] = uses - uses.max()
    found[:, 8] = group
    found[:, 9] = words
    found[:, len(BESIDE) :] = matrix[:, : features.GROUPS]
    return found
