"""What a line of a recipe says, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a unit. `high` is the upper end of a range, or the quantity again.

    each: the amount is that of one container or piece ("14 oz" in "2 (14 oz) cans").
    unit "" counts pieces. plus: further terms to add ("1 cup plus 2 tbsp"), sign included.
    """

    quantity: float
    high: float
    unit: str = ""
    each: bool = False
    plus: tuple[Amount, ...] = ()

    @property
    def middle(self) -> float:
        """The quantity to reckon with: the middle of a range."""
        return (self.quantity + self.high) / 2


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What a line says. Texts are "" and amounts empty where it says nothing.

    names: the food, then its alternatives ("butter or margarine"). amounts: as written, the same
    thing said twice included ("1 cup (240 ml)"). problem: why the line cannot be reckoned with, in
    plain words. heading: the line titles a part of the recipe, or names a tool, and is no food.
    drained: its liquid is poured off. purpose: what it is for, one of `remarks.PURPOSES` ("for
    frying", "to serve"). language: an ISO 639 code where the line is not English and so not read
    ("und" where even the language is not known), "" for English and for what could be English.
    """

    text: str
    names: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    size: str = ""
    preparation: str = ""
    comment: str = ""
    optional: bool = False
    to_taste: bool = False
    heading: bool = False
    problem: str = ""
    drained: bool = False
    purpose: str = ""
    language: str = ""

    @property
    def name(self) -> str:
        return self.names[0] if self.names else ""
