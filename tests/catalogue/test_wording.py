"""Wording and spelling: pure rules under search."""

import pytest

from services.catalogue.query import edits, nearest
from services.catalogue.wording import commonness, fold, heads, weighted


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Crème brûlée!", "creme brulee"),
        ("2% MILK", "2 milk"),
        ("a\x00b", "a b"),
        ("🥚", ""),
        ("half_and_half", "half and half"),
        ("\ud800egg", "egg"),
    ],
)
def test_folding_leaves_letters_digits_and_spaces(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Egg, whole, raw, fresh", ["egg", "egg whole"]),
        ("Nuts, almonds", ["nuts", "nuts almonds", "almonds"]),
        ("Oil, almond", ["oil", "oil almond"]),
        ("Chickpeas (garbanzo beans, bengal gram), raw", ["chickpeas", "chickpeas raw"]),
        ("Honey", ["honey"]),
    ],
)
def test_a_food_is_asked_for_by_its_head(name, expected):
    assert heads(name) == expected


def test_what_follows_a_shelf_weighs_as_much_as_a_head():
    assert weighted("Fish, salmon, Atlantic, wild, raw") == (
        "fish salmon",
        "atlantic",
        "wild raw",
    )
    assert weighted("Egg, whole, raw") == ("egg", "whole", "raw")


def test_what_people_eat_is_commoner_than_what_factories_use():
    usual = {"branded": False, "in_survey": True, "portions": 6, "data_points": 1000}
    egg = commonness("Egg, whole, raw, fresh", group="0100", **usual)

    assert egg > commonness("Egg, white, dried, powder", group="0100", **usual)
    assert egg > commonness("Egg, whole, raw, fresh", group="0300", **usual)
    assert egg > commonness("Egg, whole, raw, fresh", group="0100", **usual | {"branded": True})
    assert egg > commonness("Egg, whole, raw, fresh", group="0100", **usual | {"data_points": 0})


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("milk", "milk", 0),
        ("mlik", "milk", 1),
        ("brocoli", "broccoli", 1),
        ("chiken", "chicken", 1),
        ("", "egg", 3),
        ("ca", "abc", 3),
    ],
)
def test_an_edit_is_one_letter_or_two_neighbours_swapped(a, b, distance):
    assert edits(a, b) == edits(b, a) == distance


def test_among_spellings_as_near_the_commoner_word_wins():
    words = [("mill", "mill", 2), ("milk", "milk", 200), ("silk", "silk", 1)]

    assert nearest("mikl", words)[0] == ("milk", "milk")
    assert nearest("milc", words)[0] == ("milk", "milk")


def test_a_short_word_is_not_mended_far():
    assert nearest("egg", [("eel", "eel", 9)]) == []
