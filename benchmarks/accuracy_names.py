"""How often the matcher names the labelled food, and how far its confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_sets import Labelled
from nutrition.engine import Engine

#: Steps of confidence, by the lower end of each.
STEPS = (0.0, 0.12, 0.3, 0.5, 0.7, 0.9)
_NEAR = 0.15


def near(energy: NDArray[np.float64], found: int, wanted: int) -> bool:
    """Whether a food is within 15 % of the energy of another. energy: (foods,), kcal in 100 g."""
    return bool(abs(energy[found] - energy[wanted]) <= _NEAR * max(energy[wanted], 1))


def of_names(engine: Engine, names: Sequence[Labelled]) -> dict[str, float]:
    """In percent: the labelled food is first (hit1) or among the first five (hit5); the first is of
    its food group (same_group); the first is within 15 % of its energy (energy15)."""
    foods = engine.catalogue.foods
    energy = engine.catalogue.per_100g[:, engine.catalogue.column["ENERC_KCAL"]]
    rows = []
    for one in names:
        match = engine.matcher.match(one.name)
        if match is None:
            rows.append((False, False, False, False))
            continue
        first = match.food_index
        rows.append(
            (
                first == one.row,
                one.row in (first, *(other.food_index for other in match.alternatives)),
                foods[first].group_code == foods[one.row].group_code,
                near(energy, first, one.row),
            )
        )
    shares = (np.array(rows or [(False,) * 4]).mean(axis=0) * 100).round(1).tolist()
    found: dict[str, float] = dict(
        zip(("hit1", "hit5", "same_group", "energy15"), shares, strict=True)
    )
    return found | {"count": len(rows)}


def reliability(engine: Engine, names: Sequence[Labelled]) -> dict[str, dict[str, float]]:
    """By step of confidence, in percent: how many of the names' first answers are so sure (share),
    how sure on the mean (stated), and how many of those are the labelled food (right)."""
    stated: list[float] = []
    right: list[bool] = []
    for one in names:
        match = engine.matcher.match(one.name)
        if match is not None:
            stated.append(match.confidence)
            right.append(match.food_index == one.row)
    sure, hit = np.array(stated), np.array(right, np.bool_)
    found = {}
    for low, high in zip(STEPS, (*STEPS[1:], np.inf), strict=True):
        among = (sure >= low) & (sure < high)
        if among.any():
            found[f"from_{low:g}"] = {
                "share": round(100 * float(among.sum()) / len(names), 1),
                "stated": round(100 * float(sure[among].mean()), 1),
                "right": round(100 * float(hit[among].mean()), 1),
                "count": int(among.sum()),
            }
    return found
