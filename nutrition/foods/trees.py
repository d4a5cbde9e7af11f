"""Gradient-boosted trees as plain arrays, all of one depth and with one question a level.

Trained by benchmarks/fit_weights.py with CatBoost, whose trees are of this kind: the leaf of every
tree for every candidate is then a sum of powers of two, a few numpy calls in all. Neither CatBoost
nor any other library is needed to ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.foods.index import Floats

# So many levels number the leaves of a tree in eight bits.
MOST_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Trees:
    """feature, border: (depth × trees,), the questions of all trees level by level. leaves: (trees
    × 2^depth,). start: (trees,), each tree's first leaf. powers: (depth,), 1, 2, 4, … bias: what
    all answers have in common."""

    feature: NDArray[np.intp]
    border: Floats
    leaves: Floats
    start: NDArray[np.intp]
    powers: NDArray[np.uint8]
    bias: float = 0.0

    @staticmethod
    def of(arrays: Mapping[str, NDArray[Any]]) -> Trees:
        """From feature, border: (trees, depth) leaves: (trees, 2^depth), and bias, as in the file.

        Raises ValueError where their shapes do not fit each other, or the trees are too deep.
        """
        feature, border, leaves = arrays["feature"], arrays["border"], arrays["leaves"]
        count, depth = feature.shape
        fit = border.shape == feature.shape and leaves.shape == (count, 2**depth)
        if not fit or depth > MOST_LEVELS:
            raise ValueError(f"trees of shapes {feature.shape}, {border.shape}, {leaves.shape}")
        return Trees(
            feature.T.astype(np.intp).reshape(-1),
            border.T.astype(np.float32).reshape(-1),
            leaves.astype(np.float32).reshape(-1),
            np.arange(count) * 2**depth,
            (1 << np.arange(depth)).astype(np.uint8),
            float(arrays["bias"]),
        )

    def scores(self, x: Floats) -> Floats:
        """(candidates,): the sum of the trees' answers for *x*, (candidates, features)."""
        # In whole numbers, level by level: as fast as a product of floats, which numpy hands to a
        # library that now and then warns of invalid values where there are none.
        above = (x.take(self.feature, axis=1) > self.border).view(np.uint8)
        levels = above.reshape(len(x), len(self.powers), -1)
        leaf = np.einsum("xlt,l->xt", levels, self.powers) + self.start
        return np.asarray(self.leaves.take(leaf).sum(axis=1) + self.bias, np.float32)
