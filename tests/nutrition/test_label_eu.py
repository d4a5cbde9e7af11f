"""The declaration of the EU and the UK: columns, reference intakes; unknown stays unknown."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.labels.eu import ROWS, table
from nutrition.labels.eu_text import WIDTH, panel
from nutrition.labels.frame import cells
from nutrition.labels.reference_intakes import INTAKES, REFERENCES

SOUP = {
    "FAT": 24.0,
    "FASAT": 10.4,
    "CHOCDF": 96.0,
    "FIBTG": 16.0,
    "SUGAR": 30.4,
    "PROCNT": 28.0,
    "NA": 2560.0,
    "ALC": 0.0,
    "VITC": 120.0,
    "FE": 4.0,
}
CODES = sorted({code for row in (*ROWS, *REFERENCES) for code in row.made_of} | {"ALC"})


def row(document: dict[str, Any], code: str) -> dict[str, Any]:
    rows = [*document["rows"], *document["vitamins_and_minerals"]]
    return next(row for row in rows if row["code"] == code)


def test_a_declaration_reads_like_the_one_on_a_packet() -> None:
    """800 g in four portions. 24 g fat × 37, 80 g carbohydrate × 17, 16 g fibre × 8, 28 g protein
    × 17 are 2,852 kJ; × 9, 4, 2, 4 they are 680 kcal. 20 g carbohydrate of 260 g is 7.7 %."""
    document = table(SOUP, {"FE": 0.41}, servings=4, grams=800.0, title="Lentil soup")

    assert (
        panel(document)
        == """\
