"""Grams, and where each figure comes from."""

from __future__ import annotations

import math

import pytest

from nutrition.analysis import Measured
from nutrition.engine import Engine
from nutrition.status import Status


@pytest.mark.parametrize(
    ("line", "grams", "basis"),
    [
        ("500 g potatoes", 500, "mass"),
        ("1 lb 2 oz potatoes", 510.291, "mass"),
        ("2 cups all-purpose flour", 250, "portion: 1 cup = 125 g"),
        ("1 quart milk", 976, "portion: 1 quart = 976 g"),
        ("1 pint milk", 488, "density from its portion 1 cup: 1.03 g/ml"),
        ("1 cup chopped walnuts", 117, "portion: 1 cup, chopped = 117 g"),
        ("2 large eggs", 100, "portion: 1 large = 50 g"),
        ("2 eggs", 100, "portion: 1 large = 50 g"),
        ("3 small eggs", 114, "portion: 1 small = 38 g"),
        ("2 dozen eggs", 1200, "portion: 1 large = 50 g"),
        ("3 cloves garlic", 9, "portion: 1 clove = 3 g"),
        ("3 garlic cloves", 9, "portion: 1 clove = 3 g"),
        ("1 stick butter", 113, "portion: 1 stick = 113 g"),
        ("2 onions", 220, 'portion: 1 medium (2-1/2" dia) = 110 g'),
        ("2 (8 oz) packages cream cheese", 453.592, "2 × 8 oz, as stated"),
        ("2 400g tins tomatoes", 800, "2 × 400 g, as stated"),
        ("6 (4-ounce) salmon fillets", 680.389, "6 × 4 oz, as stated"),
        ("1 heaping cup sugar", 200, "portion: 1 cup = 200 g"),
        ("Juice of 1 lemon", 48, "portion: 1 lemon yields = 48 g"),
        ("1 bunch cilantro", 60, "assumed: 1 cilantro bunch = 60 g"),
        ("2 sweet potatoes", 260, 'portion: 1 sweetpotato, 5" long = 130 g'),
    ],
)
def test_a_line_weighs_what_its_basis_says(
    engine: Engine, line: str, grams: float, basis: str
) -> None:
    result = engine.line(line)

    assert result.status is Status.OK, result.reason
    assert result.grams == pytest.approx(grams, rel=1e-3)
    assert result.basis == basis


def test_a_pinch_says_what_it_is_taken_for(engine: Engine) -> None:
    pinch = engine.line("a pinch of salt")

    assert pinch.grams == pytest.approx(0.375, rel=0.01)
    assert "a pinch taken as 0.308 ml" in pinch.basis


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("egg noodles to serve", Status.NO_QUANTITY, "to taste"),
        ("butter", Status.NO_QUANTITY, "no amount"),
        ("0 g butter", Status.NO_QUANTITY, "zero"),
        ("-2 cups flour", Status.NO_QUANTITY, "negative"),
        ("1e9 cups flour", Status.NO_QUANTITY, "more than any recipe holds"),
        ("3 stalks of milk", Status.UNKNOWN_PORTION, "no weight is known"),
        ("2 cups of moonlight", Status.UNKNOWN_FOOD, "no food of the catalogue"),
        ("1 cup", Status.UNKNOWN_FOOD, "names no food"),
        ("For the sauce:", Status.IGNORED, "heading"),
    ],
)
def test_a_line_that_cannot_be_weighed_says_why(
    engine: Engine, line: str, status: Status, reason: str
) -> None:
    result = engine.line(line)

    assert result.status is status
    assert reason in result.reason
    assert result.grams is None


@pytest.mark.parametrize(
    ("quantity", "unit", "grams"),
    [(150, "g", 150), (2, "large", 100), (1, "cup (4.86 large eggs)", 243), (1, "dozen", 600)],
)
def test_a_measured_food_takes_any_unit_or_a_portion_by_its_text(
    engine: Engine, quantity: float, unit: str, grams: float
) -> None:
    egg = engine.catalogue.foods[engine.catalogue.index_of_ndb("01123")]

    result = engine.line(Measured(egg.id, quantity, unit))

    assert result.status is Status.OK
    assert result.grams == pytest.approx(grams)
    assert result.confidence == 1


@pytest.mark.parametrize("quantity", [math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300])
def test_a_measured_quantity_that_makes_no_sense_is_not_weighed(
    engine: Engine, quantity: float
) -> None:
    egg = engine.catalogue.foods[engine.catalogue.index_of_ndb("01123")]

    result = engine.line(Measured(egg.id, quantity, "g"))

    assert result.status is Status.NO_QUANTITY
    assert result.reason


def test_an_unknown_food_id_is_named(engine: Engine) -> None:
    result = engine.line(Measured("nobody", 1, "g"))

    assert result.status is Status.UNKNOWN_FOOD
    assert "'nobody'" in result.reason


@pytest.mark.parametrize("grams", [5e-324, 1e-5, 1e300, math.inf])
def test_an_amount_beyond_all_proportion_is_no_quantity_and_says_why(
    engine: Engine, grams: float
) -> None:
    line = engine.line(Measured(engine.catalogue.foods[0].id, grams, "g"))

    assert line.status is Status.NO_QUANTITY
    assert "too little" in line.reason or "more than any" in line.reason
