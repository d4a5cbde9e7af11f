"""What is thrown away is not counted, and what only looks like it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.cooking.kitchen import Kitchen
from nutrition.cooking.pieces import Piece
from tests.nutrition.cooking.conftest import Make


def kept(
    cooks: Kitchen, pieces: list[Piece], title: str = "", resolved: float = 1.0
) -> list[float]:
    return [one.kept for one in cooks.cook(pieces, None, title, resolved).effects]


def test_of_a_quart_of_frying_oil_a_tenth_is_eaten(some: Make, cooks: Kitchen) -> None:
    oil = some("oil", 870, "1 quart oil for frying", "for frying")

    cooked = cooks.cook([some("flour", 500), some("milk", 500), oil], None)

    assert cooked.effects[2].kept == pytest.approx(0.10)
    assert "10% counted as taken up" in cooked.effects[2].assumption
    assert cooked.yield_grams == pytest.approx(1087)
    assert [one.kept for one in cooked.effects[:2]] == [1, 1]


def test_food_takes_up_no_more_oil_than_the_fattest_of_fried_foods(
    some: Make, cooks: Kitchen
) -> None:
    """A turkey fryer's 3 gallons: a tenth of them would be a kilogram."""
    bath = some("oil", 10_440, "3 gallons oil for deep frying", "for deep frying")

    share = kept(cooks, [some("chicken", 2_000), bath])[1]

    assert share * 10_440 == pytest.approx(0.24 * 2_000)


def test_a_spoonful_for_frying_is_eaten_with_the_food(some: Make, cooks: Kitchen) -> None:
    spoon = some("oil", 27, "2 tbsp oil for frying", "for frying")

    assert kept(cooks, [some("potato", 600), some("egg", 100), spoon])[2] == 1


def test_shallow_frying_takes_up_what_fried_foods_gain(some: Make, cooks: Kitchen) -> None:
    pan = some("oil", 110, "1/2 cup oil for frying", "for frying")

    assert kept(cooks, [some("chicken", 800), pan])[1] * 110 == pytest.approx(0.08 * 800)


def test_more_for_frying_does_not_discard_the_butter_that_was_measured(
    some: Make, cooks: Kitchen
) -> None:
    butter = some("butter", 227, "1 cup butter, plus more for frying", "for frying")

    assert kept(cooks, [some("flour", 300), butter])[1] == 1


@pytest.mark.parametrize("title", ["Elephant Ears", "Buchi", ""])
def test_a_quart_of_oil_beside_dough_is_a_bath_whoever_says_so(
    title: str, some: Make, cooks: Kitchen
) -> None:
    dough = [some("flour", 600), some("sugar", 100), some("egg", 100)]

    assert kept(cooks, [*dough, some("oil", 870, "1 quart vegetable oil")], title)[3] < 0.2


def test_two_cups_of_oil_are_a_bath_where_the_title_says_fried(some: Make, cooks: Kitchen) -> None:
    pieces = [some("chicken", 1_200), some("flour", 250), some("oil", 436, "2 cups vegetable oil")]

    assert kept(cooks, pieces, "Southern Fried Chicken")[2] < 0.2
    assert kept(cooks, pieces, "Chicken with gravy")[2] == 1


@pytest.mark.parametrize(
    ("title", "foods", "oil"),
    [
        ("Carrot Cake", [("flour", 250), ("sugar", 400), ("egg", 200), ("onion", 300)], 327),
        ("Oil Pie Crust", [("flour", 250), ("milk", 60)], 109),
        ("Shortbread with oil", [("flour", 300), ("sugar", 200)], 218),
        ("Mayonnaise", [("egg", 50), ("lemon juice", 30)], 218),
        ("Vinaigrette", [("lemon juice", 120), ("salt", 3)], 324),
        ("Garlic Confit", [("onion", 300)], 436),
        ("Peppers steeped for a week", [("onion", 300)], 436),
        ("Salsa Macha", [("onion", 100), ("lentils", 100)], 436),
        ("Olive Oil Dip", [("lemon juice", 50), ("sugar", 10)], 436),
        ("Baked Doughnuts", [("flour", 300), ("milk", 200)], 60),
        ("Oven-Fried Chicken", [("chicken", 900), ("flour", 60)], 218),
        ("Stir-Fried Beef", [("beef", 400), ("onion", 200)], 109),
    ],
)
def test_oil_that_belongs_to_the_dish_is_eaten(
    title: str, foods: list[tuple[str, float]], oil: float, some: Make, cooks: Kitchen
) -> None:
    pieces = [*(some(name, grams) for name, grams in foods), some("oil", oil, "oil")]

    assert kept(cooks, pieces, title) == [1] * len(pieces)


