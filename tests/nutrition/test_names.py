"""Names become comparable words, whoever wrote them."""

from __future__ import annotations

import pytest

from nutrition.errors import MissingData
from nutrition.foods import aliases
from nutrition.foods.names import query_words, singular, words


@pytest.mark.parametrize(
    ("cook", "sr28"),
    [
        ("unsalted butter", "Butter, without salt"),
        ("skimmed milk", "Milk, nonfat"),
        ("skinless", "without skin"),
        ("courgettes", "zucchini squash, summer"),
        ("prawn", "Shrimps"),
        ("minced beef", "beef, ground"),
        ("fresh basil", "Basil, raw"),
        ("2% milk", "Milk, 2 percent"),
        ("garbanzo beans", "chick peas"),
    ],
)
def test_two_wordings_of_one_meaning_are_the_same_words(cook: str, sr28: str) -> None:
    assert set(words(cook)) == set(words(sr28))


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("berries", "berry"),
        ("tomatoes", "tomato"),
        ("radishes", "radish"),
        ("chives", "chive"),
        ("leaves", "leaf"),
        ("asparagus", "asparagus"),
        ("hummus", "hummus"),
        ("peas", "pea"),
    ],
)
def test_a_plural_is_read_in_the_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_how_it_is_cut_and_how_good_it_is_do_not_name_a_food() -> None:
    assert query_words("2 large organic ripe tomatoes, finely chopped") == ["tomato"]


def test_a_name_made_of_such_words_alone_keeps_them() -> None:
    assert query_words("topping") == ["topping"]


def test_accents_and_apostrophes_do_not_matter() -> None:
    assert words("Crème fraîche") == words("creme fraiche")
    assert words("confectioners’ sugar") == words("confectioners sugar")


def test_an_alias_line_without_a_food_code_is_refused_with_its_number() -> None:
    lines = ["# comment", "01123: egg, eggs", "egg: 01123"]

    with pytest.raises(MissingData, match="line 3"):
        list(aliases.read(lines))
