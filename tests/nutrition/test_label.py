"""The Nutrition Facts label: the regulation's order and rounding; unknown stays unknown."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.labels.daily_values import SETS, daily_values
from nutrition.labels.fda import CODES, NOT_KNOWN, ROWS, label

AMOUNTS = st.floats(min_value=0, max_value=1e6)


def row(document: dict[str, Any], code: str) -> dict[str, Any]:
    return next(row for row in document["rows"] if row["code"] == code)


def test_rows_stand_in_the_order_of_the_regulation() -> None:
    assert [row["name"] for row in label({})["rows"]] == [
        "Calories",
        "Total Fat",
        "Saturated Fat",
        "Trans Fat",
        "Cholesterol",
        "Sodium",
        "Total Carbohydrate",
        "Dietary Fiber",
        "Total Sugars",
        "Added Sugars",
        "Protein",
        "Vitamin D",
        "Calcium",
        "Iron",
        "Potassium",
    ]


@pytest.mark.parametrize("amount", [None, math.nan, math.inf])
def test_an_unknown_amount_is_null_with_a_reason_and_never_zero(amount: float | None) -> None:
    iron = row(label({} if amount is None else {"FE": amount}), "FE")

    assert (iron["amount"], iron["rounded"], iron["percent_daily_value"]) == (None, None, None)
    assert iron["shown"] == NOT_KNOWN
    assert iron["known"] == "no"
    assert iron["coverage"] == 0
    assert iron["reason"]


def test_a_measured_zero_is_a_zero() -> None:
    cholesterol = row(label({"CHOLE": 0.0}), "CHOLE")

    assert (cholesterol["amount"], cholesterol["shown"]) == (0, "0mg")
    assert cholesterol["known"] == "in full"


def test_an_amount_known_in_part_carries_its_coverage() -> None:
    fibre = row(label({"FIBTG": 4.2}, coverage={"FIBTG": 0.83}), "FIBTG")

    assert (fibre["known"], fibre["coverage"], fibre["shown"]) == ("in part", 0.83, "4g")


def test_an_amount_known_in_part_is_never_said_to_be_less_than_something() -> None:
    """0.7 g is known of 40 % of the recipe: the whole may hold more than 1 g."""
    assert row(label({"FIBTG": 0.7}, coverage={"FIBTG": 0.4}), "FIBTG")["shown"] == "1g"


def test_a_coverage_just_short_of_whole_is_not_stated_as_whole() -> None:
    fibre = row(label({"FIBTG": 4.2}, coverage={"FIBTG": 0.999999}), "FIBTG")

    assert (fibre["coverage"], fibre["known"]) == (0.9999, "in part")


def test_a_serving_weight_says_how_many_lines_it_adds_up() -> None:
    assert label({}, 4, 100.0, weighed=0.9)["serving_grams_coverage"] == 0.9
    assert label({}, 4, 100.0)["serving_grams_coverage"] == 1
    assert label({}, 4, None)["serving_grams_coverage"] == 0


def test_noise_of_binary_addition_does_not_turn_a_tie() -> None:
    """0.1 x 2350, added up, is 234.99999999999…; the figures add up to 235, which is 6 %."""
    potassium = sum([0.1] * 2350)
    assert potassium != 235

    assert row(label({"K": potassium}), "K")["percent_daily_value"] == 6


def test_what_is_shown_as_zero_has_a_percentage_of_zero() -> None:
    """0.49 g of saturated fat would be 2 % before rounding."""
    assert row(label({"FASAT": 0.49}), "FASAT")["percent_daily_value"] == 0


def test_nutrients_without_a_daily_value_have_no_percentage() -> None:
    document = label(dict.fromkeys(CODES, 10.0))

    without = {row["code"] for row in document["rows"] if row["percent_daily_value"] is None}
    assert without == {"ENERC_KCAL", "FATRN", "SUGAR", "PROCNT"}


def test_protein_for_small_children_has_its_daily_value_and_says_why_it_has_no_percentage() -> None:
    """101.9(c)(7)(i) requires the percentage there; (c)(7)(ii) wants its digestibility."""
    for_adults = row(label({"PROCNT": 6.0}), "PROCNT")
    for_children = row(label({"PROCNT": 6.0}, version="fda-2016-ages-1-3"), "PROCNT")

    assert (for_adults["daily_value"], for_adults["percent_daily_value"]) == (None, None)
    assert "percent_reason" not in for_adults
    assert (for_children["daily_value"], for_children["percent_daily_value"]) == (13, None)
    assert "digestibility" in for_children["percent_reason"]


@pytest.mark.parametrize(
    ("servings", "grams", "count", "size"),
    [
        (8, 125.4, "8 servings per recipe", "1/8 recipe (125g)"),
        (1, 812.0, "1 serving per recipe", "1 recipe (812g)"),
        (3.3, 4.3, "about 3.5 servings per recipe", "1 serving (4.5g)"),
        (2.5, 1.25, "2.5 servings per recipe", "1 serving (1.3g)"),
        (1.2, None, "about 1 serving per recipe", "1 serving"),
        (12.4, math.nan, "about 12 servings per recipe", "1 serving"),
        (0.5, 300.0, "0.5 serving per recipe", "1 serving (300g)"),
        (None, 812.0, "Number of servings not stated", "1 recipe (812g)"),
    ],
)
def test_servings_are_declared_as_the_regulation_says(
    servings: float | None, grams: float | None, count: str, size: str
) -> None:
    """21 CFR 101.9(b)(7) and (b)(8)."""
    document = label({}, servings, grams)

    assert (document["servings_shown"], document["serving_size"]) == (count, size)


def test_the_footnote_is_the_regulations() -> None:
    """21 CFR 101.9(d)(9): for adults 2,000 calories, for children of 1 to 3 years 1,000."""
    assert label({})["footnote"] == (
        "The % Daily Value tells you how much a nutrient in a serving of food contributes to a "
        "daily diet. 2,000 calories a day is used for general nutrition advice."
    )
    assert "1,000 calories a day" in label({}, version="fda-2016-ages-1-3")["footnote"]


@pytest.mark.parametrize("servings", [0, -1, math.nan, math.inf])
def test_servings_that_make_no_sense_are_refused(servings: float) -> None:
    with pytest.raises(ValueError, match="servings must be a positive number"):
        label({}, servings)


def test_a_negative_amount_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"FAT is -0\.1"):
        label({"FAT": -0.1})


def test_an_unknown_set_of_daily_values_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="fda-2016, fda-2016-ages-1-3"):
        daily_values("fda-1993")


def test_both_age_groups_have_the_same_nutrients_in_the_same_units() -> None:
    adults, children = (
        {value.code: (value.unit, value.kind) for value in reference.values.values()}
        for reference in SETS.values()
    )

    assert adults == children
    assert len(adults) == 8 + 27  # (c)(9) lists 8 reference values, (c)(8)(iv) 27 intakes


@given(st.dictionaries(st.sampled_from(CODES), AMOUNTS | st.just(math.nan)))
def test_every_label_is_json_and_has_every_row(amounts: dict[str, float]) -> None:
    document = label(amounts, 4, 100.0)

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [row["code"] for row in document["rows"]] == list(CODES)


@given(st.sampled_from(ROWS), AMOUNTS, AMOUNTS)
def test_more_of_a_nutrient_is_never_shown_as_less(declared: Any, one: float, other: float) -> None:
    less, more = sorted((one, other))
    code = declared.code

    low, high = row(label({code: less}), code), row(label({code: more}), code)

    assert low["rounded"] <= high["rounded"]
    if low["percent_daily_value"] is not None:
        assert low["percent_daily_value"] <= high["percent_daily_value"]


@given(st.sampled_from(ROWS), st.floats(min_value=0, max_value=1e300))
def test_any_amount_at_all_is_shown_in_few_characters(declared: Any, amount: float) -> None:
    shown = row(label({declared.code: amount}), declared.code)["shown"]

    assert len(shown) <= len("less than 1.00e+300mcg")
