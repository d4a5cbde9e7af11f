"""A recipe's text becomes the request that it means."""

from __future__ import annotations

import json

import pytest

from cli.exits import CommandFailed, Exit
from cli.recipes import recipe_request, request_body


def test_title_servings_and_one_ingredient_a_line() -> None:
    assert recipe_request("# Pie\nservings: 8\n\n2 cups flour\n1 egg\n", "pie.txt") == {
        "title": "Pie",
        "servings": 8,
        "ingredients": ["2 cups flour", "1 egg"],
    }


def test_ingredients_alone_suffice() -> None:
    assert recipe_request("2 eggs", "-") == {"ingredients": ["2 eggs"]}


def test_bullets_and_later_hash_lines_are_no_part_of_an_ingredient() -> None:
    text = (
        "# Pie\n# For the crust\n- 2 cups flour\n# For the filling\n* 1 apple\n• ½ lemon\n-5 g salt"
    )

    assert recipe_request(text, "-") == {
        "title": "Pie",
        "ingredients": ["2 cups flour", "1 apple", "½ lemon", "-5 g salt"],
    }


def test_yield_and_fractions_of_servings() -> None:
    request = recipe_request("Servings: 2.5\nYIELD_GRAMS: 812.5\n1 egg", "-")

    assert (request["servings"], request["yield_grams"]) == (2.5, 812.5)


def test_a_header_among_the_ingredients_is_an_ingredient() -> None:
    assert recipe_request("1 egg\nservings: 4", "-")["ingredients"] == ["1 egg", "servings: 4"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "pie.txt has no ingredients"),
        (b"# Pie\nservings: 8\n", "pie.txt has no ingredients"),
        (b"servings: many\n1 egg", "pie.txt, line 1: servings is 'many'; it must be a number"),
        (b"\xff\xfe1\x00", "pie.txt is not UTF-8 text"),
    ],
)
def test_what_is_no_recipe_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(CommandFailed, match=message) as refused:
        request_body(data, "pie.txt")

    assert refused.value.code is Exit.USAGE


def test_a_byte_order_mark_is_no_part_of_the_title() -> None:
    assert json.loads(request_body("\ufeff# Pie\n1 egg".encode(), "-"))["title"] == "Pie"


def test_json_is_sent_as_it_is_so_that_the_platform_judges_it() -> None:
    assert request_body(b'\n{"servings": 1, "servings": NaN}\n', "-") == (
        b'{"servings": 1, "servings": NaN}'
    )


@pytest.mark.parametrize("written", ["inf", "nan", "1e999"])
def test_figures_that_json_cannot_write_are_refused(written: str) -> None:
    with pytest.raises(CommandFailed, match="line 1: servings"):
        recipe_request(f"servings: {written}\n1 egg", "-")
