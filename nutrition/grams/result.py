"""What a weighing answers: grams with a basis and a spread, or a reason."""

from __future__ import annotations

from dataclasses import dataclass

from nutrition.status import Status

# The basis of a weight that the line itself gives.
STATED = "mass"


@dataclass(frozen=True, slots=True)
class Grams:
    """The weight of a line. grams: g of the edible part, NaN unless the status is ok.

    basis: where the figure comes from ("portion: 1 cup = 125 g"). reason: why there is none.
    spread: relative standard uncertainty of the weight (0.1 is 10 % of it), by its basis.
    """

    status: Status
    grams: float = float("nan")
    basis: str = ""
    reason: str = ""
    spread: float = 0.0
