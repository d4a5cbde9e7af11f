"""Units: exact sizes, and every spelling a cook uses."""

from __future__ import annotations

import pytest

from nutrition import units
from nutrition.units import Dimension


@pytest.mark.parametrize(
    ("spelling", "dimension", "size"),
    [
        ("g", Dimension.MASS, 1),
        ("grams", Dimension.MASS, 1),
        ("Kg", Dimension.MASS, 1000),
        ("lbs.", Dimension.MASS, 453.59237),
        ("oz", Dimension.MASS, 28.349523125),
        ("ounces", Dimension.MASS, 28.349523125),
        ("ml", Dimension.VOLUME, 1),
        ("litres", Dimension.VOLUME, 1000),
        ("cups", Dimension.VOLUME, 236.5882365),
        ("fl oz", Dimension.VOLUME, 29.5735295625),
        ("fluid ounces", Dimension.VOLUME, 29.5735295625),
        ("Tablespoons", Dimension.VOLUME, 14.78676478125),
        ("tbsp.", Dimension.VOLUME, 14.78676478125),
        ("teaspoon", Dimension.VOLUME, 4.92892159375),
        ("pints", Dimension.VOLUME, 473.176473),
        ("qt", Dimension.VOLUME, 946.352946),
        ("gallon", Dimension.VOLUME, 3785.411784),
        ("imperial pint", Dimension.VOLUME, 568.26125),
        ("dozen", Dimension.COUNT, 12),
    ],
)
def test_a_spelling_is_its_unit_with_the_legal_size(
    spelling: str, dimension: Dimension, size: float
) -> None:
    unit = units.find(spelling)

    assert unit is not None
    assert unit.dimension is dimension
    assert unit.size == pytest.approx(size, rel=1e-12)


def test_a_capital_t_is_a_tablespoon_and_a_small_one_a_teaspoon() -> None:
    assert units.find("T") == units.find("tbsp")
    assert units.find("t") == units.find("tsp")


def test_a_pinch_says_that_its_size_is_only_customary() -> None:
    pinch = units.find("pinch")

    assert pinch is not None
    assert pinch.customary


@pytest.mark.parametrize(
    ("word", "millilitres"),
    [("drizzle", 14.787), ("glugs", 14.787), ("splash", 4.929), ("twists", 0.616), ("drops", 0.05)],
)
def test_a_kitchen_word_keeps_its_name_and_a_customary_size(word: str, millilitres: float) -> None:
    unit = units.find(word)

    assert unit is not None
    assert (unit.name, unit.customary) == (units.singular(word), True)
    assert unit.size == pytest.approx(millilitres, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Tablespoons", "tbsp"), ("pkgs.", "package"), ("large cloves", "large clove"), ("", "")],
)
def test_a_units_text_has_one_canonical_name(text: str, name: str) -> None:
    assert units.canonical(text) == name


@pytest.mark.parametrize("word", ["", " ", "clove", "cans", "furlong", "🥄"])
def test_what_measures_nothing_is_no_unit(word: str) -> None:
    assert units.find(word) is None
