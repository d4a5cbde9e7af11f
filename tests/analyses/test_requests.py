"""What may be asked of an analysis: every refusal names its field."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.analyses import Analyze, Measured, parse_request
from services.analyses.requests import INGREDIENTS, LINE, NAMED, SERVINGS, TITLE

FOOD = str(uuid.UUID(int=7))
FLOUR = {"food_id": FOOD, "quantity": 250, "unit": "g"}


def refused(body: object) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        parse_request(body)
    return caught.value.errors


def test_lines_alone_are_a_request():
    assert parse_request({"ingredients": ["2 eggs"]}) == Analyze(ingredients=("2 eggs",))


def test_everything_that_was_said_is_kept():
    asked = parse_request(
        {
            "title": "Porridge",
            "servings": 2,
            "yield_grams": 450.5,
            "ingredients": ["1 cup oats", {"food_id": FOOD, "quantity": 240, "unit": "g"}],
        }
    )

    assert asked == Analyze(
        title="Porridge",
        servings=2.0,
        yield_grams=450.5,
        ingredients=("1 cup oats", Measured(food_id=FOOD, quantity=240.0, unit="g")),
    )


def test_a_blank_line_is_no_error_since_recipes_have_them():
    assert parse_request({"ingredients": [""]}).ingredients == ("",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ingredients": None}, "ingredients"),
        ({"ingredients": []}, "ingredients"),
        ({"ingredients": "2 eggs"}, "ingredients"),
        ({"ingredients": ["salt"] * (INGREDIENTS + 1)}, "ingredients"),
        ({"ingredients": ["salt", 3]}, "ingredients.1"),
        ({"ingredients": [None]}, "ingredients.0"),
        ({"ingredients": ["x" * (LINE + 1)]}, "ingredients.0"),
        ({"ingredients": ["salt\0"]}, "ingredients.0"),
        ({"ingredients": ["\ud800"]}, "ingredients.0"),
        ({"ingredients": [{"quantity": 1, "unit": "g"}]}, "ingredients.0.food_id"),
        ({"ingredients": [{"food_id": "42", "quantity": 1, "unit": "g"}]}, "ingredients.0.food_id"),
        ({"ingredients": [{**FLOUR, "quantity": -1}]}, "ingredients.0.quantity"),
        ({"ingredients": [{**FLOUR, "quantity": 1e9}]}, "ingredients.0.quantity"),
        ({"ingredients": [{**FLOUR, "quanity": 2}]}, "ingredients.0.quanity"),
        ({"ingredients": [{**FLOUR, "quantity": "1"}]}, "ingredients.0.quantity"),
        ({"ingredients": [{"food_id": FOOD, "quantity": 1}]}, "ingredients.0.unit"),
        ({"ingredients": [{"food_id": FOOD, "quantity": 1, "unit": 3}]}, "ingredients.0.unit"),
        ({"title": 7}, "title"),
        ({"title": "x" * (TITLE + 1)}, "title"),
        ({"title": "nul\0"}, "title"),
        ({"servings": 0}, "servings"),
        ({"servings": -4}, "servings"),
        ({"servings": 5e-324}, "servings"),
        ({"yield_grams": 5e-324}, "yield_grams"),
        ({"servings": True}, "servings"),
        ({"servings": "4"}, "servings"),
        ({"servings": float("nan")}, "servings"),
        ({"servings": float("inf")}, "servings"),
        ({"servings": SERVINGS + 1}, "servings"),
        ({"servings": 10**400}, "servings"),
        ({"yield_grams": 0}, "yield_grams"),
        ({"serving": 4}, "serving"),
    ],
)
def test_a_refusal_names_the_field(change: dict[str, Any], field: str):
    assert list(refused({"ingredients": ["2 eggs"], **change})) == [field]


def test_every_wrong_field_is_named_at_once():
    errors = refused({"servings": 0, "ingredients": [7, {"food_id": FOOD}]})

    assert set(errors) == {
        "servings",
        "ingredients.0",
        "ingredients.1.quantity",
        "ingredients.1.unit",
    }


def test_an_unknown_field_hears_what_it_may_have_meant():
    assert refused({"ingredients": ["2 eggs"], "ingredient": []}) == {
        "ingredient": ["Unknown field. Did you mean 'ingredients'?"]
    }


@pytest.mark.parametrize(
    "body",
    [
        {"ingredients": ["2 eggs"]} | {f"servings{i}": 4 for i in range(1000)},
        {"ingredients": [FLOUR | {f"unit{i}": "g" for i in range(50)} for _ in range(50)]},
    ],
    ids=["of the recipe", "of its foods"],
)
def test_no_more_unknown_fields_are_named_than_somebody_reads(body: dict[str, Any]):
    assert len(refused(body)) == NAMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["ingredients", "servings", "food_id", "x"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_a_request_or_a_refusal(body: object):
    with suppress(Invalid):
        assert 1 <= len(parse_request(body).ingredients) <= INGREDIENTS
