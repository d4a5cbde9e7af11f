"""A request may name a method in everyday words; an unknown one is a problem of its field."""

from __future__ import annotations

import pytest

from nutrition.cooking import choose, methods
from nutrition.cooking.families import family
from nutrition.cooking.kitchen import Kitchen
from nutrition.errors import ImpossibleRequest
from tests.nutrition.cooking.conftest import Make


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Baked", "baked"),
        ("grilled", "broiled"),
        ("Pan Fried", "fried"),
        ("pan-fried", "fried"),
        ("stewed", "simmered"),
        ("sautéed", "sauteed"),
        ("boiled_drained", "boiled"),
        ("instant pot", "pressure-cooked"),
    ],
)
def test_a_method_goes_by_several_names(said: str, name: str) -> None:
    assert methods.find(said).name == name


def test_a_method_nobody_knows_is_a_problem_of_its_field() -> None:
    with pytest.raises(ImpossibleRequest, match="known are raw, baked") as problem:
        methods.find("sous vide")

    assert problem.value.field == "method"


def test_a_misspelt_method_gets_a_suggestion() -> None:
    with pytest.raises(ImpossibleRequest, match="did you mean 'broiled'"):
        methods.find("grilld")


def test_no_two_methods_share_a_name() -> None:
    names = [name for one in methods.METHODS for name in (one.name, *one.aliases)]

    assert len({methods.find(name).name for name in names}) == len(methods.METHODS)
    assert len(set(names)) == len(names)


def test_every_code_of_the_table_is_one_of_usda(cooks: Kitchen) -> None:
    codes = {code for of_family in choose.TABLE.values() for code in of_family.values() if code}

    assert codes <= cooks.retention.row_of.keys()
    assert {name for of in choose.TABLE.values() for name in of} | {"raw"} == {
        method.name for method in methods.METHODS
    }


@pytest.mark.parametrize(
    ("food", "method", "code"),
    [
        ("potato", "boiled", 3307),  # SR28's raw potato has its skin
        ("potato", "simmered", 3309),
        ("spinach", "boiled", 3005),  # USDA: water to cover, drained
        ("spinach", "soup", 3006),  # USDA: water used
        ("broccoli", "steamed", 3784),
        ("onion", "sauteed", 3460),
        ("tomato", "baked", 3751),
        ("lentils", "boiled", 501),
        ("black beans", "simmered", 522),
        ("pasta", "boiled", 381),
        ("rice", "simmered", 432),
        ("flour", "baked", 301),
        ("yeast", "baked", 301),
        ("egg", "fried", 103),
        ("milk", "baked", 2152),
        ("fat beef", "grilled", 603),
        ("chicken", "roasted", 805),
        ("bacon", "fried", 1456),
        ("salmon", "poached", 2551),
        ("wine", "simmered", 5005),
        ("wine", "flambéed", 5003),
    ],
)
def test_a_raw_food_takes_the_row_of_its_family_and_method(
    food: str, method: str, code: int, some: Make, cooks: Kitchen
) -> None:
    (effect,) = cooks.cook([some(food, 100)], methods.find(method)).effects

    assert effect.retention == cooks.retention.row_of[code]
    assert effect.retention_basis.startswith(f"USDA R6 {code} ")


@pytest.mark.parametrize(
    "food", ["roast chicken", "cooked rice", "canned tomatoes", "oil", "sugar", "salt", "water"]
)
def test_what_is_cooked_already_or_not_in_the_table_loses_nothing(
    food: str, some: Make, cooks: Kitchen
) -> None:
    for method in methods.METHODS:
        (effect,) = cooks.cook([some(food, 100)], method).effects
        assert effect.retention == 0, method.name
        assert effect.fat_kept == 1


@pytest.mark.parametrize(
    ("food", "expected"),
    [
        ("whole chicken", "chicken"),
        ("chicken heart", "organ"),
        ("chicory roots", "root"),
        ("witloof", "greens"),
    ],
)
def test_a_food_is_of_the_family_that_its_name_says(food: str, expected: str, some: Make) -> None:
    assert family(some(food, 100).food, 5.0) == expected


def test_raw_means_no_loss(some: Make, cooks: Kitchen) -> None:
    (effect,) = cooks.cook([some("spinach", 100)], methods.RAW).effects

    assert effect.retention == 0


def test_a_method_that_usda_did_not_measure_says_which_it_stands_for(
    some: Make, cooks: Kitchen
) -> None:
    (effect,) = cooks.cook([some("broccoli", 100)], methods.find("microwaved")).effects

    assert "no microwave cooking; taken as steamed" in effect.retention_basis
