"""What a dish weighs, what heat takes of it, and what stays unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.cooking import kitchen, methods
from nutrition.cooking.kitchen import Kitchen
from nutrition.cooking.pieces import Piece
from nutrition.engine import Engine
from nutrition.errors import MissingData
from tests.nutrition.conftest import DATA
from tests.nutrition.cooking.conftest import NAMES, Make

METHODS = st.sampled_from(methods.METHODS)
MEALS = st.lists(
    st.tuples(st.sampled_from(sorted(NAMES)), st.floats(0.5, 3_000)), min_size=1, max_size=6
)


def grams(cooks: Kitchen, pieces: list[Piece], method: str) -> float:
    return cooks.cook(pieces, methods.find(method)).yield_grams


def test_without_a_method_nothing_is_lost_to_heat_and_the_dish_is_the_sum(
    some: Make, cooks: Kitchen
) -> None:
    pieces = [some("spinach", 200), some("milk", 100)]

    cooked = cooks.cook(pieces, None)

    assert (cooked.yield_grams, cooked.yield_basis) == (300, "sum of the ingredients")
    assert cooks.factors(pieces, cooked) is None


def test_dry_pasta_takes_up_the_water_it_is_boiled_in(some: Make, cooks: Kitchen) -> None:
    """SR28: 9.9 g of water in 100 g dry, 62.1 g cooked: 238 g of 100."""
    pasta = some("pasta", 500)

    assert grams(cooks, [pasta], "boiled") == pytest.approx(1_190, rel=0.01)
    assert grams(cooks, [pasta, some("water", 4_000)], "boiled") == pytest.approx(1_190, rel=0.01)


def test_rice_with_its_water_listed_weighs_what_goes_in_less_steam(
    some: Make, cooks: Kitchen
) -> None:
    with_water = grams(cooks, [some("rice", 200), some("water", 400)], "simmered")

    assert with_water == pytest.approx(569, rel=0.02)
    assert grams(cooks, [some("rice", 200)], "simmered") == pytest.approx(560, rel=0.01)


def test_a_batter_loses_a_tenth_in_the_oven(some: Make, cooks: Kitchen) -> None:
    batter = [some("flour", 300), some("sugar", 200), some("egg", 100), some("milk", 200)]

    cooked = cooks.cook(batter, methods.find("baked"))

    assert cooked.yield_grams == pytest.approx(720)
    assert "lose 10% of their weight as water" in cooked.yield_basis


def test_no_dish_loses_more_water_than_it_has(some: Make, cooks: Kitchen) -> None:
    assert grams(cooks, [some("sugar", 100)], "baked") == pytest.approx(100, abs=0.1)


def test_fat_does_not_evaporate(some: Make, cooks: Kitchen) -> None:
    assert grams(cooks, [some("oil", 100)], "baked") == 100


def test_meat_weighs_what_usda_found(some: Make, cooks: Kitchen) -> None:
    """USDA R2: ground beef of more than 22 % fat, patty, broiled: 63 %."""
    assert grams(cooks, [some("fat beef", 1_000)], "broiled") == pytest.approx(630)


def test_fat_that_melts_is_lost_on_the_grill_and_kept_in_the_oven_dish(
    some: Make, cooks: Kitchen
) -> None:
    """USDA R2: that patty loses 11.98 g fat of 30 g in 100 g."""
    (grilled,) = cooks.cook([some("fat beef", 100)], methods.find("grilled")).effects
    (baked,) = cooks.cook([some("fat beef", 100)], methods.find("baked")).effects

    assert grilled.fat_kept == pytest.approx(1 - 11.98 / 30)
    assert baked.fat_kept == 1


def test_a_stew_keeps_its_liquid(some: Make, cooks: Kitchen) -> None:
    stew = [some("beef", 600), some("water", 600), some("potato", 400)]

    assert grams(cooks, stew, "stewed") == pytest.approx(1_392)
    assert grams(cooks, stew, "boiled") < 900


def test_energy_leaves_with_alcohol_and_with_fat(
    some: Make, cooks: Kitchen, engine: Engine
) -> None:
    """Wine, simmered half an hour: 35 % of 10.6 g alcohol stay, at 6.93 kcal/g."""
    kcal, fat = engine.catalogue.column["ENERC_KCAL"], engine.catalogue.column["FAT"]
    wine, beef = [some("wine", 100)], [some("fat beef", 100)]

    of_wine = cooks.factors(wine, cooks.cook(wine, methods.find("simmered")))
    of_beef = cooks.factors(beef, cooks.cook(beef, methods.find("grilled")))

    assert of_wine is not None
    assert of_beef is not None
    assert of_wine[0, kcal] == pytest.approx(1 - 10.6 * 0.65 * 6.93 / 85, abs=0.01)
    assert of_beef[0, fat] == pytest.approx(0.6, abs=0.01)
    assert of_beef[0, kcal] == pytest.approx(1 - 11.98 * 9.02 / 332, abs=0.01)


def test_retention_scales_what_is_known_and_leaves_the_unknown(
    some: Make, cooks: Kitchen, engine: Engine
) -> None:
    pieces = [some("salmon", 100), some("spinach", 100), some("salt", 5)]
    raw = engine.catalogue.per_100g[[piece.food.index for piece in pieces]]

    factors = cooks.factors(pieces, cooks.cook(pieces, methods.find("boiled")))

    assert factors is not None
    assert np.isnan(raw).any()
    assert (np.isnan(raw * factors) == np.isnan(raw)).all()
    of_salt = np.delete(factors[2], engine.catalogue.column["WATER"])
    assert (of_salt == 1).all()
    assert factors[1, engine.catalogue.column["VITC"]] == pytest.approx(0.55)


@given(meal=MEALS, method=METHODS)
def test_nothing_but_water_grows_by_cooking(
    meal: list[tuple[str, float]],
    method: methods.Method,
    some: Make,
    cooks: Kitchen,
    engine: Engine,
) -> None:
    pieces = [some(name, weight) for name, weight in meal]
    cooked = cooks.cook(pieces, method)
    factors = cooks.factors(pieces, cooked)

    assert all(0 <= one.kept <= 1 and 0 <= one.fat_kept <= 1 for one in cooked.effects)
    assert factors is None or (factors >= 0).all()
    if factors is not None:
        assert (np.delete(factors, engine.catalogue.column["WATER"], axis=1) <= 1).all()
    assert cooked.yield_grams >= 0


@pytest.mark.parametrize(
    ("food", "water"),
    # SR28: shrimp, cooked, moist heat; pasta, cooked, enriched, without added salt.
    [("shrimp", 71.56), ("pasta", 62.13)],
)
def test_a_cooked_food_holds_the_water_that_its_weight_leaves(
    food: str, water: float, some: Make, cooks: Kitchen, engine: Engine
) -> None:
    column = engine.catalogue.column["WATER"]
    pieces = [some(food, 500)]
    cooked = cooks.cook(pieces, methods.find("boiled"))
    factors = cooks.factors(pieces, cooked)

    assert factors is not None
    raw = engine.catalogue.per_100g[pieces[0].food.index, column] * 5
    assert 100 * raw * factors[0, column] / cooked.yield_grams == pytest.approx(water, abs=0.01)


def test_a_stated_weight_decides_how_much_water_is_left(
    some: Make, cooks: Kitchen, engine: Engine
) -> None:
    """1 kg of potatoes holds 792.5 g of water; baked to 800 g it has lost 200 g of it."""
    column = engine.catalogue.column["WATER"]
    pieces = [some("potato", 1_000)]
    held = float(engine.catalogue.per_100g[pieces[0].food.index, column]) * 10
    cooked = cooks.cook(pieces, None)

    assert cooks.factors(pieces, cooked) is None
    left = cooks.factors(pieces, cooked, 800)
    assert left is not None
    assert left[0, column] == pytest.approx((held - 200) / held)
    assert (np.delete(left[0], column) == 1).all()
    nothing = cooks.factors(pieces, cooked, 10)
    assert nothing is not None
    assert nothing[0, column] == 0


def test_water_that_is_drained_is_not_eaten_and_milk_stays(some: Make, cooks: Kitchen) -> None:
    pieces = [some("potato", 500), some("water", 2_000), some("milk", 500)]

    cooked = cooks.cook(pieces, methods.find("boiled"))

    assert [one.kept for one in cooked.effects] == [1, 0, 1]
    assert cooked.effects[1].assumption == "boiled: the water is poured off"
    assert 950 < cooked.yield_grams < 1_050
    rice = [some("rice", 100), some("milk", 500)]
    assert grams(cooks, rice, "boiled") == pytest.approx(600)
    assert grams(cooks, [some("water", 100)], "boiled") == 100


@given(meal=MEALS, method=METHODS, factor=st.floats(1, 50))
def test_twice_the_ingredients_are_twice_the_dish(
    meal: list[tuple[str, float]], method: methods.Method, factor: float, some: Make, cooks: Kitchen
) -> None:
    one = cooks.cook([some(name, weight) for name, weight in meal if name != "oil"], method)
    more = [some(name, weight * factor) for name, weight in meal if name != "oil"]
    many = cooks.cook(more, method)

    assert many.yield_grams == pytest.approx(one.yield_grams * factor)
    assert many.effects == one.effects


@given(data=st.data(), meal=MEALS, method=METHODS)
def test_the_order_of_lines_does_not_matter(
    data: st.DataObject,
    meal: list[tuple[str, float]],
    method: methods.Method,
    some: Make,
    cooks: Kitchen,
) -> None:
    order = data.draw(st.permutations(range(len(meal))))
    pieces = [some(name, weight) for name, weight in meal]

    one = cooks.cook(pieces, method)
    other = cooks.cook([pieces[place] for place in order], method)

    assert other.yield_grams == pytest.approx(one.yield_grams)
    for place, effect in zip(order, other.effects, strict=True):
        assert effect.kept == pytest.approx(one.effects[place].kept)
        assert effect.retention == one.effects[place].retention


def test_an_empty_recipe_cooks_to_nothing(cooks: Kitchen) -> None:
    for method in (None, *methods.METHODS):
        assert cooks.cook([], method).yield_grams == 0


def test_a_missing_table_is_named(engine: Engine) -> None:
    with pytest.raises(MissingData, match=r"retention_r6\.csv"):
        kitchen.load(DATA / "nowhere", engine.catalogue)
