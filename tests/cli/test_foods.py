"""`nutrition foods` finds foods by name, and shows one by its id or its NDB number."""

from __future__ import annotations

from cli.exits import Exit
from nutrition.catalogue import food_id
from tests.cli.conftest import Command
from tests.cli.stage import Stage, document

EGG = food_id("01123")
HIT = {
    "id": EGG,
    "name": "Egg, whole, raw, fresh",
    "ndb_no": "01123",
    "group": "Dairy and Egg Products",
    "energy_kcal": 143.0,
}
FOOD = HIT | {
    "source": "sr28",
    "nutrients": {
        "ENERC_KCAL": {"amount": 143.0, "unit": "kcal", "name": "Energy", "data_points": 0},
        "FLD": {"amount": None, "unit": "µg", "name": "Fluoride, F", "data_points": None},
    },
    "portions": [{"amount": 1.0, "unit": "large", "grams": 50.0}],
}


def test_words_are_searched_for_as_one_query(nutrition: Command, stage: Stage) -> None:
    stage.on("GET", "/v1/foods", document({"items": [HIT], "next": None, "corrected": "whole egg"}))

    result = nutrition("foods", "search", "whole", "eg", "--limit", "5")

    assert stage.requests[-1].query == "q=whole+eg&limit=5"
    for part in ("01123", "Egg, whole, raw, fresh", "143", EGG):
        assert part in result.out
    assert "Searched for 'whole egg'" in result.err


def test_nothing_found_is_said_and_no_failure(nutrition: Command, stage: Stage) -> None:
    stage.on("GET", "/v1/foods", document({"items": [], "next": None}))

    result = nutrition("foods", "search", "dreams")

    assert (result.code, result.out) == (Exit.OK, "")
    assert "No food is called 'dreams'" in result.err


def test_a_food_is_shown_by_its_ndb_number_and_what_is_unknown_is_not_zero(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("GET", f"/v1/foods/{EGG}", document(FOOD))

    result = nutrition("foods", "show", "1123")

    assert result.out == nutrition("foods", "show", EGG).out
    (energy,) = [line for line in result.out.splitlines() if "ENERC_KCAL" in line]
    (fluoride,) = [line for line in result.out.splitlines() if "FLD" in line]
    assert energy.split() == ["Energy", "143", "kcal", "0", "ENERC_KCAL"]
    assert "not known" in fluoride
    assert "1 large" in result.out


def test_what_is_neither_id_nor_number_is_a_usage_error(nutrition: Command) -> None:
    result = nutrition("foods", "show", "egg")

    assert result.code == Exit.USAGE
    assert "nutrition foods search" in result.err
