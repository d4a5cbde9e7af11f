"""How far off a total may be: its 95 % interval, from what is known of each line's uncertainty.

Three things are uncertain of a line, and lines are taken as independent, so variances add up:

- the value in the table: SR28's standard error; where it gives none, what foods usually differ by
  for that nutrient (`Usual`), less for more analyses behind the value;
- the weight: `spread`, the relative standard uncertainty that its basis has;
- the food: it is the one meant with the probability `confidence`, else one of the runners-up, which
  differ from it by so much in the mean, weighed by their confidences. (Not in the mean square: one
  wild runner-up among likely ones, dried milk for milk, would drown all else.)

The interval speaks of the known part of the meal: not of lines without food or grams, nor of foods
without a value. Coverage says how much that leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.totals.sums import Floats, Indices

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

# Standard deviations to either side that hold 95 % of a normal distribution.
NORMAL_95 = 1.96
# A runner-up counts for no more than so many times the value: milk powder is among milk's, and
# whoever meant it would not pour a cup of it. It halves the intervals of minerals.
MOST_APART = 2.0
# What the value of another food differs by, relatively, where no runner-up has a value.
OTHER_FOOD = 0.5
# Foods whose deviations are known, for the median of them to be called usual.
ENOUGH_FOODS = 10
# The fewest analyses from which a deviation is worth reckoning.
ENOUGH_POINTS = 3
# No deviation is taken for more: of a nutrient that is mostly traces, it is mostly noise.
MOST_USUAL = 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """low, high: (nutrients,), at least 0, around the total; NaN where the total is unknown."""

    low: Floats
    high: Floats


def usual_deviation(
    per_100g: Floats, standard_error: Floats, data_points: NDArray[np.integer]
) -> Floats:
    """What single samples of a food usually differ by, relatively: (nutrients,), 0 to MOST_USUAL.

    The median over the foods of a table with a standard error from ENOUGH_POINTS analyses or more,
    of the deviation between samples (standard error x sqrt(analyses)) by the value. A nutrient with
    fewer than ENOUGH_FOODS of them gets the median of the others.
    """
    ok = (data_points >= ENOUGH_POINTS) & (per_100g > 0) & (standard_error > 0)
    relative = np.full(per_100g.shape, np.nan)
    relative[ok] = standard_error[ok] * np.sqrt(data_points[ok]) / per_100g[ok]
    many = ok.sum(axis=0) >= ENOUGH_FOODS
    usual = np.full(per_100g.shape[1], np.nan)
    usual[many] = np.nanmedian(relative[:, many], axis=0)
    fallback = np.median(usual[many]) if many.any() else MOST_USUAL
    return np.minimum(np.where(many, usual, fallback), MOST_USUAL)


def errors(
    per_100g: Floats, standard_error: Floats, data_points: NDArray[np.integer], usual: Floats
) -> Floats:
    """The standard error of each value, (foods, nutrients): the table's, else the usual one.

    A value without analyses of its own (calculated, imputed) is taken as one from a single sample.
    """
    samples = np.sqrt(np.maximum(data_points, 1))
    return np.where(np.isnan(standard_error), per_100g * usual / samples, standard_error)


def interval(
    grams: Floats,
    spread: Floats,
    values: Floats,
    error: Floats,
    confidence: Floats,
    others: Floats,
    chances: Floats,
) -> Interval:
    """The 95 % interval of the totals of one meal.

    grams, spread, confidence: (foods,): weights in g, their relative standard uncertainty, and the
    probability that the food is the one meant. values, error: (foods, nutrients), per 100 g, NaN
    where unknown. others: (foods, k, nutrients), values of the runners-up, NaN where unknown or
    where there is none; chances: (foods, k), their confidences, 0 where there is none.

    Reckoned about the total as stated. Its upper end lies 1.96 standard deviations above; its lower
    end as many times below the total as the upper is above it, so that it never falls below zero
    and an amount that may be twice as much may as well be half.
    """
    weight = (grams / 100)[:, np.newaxis]
    known = np.where(np.isnan(values), 0.0, values)
    total = (weight * known).sum(axis=0)
    variance = (known * spread[:, np.newaxis]) ** 2 + np.where(np.isnan(error), 0.0, error) ** 2
    doubtful = np.flatnonzero(confidence < 1)
    if len(doubtful):
        doubt = 1 - confidence[doubtful, np.newaxis]
        other = _other_food(known[doubtful], others[doubtful], chances[doubtful])
        variance[doubtful] += doubt * other**2
    # A food without a value adds nothing to the total, and nothing is known of what it leaves out.
    unknown = np.isnan(values) | (grams <= 0)[:, np.newaxis]
    variance[unknown] = 0.0
    high = total + NORMAL_95 * np.sqrt((weight**2 * variance).sum(axis=0))
    low = np.divide(total**2, high, out=np.zeros_like(total), where=high > 0)
    nothing = unknown.all(axis=0)
    return Interval(np.where(nothing, np.nan, low), np.where(nothing, np.nan, high))


def _other_food(known: Floats, others: Floats, chances: Floats) -> Floats:
    """Mean difference of what is meant from these, where it is another food: (foods, nutrients)."""
    difference = np.abs(others - known[:, np.newaxis])
    most = np.where(known > 0, MOST_APART * known, np.inf)
    difference = np.minimum(difference, most[:, np.newaxis])
    has_value = ~np.isnan(difference)
    difference[~has_value] = 0.0
    chance = chances[:, np.newaxis]
    weight = (chance @ has_value)[:, 0]
    apart = (chance @ difference)[:, 0]
    mean = np.divide(apart, weight, out=np.zeros_like(known), where=weight > 0)
    return np.where(weight > 0, mean, OTHER_FOOD * known)


def of_meal(
    catalogue: Catalogue,
    usual: Floats,
    rows: Indices,
    grams: Floats,
    spread: Floats,
    confidence: Floats,
    runners_up: Sequence[Sequence[tuple[int, float]]],
    left: Floats | None = None,
) -> Interval:
    """The 95 % interval of the totals of one meal of foods of the catalogue.

    rows, grams, spread, confidence: (foods,), see `interval`. usual: (nutrients,), see
    `usual_deviation`. runners_up: for each food the rows and confidences of others that may be
    meant. left: (foods, nutrients), what cooking leaves of each nutrient, all by default.
    """
    most = max(map(len, runners_up), default=0)
    other = np.zeros((len(rows), most), np.intp)
    chances = np.zeros((len(rows), most))
    for line, found in enumerate(runners_up):
        for place, (row, chance) in enumerate(found):
            other[line, place], chances[line, place] = row, chance
    values = catalogue.per_100g[rows]
    error = errors(values, catalogue.standard_error[rows], catalogue.data_points[rows], usual)
    others = catalogue.per_100g[other]
    if left is not None:
        values, error, others = values * left, error * left, others * left[:, np.newaxis]
    return interval(grams, spread, values, error, confidence, others, chances)
