"""The 95 % interval of a total: around it, as wide as values, weights and matches are unsure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nutrition.engine import Engine
from nutrition.totals.interval import (
    Interval,
    errors,
    interval,
    of_meal,
    usual_deviation,
)
from nutrition.totals.sums import Floats, totals

approx = pytest.approx
NAN = np.nan
FOODS, RUNNERS_UP, NUTRIENTS = 4, 2, 3
VALUES = st.just(NAN) | st.just(0.0) | st.floats(0.01, 1000)
SHARES = st.just(0.0) | st.floats(0.01, 1)


@dataclass(frozen=True)
class Meal:
    """What `interval` takes, by its names."""

    grams: Floats
    spread: Floats
    values: Floats
    error: Floats
    confidence: Floats
    others: Floats
    chances: Floats

    @property
    def interval(self) -> Interval:
        return interval(
            self.grams,
            self.spread,
            self.values,
            self.error,
            self.confidence,
            self.others,
            self.chances,
        )


MEALS = st.builds(
    Meal,
    grams=arrays.arrays(float, FOODS, elements=st.just(0.0) | st.floats(0.01, 5000)),
    spread=arrays.arrays(float, FOODS, elements=SHARES),
    values=arrays.arrays(float, (FOODS, NUTRIENTS), elements=VALUES),
    error=arrays.arrays(float, (FOODS, NUTRIENTS), elements=VALUES),
    confidence=arrays.arrays(float, FOODS, elements=SHARES),
    others=arrays.arrays(float, (FOODS, RUNNERS_UP, NUTRIENTS), elements=VALUES),
    chances=arrays.arrays(float, (FOODS, RUNNERS_UP), elements=SHARES),
)


def one_food(
    value: float,
    *,
    spread: float = 0.0,
    error: float = 0.0,
    confidence: float = 1.0,
    others: tuple[float, ...] = (),
    chances: tuple[float, ...] = (),
) -> Interval:
    """The interval of 100 g of one food and one nutrient."""
    return interval(
        np.array([100.0]),
        np.array([spread]),
        np.array([[value]]),
        np.array([[error]]),
        np.array([confidence]),
        np.array(others).reshape(1, -1, 1),
        np.array(chances).reshape(1, -1),
    )


def test_what_is_certain_throughout_is_a_point() -> None:
    found = one_food(50.0)

    assert (found.low[0], found.high[0]) == (50.0, 50.0)


def test_the_upper_end_lies_196_standard_deviations_up_and_the_lower_as_many_times_down() -> None:
    found = one_food(50.0, spread=0.1)

    assert found.high == approx([50 * 1.196])
    assert found.low == approx([50 / 1.196])


def test_uncertainties_of_value_and_weight_add_up_by_their_squares() -> None:
    assert one_food(50.0, spread=0.06, error=4.0).high == approx([50 + 1.96 * 5])


def test_two_lines_alike_are_surer_together_than_each() -> None:
    def of(lines: int) -> Interval:
        return interval(
            np.full(lines, 100.0),
            np.full(lines, 0.2),
            np.full((lines, 1), 50.0),
            np.zeros((lines, 1)),
            np.ones(lines),
            np.empty((lines, 0, 1)),
            np.empty((lines, 0)),
        )

    assert of(4).high / 4 / 50 - 1 == approx((of(1).high / 50 - 1) / 2)


def test_a_doubtful_match_is_as_unsure_as_the_runners_up_differ() -> None:
    alike = one_food(50.0, confidence=0.5, others=(51.0, 49.0), chances=(0.2, 0.2))
    unlike = one_food(50.0, confidence=0.5, others=(100.0, 50.0), chances=(0.3, 0.1))

    assert alike.high == approx([50 + 1.96 * np.sqrt(0.5 * 1)])
    assert unlike.high == approx([50 + 1.96 * np.sqrt(0.5) * 0.75 * 50])


def test_a_runner_up_counts_for_no_more_than_twice_the_value() -> None:
    """Milk powder among milk's runners-up does not make its calcium anything at all."""
    bounded = one_food(50.0, confidence=0.5, others=(150.0,), chances=(0.2,))
    absurd = one_food(50.0, confidence=0.5, others=(5_000.0,), chances=(0.2,))

    assert absurd.high == bounded.high == approx([50 + 1.96 * np.sqrt(0.5) * 100])
    # Of nothing any other food is many times as much: there the difference stands.
    assert one_food(0.0, confidence=0.5, others=(9.0,), chances=(0.2,)).high > 1


def test_a_sure_match_asks_no_runner_up() -> None:
    assert one_food(50.0, others=(500.0,), chances=(0.1,)).high == approx([50.0])


@pytest.mark.parametrize("others", [(), (NAN,)])
def test_a_doubtful_match_without_a_runner_up_of_known_value_may_be_off_by_half(
    others: tuple[float, ...],
) -> None:
    found = one_food(50.0, confidence=0.75, others=others, chances=(0.1,) * len(others))

    assert found.high == approx([50 + 1.96 * np.sqrt(0.25) * 25])


