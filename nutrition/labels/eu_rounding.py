"""How a label of the EU rounds: section 6 of the Commission's guidance on tolerances.

Source: European Commission, "Guidance document … with regard to the setting of tolerances for
nutrient values declared on a label", December 2012, table 4; the UK follows the same. Exact
decimals; a figure of 5 or more after the last digit kept rounds up. Where the guidance offers "0 g"
or "<0.5 g", the second is taken of what is known in full and not zero: of an amount known in part
nobody can say what it is less than.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from nutrition.labels.rounding import ZERO, nearest


@dataclass(frozen=True, slots=True)
class Rounded:
    """A figure as declared: its number, the same with its decimals, and "<" where it is below."""

    value: Decimal
    shown: str


Rounding = Callable[[Decimal, bool], Rounded]


@dataclass(frozen=True, slots=True)
class Band:
    """From `start` on the nearest `coarse`, below it `fine`; up to `least` it is below `under`."""

    start: Decimal
    coarse: Decimal
    fine: Decimal
    least: Decimal
    under: Decimal

    def __call__(self, grams: Decimal, whole: bool) -> Rounded:
        """whole: whether the amount is known in full."""
        if grams <= self.least and (whole or grams == ZERO):
            return Rounded(ZERO, "0 g" if grams == ZERO else f"<{self.under} g")
        value = nearest(grams, self.coarse if grams >= self.start else self.fine)
        if value == ZERO:
            return Rounded(ZERO, "0 g")
        # What rounds up to the next band reads like its neighbours there: 9.96 g is 10 g.
        step = self.coarse if value >= self.start else self.fine
        return Rounded(value, f"{digits(value, step)} g")


#: Fat, carbohydrate, sugars, protein, fibre.
MACRO = Band(Decimal(10), Decimal(1), Decimal("0.1"), Decimal("0.5"), Decimal("0.5"))
SATURATES = Band(Decimal(10), Decimal(1), Decimal("0.1"), Decimal("0.1"), Decimal("0.1"))
#: The guidance says "<0.01 g" from 0.0125 g down, which is 5 mg of sodium.
SALT = Band(Decimal(1), Decimal("0.1"), Decimal("0.01"), Decimal("0.0125"), Decimal("0.01"))


def energy(value: Decimal) -> Decimal:
    """To 1 kJ or 1 kcal."""
    return nearest(value, Decimal(1))


def significant(amount: Decimal, digits: int) -> Decimal:
    """A vitamin or mineral to so many significant figures: 3 for vitamin A, folic acid, calcium,
    phosphorus, magnesium and potassium, 2 for the others."""
    if amount == ZERO:
        return ZERO
    step = Decimal(1).scaleb(amount.adjusted() - digits + 1)
    rounded = nearest(amount, step)
    if rounded.adjusted() > amount.adjusted():
        # 0.996 rounds up to a figure with one digit more before its last: 1.0 then, not 1.00.
        step = step.scaleb(1)
    return rounded.quantize(step)


def percent(share: Decimal) -> Decimal:
    """A percentage of a reference intake, to 1 %: the law names no rounding, this is the custom."""
    return nearest(share, Decimal(1))


def digits(value: Decimal, step: Decimal | None = None) -> str:
    """Plain digits, to the places of *step*; in few characters also for what no recipe has."""
    if value >= 10**9:
        return f"{value:.2e}"
    return f"{value if step is None else value.quantize(step):f}"
