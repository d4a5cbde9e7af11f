"""What the kitchen is given and what it answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nutrition.catalogue import Food


@dataclass(frozen=True, slots=True)
class Piece:
    """One line with a food and a weight.

    text: the line as written, "" for a food given by its id. purpose: what the line says it is
    for, one of `lines.remarks.PURPOSES`, or "".
    """

    food: Food
    grams: float
    text: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one piece.

    kept: share of its grams that is eaten; assumption: why that is less than 1, with the figure.
    retention: row of `Retention.factors`, 0 for none, and its name. fat_kept: share of its fat,
    and of what fat carries, that stays when fat melts out of it.
    """

    kept: float = 1.0
    retention: int = 0
    retention_basis: str = ""
    assumption: str = ""
    fat_kept: float = 1.0


UNTOUCHED = Effect()


@dataclass(frozen=True, slots=True)
class Cooked:
    """A recipe after cooking. effects: one for each piece, in order. yield_grams: the weight of
    the dish, g, with the words for how it was found."""

    effects: tuple[Effect, ...]
    yield_grams: float
    yield_basis: str
