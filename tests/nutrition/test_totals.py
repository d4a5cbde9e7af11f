"""Totals are the known part of a meal, with the share of its weight that the figure covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from nutrition.totals.batches import totals_of_meals
from nutrition.totals.sums import coverage, missing, totals
from nutrition.totals.table import Cooking, Table

Floats = NDArray[np.float64]
approx = pytest.approx
NAN = np.nan

# Tables of 6 foods x 3 nutrients, with gaps, and weights for a meal of all six.
TABLES = arrays.arrays(np.float64, (6, 3), elements=st.floats(0, 1000) | st.just(NAN))
WEIGHTS = arrays.arrays(np.float64, 6, elements=st.just(0.0) | st.floats(0.01, 5000))


def test_an_unmeasured_food_lowers_coverage_and_is_not_counted_as_zero() -> None:
    fibre_per_100g = np.array([[10.0], [NAN]])  # oats, a food nobody analysed

    bowl = totals(np.array([50.0, 10.0]), fibre_per_100g)

    assert bowl.amounts == approx([5.0])
    assert bowl.coverage == approx([50 / 60])


def test_where_no_food_was_analysed_nothing_is_known() -> None:
    bowl = totals(np.array([50.0, 10.0]), np.array([[NAN], [NAN]]))

    assert np.isnan(bowl.amounts).all()
    assert bowl.coverage == approx([0.0])


def test_a_measured_zero_is_known_and_covered() -> None:
    water = totals(np.array([240.0]), np.array([[0.0]]))

    assert water.amounts == approx([0.0])
    assert water.coverage == approx([1.0])


def test_a_food_of_no_weight_makes_nothing_known() -> None:
    """No oats and ten grams of an unanalysed food: a total of 0 would be made up."""
    bowl = totals(np.array([0.0, 10.0]), np.array([[10.0], [NAN]]))

    assert np.isnan(bowl.amounts).all()
    assert bowl.coverage == approx([0.0])


def test_an_empty_meal_has_no_totals_and_no_coverage() -> None:
    nothing = totals(np.array([]), np.empty((0, 2)))

    assert np.isnan(nothing.amounts).all()
    assert nothing.coverage == approx([0.0, 0.0])


@pytest.mark.parametrize("grams", [[-1.0], [NAN], [np.inf]])
def test_weights_that_make_no_sense_are_refused(grams: list[float]) -> None:
    with pytest.raises(ValueError, match="finite number of grams"):
        totals(np.array(grams), np.array([[1.0]]))


def test_one_weight_a_food_is_needed() -> None:
    with pytest.raises(ValueError, match="2 weights for 1 foods"):
        totals(np.array([1.0, 2.0]), np.array([[1.0]]))


@pytest.mark.parametrize(
    ("resolved", "lines", "expected"), [(9, 10, 0.72), (10, 10, 0.8), (0, 10, 0.0), (0, 0, 0.0)]
)
def test_an_unresolved_line_lowers_the_coverage_of_the_recipe(
    resolved: int, lines: int, expected: float
) -> None:
    assert coverage(np.array([0.8]), resolved, lines) == approx([expected])


def test_more_lines_resolved_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="3 resolved of 2 lines"):
        coverage(np.array([1.0]), 3, 2)


def test_foods_without_a_value_are_named_for_each_nutrient() -> None:
    table = np.array([[1.0, NAN, 2.0], [NAN, NAN, 0.0]])

    assert missing(table, [3, 5]) == [[5], [3, 5], []]


@given(TABLES, WEIGHTS, st.permutations(range(6)))
def test_the_order_of_foods_does_not_matter(table: Floats, grams: Floats, order: list[int]) -> None:
    one, other = totals(grams, table), totals(grams[order], table[order])

    assert one.amounts == approx(other.amounts, nan_ok=True)
    assert one.coverage == approx(other.coverage)


@given(TABLES, WEIGHTS, st.floats(0.01, 100))
def test_twice_the_recipe_is_twice_the_amounts_at_the_same_coverage(
    table: Floats, grams: Floats, factor: float
) -> None:
    one, scaled = totals(grams, table), totals(grams * factor, table)

    assert scaled.amounts == approx(one.amounts * factor, nan_ok=True)
    assert scaled.coverage == approx(one.coverage)


@given(TABLES, WEIGHTS)
def test_coverage_is_a_share_and_is_zero_exactly_where_nothing_is_known(
    table: Floats, grams: Floats
) -> None:
    meal = totals(grams, table)

    assert ((meal.coverage >= 0) & (meal.coverage <= 1)).all()
    assert (np.isnan(meal.amounts) == (meal.coverage == 0)).all()


@given(TABLES, WEIGHTS)
def test_coverage_is_whole_where_every_food_of_weight_was_analysed(
    table: Floats, grams: Floats
) -> None:
    meal = totals(grams, table)

    whole = (grams.sum() > 0) & ~np.isnan(table[grams > 0]).any(axis=0)
    assert (meal.coverage[whole] == 1).all()


@given(
    TABLES,
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 5), st.just(0.0) | st.floats(0.01, 5000)),
        max_size=20,
    ),
)
def test_many_meals_at_once_are_each_as_if_alone(
    table: Floats, lines: list[tuple[int, int, float]]
) -> None:
    meal = np.array([line[0] for line in lines], dtype=np.intp)
    foods = np.array([line[1] for line in lines], dtype=np.intp)
    grams = np.array([line[2] for line in lines], dtype=np.float64)

    together = totals_of_meals(grams, foods, meal, 4, table)

    for index in range(4):
        own = meal == index
        alone = totals(grams[own], table[foods[own]])
        assert together.amounts[index] == approx(alone.amounts, nan_ok=True)
        # In 32 bits, but what is nothing or all is so exactly.
        assert together.coverage[index] == approx(alone.coverage, abs=1e-5)
        assert ((together.coverage[index] == 1) == (alone.coverage == 1)).all()
        assert ((together.coverage[index] == 0) == (alone.coverage == 0)).all()


def test_a_batch_too_large_for_one_product_of_matrices_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = np.random.default_rng(11)
    table = dice.random((6, 3))
    grams, foods, meal = dice.random(50), dice.integers(0, 6, 50), dice.integers(0, 7, 50)
    at_once = totals_of_meals(grams, foods, meal, 7, table)

    monkeypatch.setattr("nutrition.totals.table.LINES_AT_ONCE", 12)  # no meal, or one, at a time

    assert totals_of_meals(grams, foods, meal, 7, table).amounts == approx(at_once.amounts)


@given(TABLES, WEIGHTS)
def test_a_table_made_once_gives_the_very_same(table: Floats, grams: Floats) -> None:
    foods, meal = np.arange(6), np.array([0, 0, 1, 1, 1, 3])

    ready = totals_of_meals(grams, foods, meal, 4, Table.of(table))
    made = totals_of_meals(grams, foods, meal, 4, table)

    assert np.array_equal(ready.amounts, made.amounts, equal_nan=True)
    assert np.array_equal(ready.coverage, made.coverage)


def test_what_cooking_leaves_is_asked_line_by_line() -> None:
    per_100g = np.array([[10.0, 4.0], [20.0, NAN]])
    factors = np.array([[1.0, 1.0], [0.5, 0.25]])
    boiled_first = Cooking(factors, np.array([1, 0]))

    meal = totals_of_meals(
        np.array([100.0, 50.0]), np.array([0, 1]), np.array([0, 0]), 1, per_100g, boiled_first
    )

    assert meal.amounts[0] == approx([10 * 0.5 + 10, 4 * 0.25])
    assert meal.coverage[0] == approx([1.0, 2 / 3])


def test_cooking_follows_its_line_wherever_the_line_stands() -> None:
    dice = np.random.default_rng(7)
    table, factors = dice.random((6, 3)), np.vstack((np.ones(3), dice.random((4, 3))))
    grams, foods, meal = dice.random(40), dice.integers(0, 6, 40), dice.integers(0, 7, 40)
    rows = dice.integers(0, 5, 40)

    together = totals_of_meals(grams, foods, meal, 7, table, Cooking(factors, rows))

    for index in range(7):
        own = meal == index
        alone = totals(grams[own], table[foods[own]], factors[rows[own]])
        assert together.amounts[index] == approx(alone.amounts)


def test_lines_that_lose_alike_share_a_row_and_lines_that_lose_nothing_need_none() -> None:
    half, none = np.array([0.5, 1.0]), np.array([0.0, 0.0])

    cooking = Cooking.of([None, half, none, half])

    assert cooking is not None
    assert cooking.factors[cooking.rows].tolist() == [[1, 1], [0.5, 1], [0, 0], [0.5, 1]]
    assert len(cooking.factors) == 3
    assert Cooking.of([None, None]) is None


def test_a_pinch_of_something_unanalysed_keeps_a_ton_from_being_whole() -> None:
    table = np.array([[1.0], [NAN]])

    meal = totals_of_meals(np.array([1e6, 1e-4]), np.array([0, 1]), np.array([0, 0]), 1, table)

    assert 0.999999 < meal.coverage[0, 0] < 1


def test_a_line_of_no_meal_is_refused() -> None:
    with pytest.raises(ValueError, match="outside 0 to 1"):
        totals_of_meals(np.array([1.0]), np.array([0]), np.array([2]), 2, np.array([[1.0]]))
