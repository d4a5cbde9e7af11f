"""Figures with their source, as each law has them printed. tests/nutrition/vectors/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nutrition.labels.daily_values import SETS
from nutrition.labels.eu import table
from nutrition.labels.fda import label

FOLDER = Path(__file__).parent / "vectors"
DAILY_VALUES = json.loads((FOLDER / "fda_dv.json").read_text())
FDA = json.loads((FOLDER / "fda_rounding.json").read_text()) + DAILY_VALUES["percents"]
EU = json.loads((FOLDER / "eu_rounding.json").read_text())
MILLI, MICRO = 1e3, 1e6
#: What the catalogue measures in something else than grams; the vectors are in grams throughout.
PER_GRAM = {
    **dict.fromkeys(("NA", "CA", "K", "FE", "NIA"), MILLI),
    **dict.fromkeys(("VITB12", "RETOL", "CARTB", "CARTA", "CRYPX"), MICRO),
}
NOTHING = dict.fromkeys(("FAT", "CHOCDF", "FIBTG", "PROCNT", "ALC"), 0.0)


@pytest.mark.parametrize(
    "case", FDA, ids=lambda case: f"{case['code']}-{case['amount']}-{case['daily_values']}"
)
def test_an_amount_is_shown_as_the_regulation_says(case: dict[str, Any]) -> None:
    rows = label({case["code"]: float(case["amount"])}, version=case["daily_values"])["rows"]

    shown = next(row for row in rows if row["code"] == case["code"])
    assert shown["shown"] == case["shown"], case["source"]
    assert shown["percent_daily_value"] == case["percent"], case["source"]


@pytest.mark.parametrize("case", DAILY_VALUES["values"], ids=lambda case: case["code"])
def test_a_daily_value_is_that_of_its_age_group(case: dict[str, Any]) -> None:
    adults, children = (reference.values[case["code"]] for reference in SETS.values())

    assert (adults.unit, children.unit) == (case["unit"], case["unit"])
    assert float(adults.amount) == case["adults"], case["source"]
    assert float(children.amount) == case["ages_1_to_3"], case["source"]


def test_every_daily_value_has_a_vector() -> None:
    for reference in SETS.values():
        assert {case["code"] for case in DAILY_VALUES["values"]} == set(reference.values)


@pytest.mark.parametrize("case", EU, ids=lambda case: f"{case['code']}-{case['shown']}")
def test_an_amount_in_100_g_is_shown_as_the_guidance_says(case: dict[str, Any]) -> None:
    totals = {code: grams * PER_GRAM.get(code, 1) for code, grams in case["grams"].items()}

    document = table({**NOTHING, **totals}, {}, grams=100.0)

    rows = [*document["rows"], *document["vitamins_and_minerals"]]
    shown = next(row for row in rows if row["code"] == case["code"])
    assert shown["per_100g"]["shown"] == case["shown"], case["source"]