def test_unsaid_oil_is_counted_whole_where_the_rest_of_the_recipe_is_not_known(
    some: Make, cooks: Kitchen
) -> None:
    """The steaks of a marinade were not understood: the oil only seems to be most of it."""
    pieces = [some("onion", 100), some("oil", 216, "1 cup oil")]

    assert kept(cooks, pieces, "Hanger steak", resolved=0.5) == [1, 1]


def test_meat_takes_up_a_tenth_of_its_weight_of_the_marinade(some: Make, cooks: Kitchen) -> None:
    marinade = [
        some("oil", 200, "1 cup oil, for the marinade", "for the marinade"),
        some("lemon juice", 100, "juice, for the marinade", "for the marinade"),
    ]

    assert kept(cooks, [some("chicken", 1_000), *marinade]) == [
        1,
        pytest.approx(1 / 3),
        pytest.approx(1 / 3),
    ]


def test_little_of_a_brines_salt_is_eaten(some: Make, cooks: Kitchen) -> None:
    brine = [
        some("salt", 150, "1/2 cup salt, for brining", "for brine"),
        some("water", 3_850, "1 gallon water for the brine", "for brine"),
    ]

    shares = kept(cooks, [some("chicken", 2_000), *brine])

    assert shares == [1, pytest.approx(0.05), pytest.approx(0.05)]


def test_most_of_the_pasta_waters_salt_is_poured_off(some: Make, cooks: Kitchen) -> None:
    salt = some("salt", 18, "1 tbsp salt for the pasta water", "for cooking water")

    assert kept(cooks, [some("pasta", 500), salt]) == [1, pytest.approx(0.15)]


def test_half_of_the_flour_for_dredging_is_left_over(some: Make, cooks: Kitchen) -> None:
    flour = some("flour", 60, "1/2 cup flour for dredging", "for dredging")
    dusting = some("flour", 60, "1/2 cup flour for dusting", "for dredging")
    sugar = some("sugar", 60, "1/4 cup sugar for coating", "for dredging")

    assert kept(cooks, [some("beef", 500), flour, dusting, sugar]) == [1, 0.5, 1, 1]


def test_whole_spices_are_taken_out(some: Make, cooks: Kitchen) -> None:
    pieces = [
        some("bay leaf", 1, "2 bay leaves"),
        some("cinnamon", 3, "1 cinnamon stick"),
        some("cinnamon", 3, "1 tsp cinnamon"),
        some("bay leaf", 1, "1/2 tsp ground bay leaf"),
    ]

    cooked = cooks.cook([*pieces, some("beef", 500)], None)

    assert [one.kept for one in cooked.effects] == [0, 0, 1, 1, 1]
    assert cooked.effects[0].assumption == "a whole spice, taken out before eating"


def test_a_share_below_one_always_says_why(some: Make, cooks: Kitchen) -> None:
    pieces = [
        some("flour", 500),
        some("oil", 870, "oil for frying", "for frying"),
        some("salt", 50, "salt for brine", "for brine"),
        some("bay leaf", 1, "1 bay leaf"),
    ]

    for effect in cooks.cook(pieces, None).effects:
        assert (effect.kept < 1) == bool(effect.assumption)


@given(factor=st.floats(1, 50), oil=st.floats(1, 3_000), flour=st.floats(1, 3_000))
def test_twice_the_recipe_discards_twice_as_much(
    factor: float, oil: float, flour: float, some: Make, cooks: Kitchen
) -> None:
    def shares(scale: float) -> list[float]:
        frying = some("oil", oil * scale, "oil for frying", "for frying")
        return kept(cooks, [some("flour", flour * scale), frying])

    assert shares(factor) == pytest.approx(shares(1))
