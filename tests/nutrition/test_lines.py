"""Lines as cooks write them, read into parts; and any text at all, without an exception."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nutrition.engine import Engine
from nutrition.lines.parsing import MAX_CHARACTERS, Amount, clean, parse

# The parser is loaded by the engine's fixture.
pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    ("line", "name", "amounts"),
    [
        ("2 cups all-purpose flour, sifted", "all-purpose flour", [(2, 2, "cup", False)]),
        ("½ cup milk", "milk", [(0.5, 0.5, "cup", False)]),
        ("1 ½ cups sugar", "sugar", [(1.5, 1.5, "cup", False)]),
        ("1 3/4 tsp salt", "salt", [(1.75, 1.75, "tsp", False)]),
        ("2-3 eggs", "eggs", [(2, 3, "", False)]),
        ("1 to 2 tablespoons oil", "oil", [(1, 2, "tbsp", False)]),
        ("2 dozen eggs", "eggs", [(2, 2, "dozen", False)]),
        ("a dozen eggs", "eggs", [(1, 1, "dozen", False)]),
        ("1/2 dozen eggs", "eggs", [(0.5, 0.5, "dozen", False)]),
        ("500g potatoes", "potatoes", [(500, 500, "g", False)]),
        ("2 400g tins tomatoes", "tomatoes", [(2, 2, "tin", False), (400, 400, "g", True)]),
        (
            "1 (14.5 oz) can tomatoes",
            "tomatoes",
            [(1, 1, "can", False), (14.5, 14.5, "oz", True)],
        ),
        ("2 12- ounce cans milk", "milk", [(2, 2, "can", False), (12, 12, "oz", True)]),
        ("Juice of 1 lemon", "lemon juice", [(1, 1, "yield", False)]),
        ("zest of 2 limes", "limes zest", [(2, 2, "yield", False)]),
        ("- 1 cup rice", "rice", [(1, 1, "cup", False)]),
        ("• 1 cup rice", "rice", [(1, 1, "cup", False)]),
    ],
)
def test_a_line_is_read_as_its_cook_meant_it(
    line: str, name: str, amounts: list[tuple[float, float, str, bool]]
) -> None:
    parsed = parse(line)

    assert parsed.name == name
    assert [(a.quantity, a.high, a.unit, a.each) for a in parsed.amounts] == amounts


def test_amounts_joined_by_plus_are_terms_of_one() -> None:
    (amount,) = parse("1 cup plus 2 tablespoons sugar").amounts

    assert amount == Amount(1, 1, "cup", plus=(Amount(2, 2, "tbsp"),))


def test_a_range_is_reckoned_at_its_middle() -> None:
    (amount,) = parse("2-3 eggs").amounts

    assert amount.middle == pytest.approx(2.5)


def test_alternatives_keep_their_order() -> None:
    assert parse("100 g butter or margarine").names == ("butter", "margarine")


def test_optional_and_to_taste_are_marked() -> None:
    assert parse("1 cup walnuts (optional)").optional
    assert parse("salt to taste").to_taste


@pytest.mark.parametrize(
    "line", ["For the sauce:", "Filling:", "FOR THE CRUST", "", "  ", "***", "🎂"]
)
def test_a_heading_or_a_line_without_words_is_no_food(line: str) -> None:
    assert parse(line.casefold() if line.isupper() else line).heading


@pytest.mark.parametrize("line", ["-2 cups flour", "−1 egg", "NaN cups flour", "inf g sugar"])
def test_a_negative_or_unreal_quantity_is_a_named_problem(line: str) -> None:
    parsed = parse(line)

    assert "negative or not a number" in parsed.problem
    assert parsed.name
    assert not parsed.amounts


def test_a_division_by_zero_is_a_named_problem() -> None:
    assert parse("1/0 cup sugar").problem == "the line cannot be read"


def test_control_characters_and_length_are_tamed_before_the_parser() -> None:
    assert clean("1\x00 cup\t\u202e flour\n") == "1 cup flour"
    assert len(clean("flour " * 1000)) <= MAX_CHARACTERS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
@example("\x00")
@example("1/0")
@example("(" * 400)
@example("1 cup " * 1000)
@example("٢ كوب طحين")
@example("\ud800 cup")
def test_any_text_is_an_answer(engine: Engine, text: str) -> None:
    assert parse(text).text == text


RECIPE_WORDS = "1 2 ½ 1/2 - to ( ) , or and plus x oz cup g can dozen of juice lemon egg # $ : %"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(RECIPE_WORDS.split()), max_size=12))
def test_any_jumble_of_the_words_of_recipes_is_an_answer(engine: Engine, words: list[str]) -> None:
    text = " ".join(words)

    assert parse(text).text == text


@pytest.mark.parametrize(
    ("line", "drained", "purpose"),
    [
        ("1 (15 oz) can black beans, drained and rinsed", True, ""),
        ("1 (15 oz) can black beans, undrained", False, ""),
        ("1 can corn, not drained", False, ""),
        ("oil for frying", False, "for frying"),
        ("4 cups vegetable oil, for deep-frying", False, "for deep frying"),
        ("1 tablespoon butter, for greasing the pan", False, "for greasing"),
        ("1/2 cup flour for dredging", False, "for dredging"),
        ("chopped parsley, to garnish", False, "for garnish"),
        ("6 cups cooked rice, for serving", False, "to serve"),
        ("salt for the pasta water", False, "for cooking water"),
        ("2 cups flour", False, ""),
    ],
)
def test_what_is_poured_off_and_what_a_food_is_for_is_told(
    line: str, drained: bool, purpose: str
) -> None:
    parsed = parse(line)

    assert (parsed.drained, parsed.purpose) == (drained, purpose)
