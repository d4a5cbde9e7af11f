"""The benchmark of accuracy reads what publishers write, and leaves out what it cannot compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import figures
from benchmarks.accuracy_sets import Published, allrecipes, scraped
from benchmarks.accuracy_values import amount_of, number_of
from nutrition.engine import Engine

TOAST = {
    "title": "Toast",
    "language": "en",
    "yields": "2 servings",
    "ingredients": ["100 g butter", "salt"],
    "nutrients": {"calories": "358 kcal", "fatContent": "40,5 g", "sodiumContent": "0.32 g"},
}


@pytest.mark.parametrize(
    ("nutrient", "text", "unit", "amount"),
    [
        ("kcal", "415 kcal", None, 415.0),
        ("kcal", "Calories 415", None, 415.0),
        ("kcal", "1000 kJ (239 kcal)", None, 239.0),
        ("kcal", "1,217", None, 1217.0),
        ("kcal", 257.2, None, 257.2),
        ("fat", "Fat 32g", None, 32.0),
        ("fat", "0,5 g", None, 0.5),
        ("fat", "500 milligrams", None, 0.5),
        ("sodium", "0.2 grams of sodium", None, 200.0),
        ("sodium", "361mg", None, 361.0),
        ("sodium", 0.2, "g", 200.0),
        ("protein", "N/A", None, None),
        ("protein", "-3 g", None, None),
        ("protein", "grams", None, None),
        ("protein", None, None, None),
        ("protein", {"value": 3}, None, None),
    ],
)
def test_a_published_amount_is_read_in_the_unit_of_ours(
    nutrient: str, text: object, unit: str | None, amount: float | None
) -> None:
    assert amount_of(nutrient, text, unit) == (amount and pytest.approx(amount))


@pytest.mark.parametrize("value", [None, True, "", "x", float("nan"), "1e999", [3]])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert number_of(value) is None


@pytest.mark.parametrize(
    "row",
    [
        [],
        {},
        TOAST | {"yields": "1 loaf"},
        TOAST | {"yields": None},
        TOAST | {"ingredients": None},
        TOAST | {"ingredients": []},
        TOAST | {"nutrients": None},
        TOAST | {"nutrients": {"calories": "n/a"}},
        TOAST | {"yields": "99999999 servings"},
    ],
)
def test_a_row_that_cannot_be_compared_is_left_out(tmp_path: Path, row: Any) -> None:
    assert list(scraped(_written(tmp_path, "recipes_scraped", row, TOAST))) == [
        Published(
            "recipes_scraped:2",
            "Toast",
            "en",
            2.0,
            ("100 g butter", "salt"),
            {"kcal": 358.0, "fat": 40.5, "sodium": 320.0},
        )
    ]


def test_servings_and_nutrients_of_the_one_publisher_are_numbers(tmp_path: Path) -> None:
    row = {
        "name": "Pie",
        "servings_n": 8.0,
        "calories": "257.2",
        "ingredients": ["1 egg", None],
        "nutrients_per_serving": {"protein": {"value": 8.2, "unit": "g"}, "sugars": None},
    }

    (pie,) = allrecipes(_written(tmp_path, "recipes_allrecipes", row, row | {"servings_n": None}))

    assert (pie.servings, pie.ingredients) == (8.0, ("1 egg",))
    assert pie.nutrients == {"kcal": 257.2, "protein": 8.2}


def test_figures_are_of_the_files_that_a_folder_has(engine: Engine, tmp_path: Path) -> None:
    _written(tmp_path, "recipes_scraped", TOAST, TOAST | {"yields": None})

    report = figures(engine, tmp_path)

    assert report.keys() == {"scraped", "scraped_in_any_language"}
    assert (report["scraped"]["rows"], report["scraped"]["recipes"]) == (2, 1)
    assert report["scraped"]["kcal"]["within10"] == 100.0
    assert report["scraped"]["interval95"] == 100.0


def test_an_energy_nobody_knows_counts_as_wholly_off(engine: Engine, tmp_path: Path) -> None:
    _written(tmp_path, "recipes_scraped", TOAST | {"ingredients": ["2 qwrtz of zzgrmpf"]})

    report = figures(engine, tmp_path)

    assert report["scraped"]["kcal"]["bias"] == -100.0
    assert report["scraped"]["interval95"] == 0.0


def test_names_are_measured_where_one_of_their_files_is_there(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "food_names.csv").write_text(
        "ingredient_name,ndb_no\nunsalted butter,01145\nmoon dust,99999\n,\n"
    )

    report = figures(engine, tmp_path)

    assert report["food_names"] == {
        "hit1": 100.0,
        "hit5": 100.0,
        "same_group": 100.0,
        "energy15": 100.0,
        "count": 1,
    }
    assert sum(step["count"] for step in report["confidence"].values()) == 1


def test_a_folder_without_any_of_the_files_gives_nothing(engine: Engine, tmp_path: Path) -> None:
    assert figures(engine, tmp_path) == {}


def _written(folder: Path, name: str, *rows: Any) -> Path:
    (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder
