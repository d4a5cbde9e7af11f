"""How a US label rounds: 21 CFR 101.9(b)(7), (b)(8), (c)(1) to (c)(8) and (d)(7)(ii).

Exact decimals throughout, ties away from zero: 101.9(d)(8) prints potassium 235 mg, exactly 5.0 %
of 4,700 mg, as 6 %. Python's `round` would make 4 of it. Where the regulation offers a choice
("may"), the comment says which one is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

Rounding = Callable[[Decimal], Decimal]

ZERO = Decimal(0)
TENTH, HALF, ONE, TWO, FIVE, TEN = map(Decimal, ("0.1", "0.5", "1", "2", "5", "10"))


def exact(value: float) -> Decimal:
    """The decimal that a sum of published decimals stands for.

    Binary addition leaves 234.99999999999997 where the figures add up to 235. Twelve significant
    digits keep all that food tables know and drop that noise, which would turn ties.
    """
    return Decimal(f"{value:.12g}")


def share(value: float) -> float:
    """A coverage as it is stated: four digits, and 1 for a whole alone, never for 0.99996."""
    return 1.0 if value >= 1 else min(float(f"{value:.4g}"), 0.9999)


def nearest(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of *step* nearest to *value*, ties up."""
    return (value / step).to_integral_value(ROUND_HALF_UP) * step


def calories(kcal: Decimal) -> Decimal:
    """(c)(1): below 5 may be zero, and is here; to 50 the nearest 5; above 50 the nearest 10."""
    if kcal < FIVE:
        return ZERO
    return nearest(kcal, FIVE if kcal <= 50 else TEN)


def fat(grams: Decimal) -> Decimal:
    """(c)(2), total, saturated and trans: below 0.5 zero; below 5 the nearest 0.5; then whole g."""
    if grams < HALF:
        return ZERO
    return nearest(grams, HALF if grams < FIVE else ONE)


def cholesterol(milligrams: Decimal) -> Decimal:
    """(c)(3): the nearest 5 mg. From 2 to below 5 mg the label says "less than 5 mg"."""
    if milligrams < TWO:
        return ZERO
    return max(FIVE, nearest(milligrams, FIVE))


def sodium(milligrams: Decimal) -> Decimal:
    """(c)(4): below 5 zero; 5 to 140 the nearest 5; above 140 the nearest 10 mg."""
    if milligrams < FIVE:
        return ZERO
    return nearest(milligrams, FIVE if milligrams <= 140 else TEN)


def whole_grams(grams: Decimal) -> Decimal:
    """(c)(6) and (c)(7), carbohydrate, fibre, sugars, protein: the nearest g.

    Below 0.5 g it may be zero, and is here; to below 1 g the label says "less than 1 g".
    """
    return ZERO if grams < HALF else nearest(grams, ONE)


def mineral(milligrams: Decimal) -> Decimal:
    """(c)(8)(ii): the levels of significance of (c)(8)(iv), which are whole mg for Ca and K."""
    return nearest(milligrams, ONE)


def trace(amount: Decimal) -> Decimal:
    """(c)(8)(ii), vitamin D and iron: one decimal more than the table, which the rule permits.

    The Reference Daily Intakes are so small (20 µg, 18 mg) that whole units hide what is there.
    """
    return nearest(amount, TENTH)


def percent_drv(percent: Decimal) -> Decimal:
    """(d)(7)(ii), nutrients with a Daily Reference Value: the nearest 1 %."""
    return nearest(percent, ONE)


def percent_rdi(percent: Decimal) -> Decimal:
    """(c)(8)(iii), vitamins and minerals: to 10 % the nearest 2, to 50 the nearest 5, then 10 %.

    The step is that of the percentage before rounding: 10.4 lies above 10, and becomes 10 by fives.
    """
    if percent <= TEN:
        return nearest(percent, TWO)
    return nearest(percent, FIVE if percent <= 50 else TEN)


def serving_grams(grams: Decimal) -> Decimal:
    """(b)(7), the metric serving size: below 2 g the nearest 0.1, to 5 g 0.5, then whole g."""
    if grams < TWO:
        return nearest(grams, TENTH)
    return nearest(grams, HALF if grams < FIVE else ONE)


def servings(count: Decimal) -> Decimal:
    """(b)(8), the number of servings: between 2 and 5 the nearest 0.5, otherwise whole.

    Below one serving nothing is rounded, lest none be left.
    """
    if count < ONE:
        return count
    return nearest(count, HALF if TWO <= count <= FIVE else ONE)