def test_a_zero_that_may_be_something_ends_above_zero() -> None:
    found = one_food(0.0, confidence=0.9, others=(10.0,), chances=(0.1,))

    assert found.low == approx([0.0])
    assert found.high == approx([1.96 * np.sqrt(0.1) * 10])


def test_a_meal_of_nothing_has_no_interval() -> None:
    found = interval(
        np.empty(0),
        np.empty(0),
        np.empty((0, 2)),
        np.empty((0, 2)),
        np.empty(0),
        np.empty((0, 0, 2)),
        np.empty((0, 0)),
    )

    assert np.isnan([found.low, found.high]).all()


@given(MEALS)
def test_the_interval_holds_the_total_and_is_unknown_exactly_where_it_is(meal: Meal) -> None:
    total = totals(meal.grams, meal.values).amounts
    found = meal.interval

    unknown = np.isnan(total)
    assert (np.isnan(found.low) == unknown).all()
    assert (np.isnan(found.high) == unknown).all()
    known = ~unknown
    assert (found.low[known] >= 0).all()
    assert (found.low[known] <= total[known] * (1 + 1e-9)).all()
    assert (found.high[known] >= total[known] * (1 - 1e-9)).all()


@given(MEALS, st.integers(0, FOODS - 1), st.floats(0, 1))
def test_a_less_sure_weight_never_narrows_the_interval(meal: Meal, food: int, more: float) -> None:
    spread = meal.spread.copy()
    spread[food] += more

    narrow, wide = meal.interval, replace(meal, spread=spread).interval

    known = ~np.isnan(narrow.low)
    assert (wide.low[known] <= narrow.low[known] * (1 + 1e-9)).all()
    assert (wide.high[known] >= narrow.high[known] * (1 - 1e-9)).all()


@given(MEALS, st.floats(0.01, 1))
def test_a_less_sure_match_never_narrows_the_interval(meal: Meal, of_it: float) -> None:
    sure, unsure = meal.interval, replace(meal, confidence=meal.confidence * of_it).interval

    known = ~np.isnan(sure.low)
    assert (unsure.high[known] >= sure.high[known] * (1 - 1e-9)).all()


@given(MEALS, st.floats(0.01, 100))
def test_so_many_times_the_recipe_has_so_many_times_the_interval(meal: Meal, factor: float) -> None:
    one, many = meal.interval, replace(meal, grams=meal.grams * factor).interval

    assert many.low == approx(one.low * factor, nan_ok=True)
    assert many.high == approx(one.high * factor, nan_ok=True)


def test_values_without_a_standard_error_get_what_foods_usually_differ_by() -> None:
    values = np.array([[100.0, 100.0, 100.0]])
    stated = np.array([[3.0, NAN, NAN]])
    points = np.array([[9, 4, 0]])

    found = errors(values, stated, points, np.array([0.2, 0.2, 0.2]))

    assert found == approx(np.array([[3.0, 100 * 0.2 / 2, 100 * 0.2]]))


def test_usual_is_the_median_deviation_between_samples_of_one_food() -> None:
    foods = 11
    values, points = np.full((foods, 2), 100.0), np.full((foods, 2), 4)
    stated = np.column_stack((np.arange(1.0, foods + 1), np.full(foods, NAN)))

    found = usual_deviation(values, stated, points)

    # Between samples it is twice the error of a mean of four; the other nutrient has none.
    assert found == approx([0.12, 0.12])


def test_usual_deviations_of_the_catalogue_are_plausible(engine: Engine) -> None:
    catalogue = engine.catalogue

    usual = usual_deviation(catalogue.per_100g, catalogue.standard_error, catalogue.data_points)

    assert usual.shape == (len(catalogue.nutrients),)
    assert ((usual > 0) & (usual <= 0.5)).all()
    assert usual[catalogue.column["PROCNT"]] < usual[catalogue.column["VITC"]]


def test_cooking_scales_the_interval_of_a_meal_as_its_total(engine: Engine) -> None:
    catalogue = engine.catalogue
    usual = np.full(len(catalogue.nutrients), 0.1)
    rows = np.array([catalogue.index_of_ndb("01123"), catalogue.index_of_ndb("20444")])
    grams, spread, sure = np.array([100.0, 50.0]), np.full(2, 0.1), np.array([0.9, 1.0])
    runners_up = [[(int(rows[1]), 0.1)], []]
    half = np.full((2, len(catalogue.nutrients)), 0.5)

    raw = of_meal(catalogue, usual, rows, grams, spread, sure, runners_up)
    cooked = of_meal(catalogue, usual, rows, grams, spread, sure, runners_up, half)

    total = totals(grams, catalogue.per_100g[rows]).amounts
    known = ~np.isnan(total)
    assert ((raw.low <= total) & (total <= raw.high))[known].all()
    assert cooked.low == approx(raw.low / 2, nan_ok=True)
    assert cooked.high == approx(raw.high / 2, nan_ok=True)
