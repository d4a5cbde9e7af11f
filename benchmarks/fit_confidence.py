"""The calibration of benchmarks/fit_weights.py: how likely the first food is the labelled one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

TREES: dict[str, Any] = {
    "loss_function": "Logloss",
    "iterations": 250,
    "depth": 4,
    "learning_rate": 0.05,
    "l2_leaf_reg": 10,
    "rsm": 0.6,
    "border_count": 64,
    "random_seed": 1,
    "thread_count": 1,
    "verbose": False,
}
Array = NDArray[Any]


def fit(x: Array, right: Array, weight: Array) -> Any:
    """A CatBoost model of the logit. x: (names, inputs). right: (names,), 0 or 1."""
    model = import_module("catboost").CatBoost(TREES)
    model.fit(x, right, sample_weight=weight)
    return model


def reliability(chance: Array, right: Array, near: Array) -> Sequence[str]:
    """A line a tenth: names, mean confidence, right, same group and energy within 15 %."""
    lines = ["confidence   names   mean  right   near"]
    for tenth in range(10):
        where = (chance >= tenth / 10) & ((chance < (tenth + 1) / 10) | (tenth == 9))
        if where.any():
            figures = (chance[where].mean(), right[where].mean(), near[where].mean())
            shown = "  ".join(f"{100 * figure:5.1f}" for figure in figures)
            lines.append(f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}  {where.sum():5}  {shown}")
    return lines
