"""Retention factors are USDA's, aligned with the catalogue, and silent where USDA is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nutrition.cooking import retention
from nutrition.cooking.kitchen import Kitchen
from nutrition.engine import Engine
from nutrition.errors import MissingData
from tests.nutrition.conftest import DATA

VECTORS = Path(__file__).parents[1] / "vectors"


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text(encoding="utf-8"))["rows"]
    return found


@pytest.mark.parametrize("spot", rows("retention_spots.json"), ids=lambda s: s["code"])
def test_a_factor_is_what_usda_prints(spot: dict[str, Any], engine: Engine, cooks: Kitchen) -> None:
    numbers = [nutrient.number for nutrient in engine.catalogue.nutrients]
    row = cooks.retention.row_of[spot["code"]]

    factor = cooks.retention.factors[row, numbers.index(spot["nutrient"])]

    assert factor == pytest.approx(spot["percent"] / 100)


@pytest.mark.parametrize("food", rows("retention_fndds.json"), ids=lambda f: f["fndds"])
def test_a_survey_food_comes_out_of_its_own_recipe(
    food: dict[str, Any], engine: Engine, cooks: Kitchen
) -> None:
    catalogue, parts = engine.catalogue, food["ingredients"]
    grams = np.array([float(part["grams"]) for part in parts])
    foods = [catalogue.index_of_ndb(part["ndb"]) for part in parts]
    of_row = [cooks.retention.row_of.get(part["retention"], 0) for part in parts]
    weight = grams.sum() * (1 + float(food["moisture_change_percent"]) / 100)

    amounts = grams @ (catalogue.per_100g[foods] / 100 * cooks.retention.factors[of_row])

    for code, expected in food["per_100g"].items():
        got = amounts[catalogue.column[code]] / weight * 100
        assert got == pytest.approx(float(expected), rel=1e-6, abs=1e-6), code


def test_no_factor_is_above_one_and_no_cooking_is_one_throughout(cooks: Kitchen) -> None:
    factors = cooks.retention.factors

    assert (factors[0] == 1).all()
    assert ((factors >= 0) & (factors <= 1)).all()
    assert len(factors) == 271


def test_what_the_table_does_not_speak_of_is_left_alone(engine: Engine, cooks: Kitchen) -> None:
    column = engine.catalogue.column

    for code in ("ENERC_KCAL", "PROCNT", "FAT", "CHOCDF", "FIBTG", "SE", "VITK1", "TOCPHA"):
        assert (cooks.retention.factors[:, column[code]] == 1).all(), code


def test_sums_of_vitamins_lose_what_their_parts_lose(engine: Engine, cooks: Kitchen) -> None:
    column, factors = engine.catalogue.column, cooks.retention.factors

    assert (factors[:, column["FOLDFE"]] == factors[:, column["FOL"]]).all()
    assert (factors[:, column["VITA_RAE"]] == factors[:, column["RETOL"]]).all()
    assert factors[:, column["VITA_RAE"]].min() < 1


def test_a_row_says_where_it_is_from(cooks: Kitchen) -> None:
    row = cooks.retention.row_of[3307]

    assert cooks.retention.basis(row) == "USDA R6 3307 potatoes, boiled in skin"
    assert cooks.retention.basis(0) == ""


def test_an_absent_or_damaged_table_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"absent\.csv"):
        retention.load(tmp_path / "absent.csv", engine.catalogue.nutrients)

    damaged = tmp_path / "damaged.csv"
    text = (DATA / "cooking" / "retention_r6.csv").read_text(encoding="utf-8")
    damaged.write_text(text.replace(",75,", ",Sep-75,", 1), encoding="utf-8")
    with pytest.raises(MissingData, match="Sep-75"):
        retention.load(damaged, engine.catalogue.nutrients)
