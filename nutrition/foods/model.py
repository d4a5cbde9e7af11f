"""The trained parts of the matcher, as data: see benchmarks/fit_weights.py for how they come about.

`data/food_weights.json` holds weights, trees and the calibration; `data/food_uses.txt`, beside it,
how often USDA's survey database uses a food: public-domain figures, no label of any test set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nutrition.errors import MissingData
from nutrition.foods.trees import Trees


@dataclass(frozen=True, slots=True)
class Weights:
    """What a match is worth.

    features: by feature. unmentioned: by word that only the food says; mentioned: by word that both
    say. trees: what orders the first few anew; None leaves the linear order. confidence: the logit
    of the first's chance; None takes its share of the softmax. uses: by NDB number, in how many
    recipes of USDA's survey database the food is one of several ingredients.
    """

    features: Mapping[str, float]
    unmentioned: Mapping[str, float]
    mentioned: Mapping[str, float] = field(default_factory=dict)
    trees: Trees | None = None
    confidence: Trees | None = None
    uses: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> Weights:
        """Read the files that benchmarks/fit_weights.py writes. Raises `MissingData`."""
        try:
            content: dict[str, Any] = json.loads(path.read_bytes())
            return Weights(
                content["features"],
                content["unmentioned"],
                content["mentioned"],
                _trees(content["trees"]),
                _trees(content["confidence"]),
                read_uses(path.with_name("food_uses.txt")),
            )
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise MissingData(f"{path} holds no matcher weights: {error}") from error


def _trees(arrays: Mapping[str, Any]) -> Trees:
    return Trees.of({name: np.array(values) for name, values in arrays.items()})


def read_uses(path: Path) -> dict[str, int]:
    """Uses by NDB number: `<NDB number> <count>` a line; `#` starts a comment."""
    lines = (line.split("#", 1)[0].split() for line in path.read_text("utf-8").splitlines())
    return {line[0]: int(line[1]) for line in lines if line}
