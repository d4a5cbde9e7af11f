"""What holds of every analysis, whatever the foods and amounts: checked on drawn recipes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nutrition.analysis import Analysis, AnalysisRequest, Measured
from nutrition.engine import Engine

approx = pytest.approx
#: Of the catalogue's 8,789 foods; most lack some nutrient.
FOODS = st.integers(0, 8_788)
MEALS = st.lists(st.tuples(FOODS, st.floats(0.1, 2_000)), min_size=1, max_size=12)
#: The session's engine is read-only: each example may share it.
SHARED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def analyzed(
    engine: Engine, meal: list[tuple[int, float]], times: float = 1.0, servings: float | None = None
) -> Analysis:
    foods = engine.catalogue.foods
    parts = tuple(Measured(foods[row].id, grams * times, "g") for row, grams in meal)
    return engine.analyze(AnalysisRequest(parts, servings=servings))


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, float):
        yield value


@SHARED
@given(meal=MEALS, times=st.floats(0.1, 10))
def test_so_many_times_the_recipe_is_so_many_times_every_nutrient(
    engine: Engine, meal: list[tuple[int, float]], times: float
) -> None:
    one, many = analyzed(engine, meal), analyzed(engine, meal, times)

    assert many.totals.amounts == approx(one.totals.amounts * times, rel=1e-9, nan_ok=True)
    assert many.totals.coverage == approx(one.totals.coverage, abs=1e-5)
    assert many.low == approx(one.low * times, rel=1e-9, nan_ok=True)
    assert many.high == approx(one.high * times, rel=1e-9, nan_ok=True)


@SHARED
@given(meal=MEALS, dice=st.randoms(use_true_random=False))
def test_the_order_of_ingredients_changes_nothing(
    engine: Engine, meal: list[tuple[int, float]], dice: Any
) -> None:
    other = meal.copy()
    dice.shuffle(other)

    one, two = analyzed(engine, meal), analyzed(engine, other)

    assert two.totals.amounts == approx(one.totals.amounts, rel=1e-12, nan_ok=True)
    assert two.totals.coverage == approx(one.totals.coverage, abs=1e-5)


@SHARED
@given(meal=MEALS, servings=st.floats(0.5, 24))
def test_per_serving_times_servings_is_the_total(
    engine: Engine, meal: list[tuple[int, float]], servings: float
) -> None:
    document = analyzed(engine, meal, servings=servings).document("full")

    for code, total in document["totals"].items():
        serving = document["per_serving"][code]["amount"]
        assert (serving is None) == (total["amount"] is None)
        if serving is not None:
            # Each is rounded to six digits, and neither from the other.
            assert serving * servings == approx(total["amount"], rel=1.1e-5)


@SHARED
@given(meal=MEALS, servings=st.floats(0.5, 24))
def test_figures_are_rounded_at_display_alone(
    engine: Engine, meal: list[tuple[int, float]], servings: float
) -> None:
    """What is shown is the exact figure rounded once, not a rounded figure divided."""
    table = engine.catalogue.per_100g
    exact = {
        nutrient.code: math.fsum(
            grams / 100 * float(table[row, column])
            for row, grams in meal
            if not np.isnan(table[row, column])
        )
        for column, nutrient in enumerate(engine.catalogue.nutrients)
    }

    document = analyzed(engine, meal, servings=servings).document("full")

    for code, entry in document["per_serving"].items():
        if entry["amount"] is not None:
            assert entry["amount"] == approx(exact[code] / servings, rel=5.1e-6)


@SHARED
@given(meal=MEALS)
def test_unknown_survives_every_path_and_nothing_known_becomes_unknown(
    engine: Engine, meal: list[tuple[int, float]]
) -> None:
    analysis = analyzed(engine, meal, servings=4)
    document = json.loads(json.dumps(analysis.document("full"), allow_nan=False))

    rows = [row for row, _ in meal]
    for column, nutrient in enumerate(engine.catalogue.nutrients):
        unknown = bool(np.isnan(engine.catalogue.per_100g[rows, column]).all())
        assert np.isnan(analysis.totals.amounts[column]) == unknown
        for basis in ("totals", "per_serving", "per_100g"):
            entry = document[basis][nutrient.code]
            assert (entry["amount"] is None) == unknown
            assert (entry["coverage"] == 0) == unknown
            assert ("reason" in entry) == unknown
        partly = bool(np.isnan(engine.catalogue.per_100g[rows, column]).any())
        assert ("missing" in document["totals"][nutrient.code]) == partly


@SHARED
@given(meal=MEALS)
def test_every_number_that_is_said_is_finite(engine: Engine, meal: list[tuple[int, float]]) -> None:
    assert all(map(math.isfinite, numbers(analyzed(engine, meal).document("full"))))


@SHARED
@given(meal=MEALS)
def test_the_interval_of_a_total_holds_it(engine: Engine, meal: list[tuple[int, float]]) -> None:
    analysis = analyzed(engine, meal)

    known = ~(np.isnan(analysis.totals.amounts) | np.isnan(analysis.low))
    amounts = analysis.totals.amounts[known]
    assert (analysis.low[known] <= amounts * (1 + 1e-9)).all()
    assert (analysis.high[known] >= amounts * (1 - 1e-9)).all()
