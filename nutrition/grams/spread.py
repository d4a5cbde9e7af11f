"""How far a weight may be off: its relative standard uncertainty by where it comes from.

0.1 means that about two in three such weights lie within 10 %. Where SR28 gives the standard
deviation of a portion over its samples, that is taken; the other figures are rounded medians of
how far SR28's own portions of one kind lie apart (2,032 portions with a deviation: volumes 0.06,
counts 0.15), or, for what nobody measured, judgement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nutrition.lines.parsing import Amount

# A kitchen scale and the net weight on a package: 1 %.
STATED = 0.01
# A cup by the food's own portion of that unit: how a cook fills it (SR28 volumes: 0.06).
VOLUME = 0.07
# The same over another unit, a cup for a spoon: what is heaped on a spoon is not its 16th of a cup.
OTHER_UNIT = 0.10
# A piece by the food's own portion: pieces differ (SR28 counts: 0.15).
COUNT = 0.15
# The density, or a piece, of foods that share the name.
RELATIVES = 0.15
# The density of a food group: its foods differ by a quarter.
GROUP = 0.25
# A customary weight from kitchen tables and packages.
ASSUMED = 0.30
# No food of the group has a volume: water's density is a stand-in.
WATER = 0.35
# Pinch, handful, splash: a hand is no measure.
BY_HAND = 0.40
# What a cook takes where the recipe says no amount: between half and twice the customary one.
UNSTATED = 0.70
# A stated weight that the same line's volume belies: one of the two is wrong, or the cup was full
# of another form of the food.
DISPUTED = 0.20
# A share that is drained off or thrown away, as known for the food or its kind.
SHARE = 0.08

# No portion is known better than this, however few its samples differed.
LEAST = 0.02


def of_samples(deviation: float | None, points: int | None, grams: float, usual: float) -> float:
    """The spread of a portion that SR28 measured *points* times, else *usual*."""
    if deviation is None or points is None or points < 3 or grams <= 0:
        return usual
    return max(LEAST, deviation / grams)


def of_range(amount: Amount) -> float:
    """That of "2-3 cups": any figure between is as likely (the deviation of an even spread)."""
    middle = abs(amount.middle)
    return abs(amount.high - amount.quantity) / (math.sqrt(12) * middle) if middle else 0.0


def together(*parts: float) -> float:
    """Independent relative uncertainties of factors, in one."""
    return math.hypot(*parts)


def of_sum(grams: Sequence[float], spreads: Sequence[float]) -> float:
    """The relative uncertainty of a sum of independent terms."""
    total = abs(sum(grams))
    return math.hypot(*(g * s for g, s in zip(grams, spreads, strict=True))) / total if total else 0