┌──────────────────────────────────────────────────────────────┐
│ Nutrition declaration                                        │
├──────────────────────────────────────────────────────────────┤
│ Lentil soup                                                  │
│ 4 servings per recipe                                        │
│ Portion                                   1/4 recipe (200 g) │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│ Typical values                 per 100 g  per portion  % RI* │
├──────────────────────────────────────────────────────────────┤
│ Energy                            357 kJ       713 kJ     8% │
│                                  85 kcal     170 kcal        │
│ Fat                                3.0 g        6.0 g     9% │
│   of which saturates               1.3 g        2.6 g    13% │
│ Carbohydrate                        10 g         20 g     8% │
│   of which sugars                  3.8 g        7.6 g     8% │
│ Fibre                              2.0 g        4.0 g        │
│ Protein                            3.5 g        7.0 g    14% │
│ Salt                              0.80 g        1.6 g    27% │
├──────────────────────────────────────────────────────────────┤
│ Vitamin C                    15 mg (19%)        30 mg    38% │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│ * Reference intake of an average adult (8 400 kJ/2 000       │
│   kcal); of a portion.                                       │
│   In brackets: share of the nutrient reference value in 100  │
│   g.                                                         │
└──────────────────────────────────────────────────────────────┘"""
    )


def test_reference_intakes_are_those_of_annex_xiii() -> None:
    assert {code: int(amount) for code, amount in INTAKES.items()} == {
        "FAT": 70,
        "FASAT": 20,
        "CHOAVL": 260,
        "SUGAR": 90,
        "PROCNT": 50,
        "SALT": 6,
    }
    assert {one.name: float(one.amount) for one in REFERENCES} == {
        "Vitamin A": 800,
        "Vitamin D": 5,
        "Vitamin E": 12,
        "Vitamin K": 75,
        "Vitamin C": 80,
        "Thiamin": 1.1,
        "Riboflavin": 1.4,
        "Niacin": 16,
        "Vitamin B6": 1.4,
        "Folic acid": 200,
        "Vitamin B12": 2.5,
        "Pantothenic acid": 6,
        "Potassium": 2000,
        "Calcium": 800,
        "Phosphorus": 700,
        "Magnesium": 375,
        "Iron": 14,
        "Zinc": 10,
        "Copper": 1,
        "Manganese": 2,
        "Selenium": 55,
    }


def test_a_vitamin_is_declared_from_15_percent_of_its_reference_value_on() -> None:
    enough = table({"VITC": 12.0}, {}, grams=100.0)
    too_little = table({"VITC": 11.99}, {}, grams=100.0)

    assert [row["code"] for row in enough["vitamins_and_minerals"]] == ["VITC"]
    assert too_little["vitamins_and_minerals"] == []


def test_an_amount_nobody_knows_is_null_with_a_reason_and_takes_energy_with_it() -> None:
    document = table(SOUP | {"FAT": math.nan}, {}, servings=4, grams=800.0)

    for code in ("FAT", "ENERGY"):
        unknown = row(document, code)
        assert (unknown["known"], unknown["coverage"]) == ("no", 0)
        assert unknown["reason"]
        assert unknown["per_100g"]["amount"] is None
        assert unknown["per_portion"]["shown"] == "not known"
    assert row(document, "PROCNT")["known"] == "in full"


def test_carbohydrate_without_a_figure_for_fibre_is_not_known() -> None:
    """By difference it holds the fibre: nobody can say how much of it is none."""
    without = {code: amount for code, amount in SOUP.items() if code != "FIBTG"}

    assert row(table(without, {}, grams=800.0), "CHOAVL")["known"] == "no"


def test_a_figure_from_parts_is_covered_as_its_least_covered() -> None:
    document = table(SOUP, {"CHOCDF": 0.9, "FIBTG": 0.7}, grams=800.0)

    assert row(document, "CHOAVL")["coverage"] == 0.7
    assert row(document, "ENERGY")["coverage"] == 0.7
    assert row(document, "FAT")["coverage"] == 1


def test_alcohol_counts_where_it_is_known_and_is_missed_nowhere() -> None:
    dry = table({code: SOUP[code] for code in SOUP if code != "ALC"}, {}, grams=800.0)
    wet = table(SOUP | {"ALC": 80.0}, {"ALC": 0.5}, grams=800.0)

    assert row(dry, "ENERGY")["known"] == "in full"
    assert row(wet, "ENERGY")["known"] == "in full"
    difference = row(wet, "ENERGY")["per_100g"]["kcal"] - row(dry, "ENERGY")["per_100g"]["kcal"]
    assert difference == pytest.approx(70)


def test_an_amount_known_in_part_is_never_said_to_be_below_something() -> None:
    """0.3 g of fat are known of 40 % of the recipe: the whole may hold more than 0.5 g."""
    document = table({"FAT": 0.3}, {"FAT": 0.4}, grams=100.0)

    assert row(document, "FAT")["per_100g"]["shown"] == "0.3 g"


def test_without_a_weight_nothing_is_known_in_100_g() -> None:
    document = table(SOUP, {}, servings=4)

    assert row(document, "FAT")["per_100g"]["shown"] == "not known"
    assert row(document, "FAT")["per_portion"]["shown"] == "6.0 g"
    assert document["portion"] == "1/4 recipe"
    assert document["vitamins_and_minerals"] == []


def test_a_weight_that_lacks_lines_is_marked_and_so_are_100_g() -> None:
    text = panel(table(SOUP, {}, servings=4, grams=800.0, weighed=0.8))

    assert "1/4 recipe (200 g)†" in text
    assert "per 100 g†" in text
    assert "80% known: Weight of a portion" in text


def test_a_weight_that_nobody_stated_says_where_it_comes_from() -> None:
    estimated = panel(table(SOUP, {}, grams=800.0, basis="sum of the ingredients"))

    assert "Weight of the dish: sum of the ingredients." in estimated
    assert "Weight of the dish" not in panel(table(SOUP, {}, grams=800.0))


def test_without_servings_the_recipe_is_the_portion() -> None:
    document = table(SOUP, {}, grams=800.0)

    assert document["portion"] == "1 recipe (800 g)"
    assert row(document, "FAT")["per_portion"]["amount"] == 24


def test_impossible_amounts_and_servings_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"FAT is -0\.1"):
        table({"FAT": -0.1}, {})
    with pytest.raises(ValueError, match="servings must be a positive number"):
        table({}, {}, servings=0)


AMOUNTS = st.dictionaries(st.sampled_from(CODES), st.floats(0, 1e300) | st.just(math.nan))


@given(
    st.text(max_size=200) | st.none(),
    AMOUNTS,
    st.dictionaries(st.sampled_from(CODES), st.floats(0, 1)),
    st.none() | st.floats(1e-3, 1e4),
    st.none() | st.floats(0.1, 1e7),
    st.sampled_from(["utf-8", "ascii"]),
)
def test_any_declaration_is_json_and_fits_its_frame(
    title: str | None,
    amounts: dict[str, float],
    coverage: dict[str, float],
    servings: float | None,
    grams: float | None,
    encoding: str,
) -> None:
    document = table(amounts, coverage, servings=servings, grams=grams, title=title)

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert {cells(line) for line in panel(document, encoding).split("\n")} == {WIDTH}


@given(st.sampled_from(ROWS), st.floats(0, 1e4), st.floats(0, 1e4))
def test_more_in_100_g_is_never_shown_as_less(declared: Any, one: float, other: float) -> None:
    (code, factor) = next(iter(declared.made_of.items()))
    less, more = (
        row(table({"FIBTG": 0.0, code: amount / factor}, {}, grams=100.0), declared.code)
        for amount in sorted((one, other))
    )

    assert less["per_100g"]["rounded"] <= more["per_100g"]["rounded"]
