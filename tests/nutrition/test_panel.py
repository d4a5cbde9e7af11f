"""The label in a terminal: framed, aligned, honest about gaps, and harmless whatever its title."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.labels.fda import CODES, label
from nutrition.labels.frame import cells, plain
from nutrition.labels.text import WIDTH, panel

PIE = {
    "ENERC_KCAL": 411.2,
    "FAT": 19.4,
    "FASAT": 11.9,
    "FATRN": 0.6,
    "CHOLE": 3.1,
    "NA": 327.0,
    "CHOCDF": 57.8,
    "FIBTG": 3.7,
    "SUGAR": 0.7,
    "PROCNT": 3.7,
    "VITD": 0.4,
    "CA": 20.0,
    "FE": 1.8,
}


def test_a_label_reads_like_the_printed_one() -> None:
    document = label(PIE, 8, 155.3, title="Apple Pie", coverage={"FATRN": 0.412, "VITD": 0.9999})

    assert (
        panel(document)
        == """\
┌──────────────────────────────────────────┐
│ Nutrition Facts                          │
├──────────────────────────────────────────┤
│ Apple Pie                                │
│ 8 servings per recipe                    │
│ Serving size           1/8 recipe (155g) │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│ Amount per serving                       │
│ Calories                             410 │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│                           % Daily Value* │
├──────────────────────────────────────────┤
│ Total Fat 19g                        25% │
│   Saturated Fat 12g                  60% │
│   Trans Fat 0.5g†                        │
│ Cholesterol less than 5mg             1% │
│ Sodium 330mg                         14% │
│ Total Carbohydrate 58g               21% │
│   Dietary Fiber 4g                   13% │
│   Total Sugars less than 1g              │
│     Added Sugars               not known │
│ Protein 4g                               │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│ Vitamin D 0.4mcg†                     2% │
│ Calcium 20mg                          2% │
│ Iron 1.8mg                           10% │
│ Potassium                      not known │
┝━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┥
│ * The % Daily Value tells you how much a │
│   nutrient in a serving of food          │
│   contributes to a daily diet. 2,000     │
│   calories a day is used for general     │
│   nutrition advice.                      │
│ † Known part only: the rest of the       │
│   recipe has no figure.                  │
│   41% known: Trans Fat                   │
│   99% known: Vitamin D                   │
│   Not known is not zero: no figure       │
│   exists for any part of the recipe.     │
└──────────────────────────────────────────┘"""
    )


def test_a_whole_label_has_no_legend() -> None:
    text = panel(label(dict.fromkeys(CODES, 1.0), 8, 155.3))

    assert "†" not in text
    assert "not known" not in text.lower()


def test_a_serving_weight_that_lacks_lines_is_marked() -> None:
    text = panel(label(PIE, 8, 155.3, weighed=0.29))

    assert "1/8 recipe (155g)† │" in text
    assert "29% known: Serving size" in text


def test_added_sugars_are_included_in_the_sugars_above_them() -> None:
    """21 CFR 101.9(c)(6)(iii): prefaced with the word "Includes"."""
    assert "│     Includes 10g Added Sugars        20% │" in panel(label({"SUGAD": 10.0}))


def test_without_servings_the_recipe_is_the_serving() -> None:
    text = panel(label(PIE))

    assert "Amount per recipe" in text
    assert "Number of servings not stated" in text


def test_daily_values_of_children_are_named() -> None:
    text = " ".join(panel(label(PIE, version="fda-2016-ages-1-3")).split("\n"))

    assert "Daily Values for children 1 through 3" in text
    assert "Daily Values for" not in panel(label(PIE))


def test_protein_for_small_children_says_that_its_percentage_is_not_known() -> None:
    text = panel(label(PIE, version="fda-2016-ages-1-3"))

    assert "│ Protein 4g                     not known │" in text
    assert "Protein has no % Daily Value" in text


def test_a_gap_in_every_figure_is_said_once() -> None:
    """One line of the recipe has no food: what is known of the rest is short by as much."""
    text = panel(label(PIE, 8, 155.3, weighed=0.8, coverage=dict.fromkeys(CODES, 0.8)))
    uneven = panel(label(PIE, 8, coverage=dict.fromkeys(CODES, 0.8) | {"FATRN": 0.3}))

    assert "80% known: all figures" in text
    assert "30% known: Trans Fat" in uneven
    assert "80% known: all other figures" in uneven


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such-encoding"])
def test_a_terminal_without_box_drawing_gets_ascii(encoding: str) -> None:
    text = panel(label(PIE, 8, title="Crème brûlée"), encoding)

    assert text.isascii() or encoding in ("latin-1", "cp1252")
    assert text.startswith("+----")
    assert "Cr" in text


def test_accents_that_cannot_be_written_are_dropped() -> None:
    assert "Creme brulee ??" in panel(label(PIE, title="Crème brûlée 派"), "ascii")


def test_a_long_title_is_wrapped_and_then_cut() -> None:
    lines = panel(label(PIE, title="pie " * 60)).split("\n")

    assert [len(line) for line in lines] == [WIDTH] * len(lines)
    assert lines[5].rstrip(" │").endswith("…")
    assert "Number of servings" in lines[6]


def test_a_title_cannot_command_the_terminal() -> None:
    assert plain("\x1b[31mred\x00\u202e\nflag\u2028") == "[31mred flag"


def test_a_frame_stays_in_place_around_writing_from_right_to_left() -> None:
    line = next(line for line in panel(label(PIE, title="פאי תפוחים")).split("\n") if "פאי" in line)

    assert line.startswith("\u200e│ \u2068")
    assert cells(line) == WIDTH


@given(
    st.text(max_size=200) | st.none(),
    st.dictionaries(st.sampled_from(CODES), st.floats(0, 1e300) | st.just(math.nan)),
    st.dictionaries(st.sampled_from(CODES), st.floats(0, 1)),
    st.none() | st.floats(1e-3, 1e300),
    st.sampled_from(["utf-8", "ascii"]),
)
def test_any_label_fits_its_frame(
    title: str | None,
    amounts: dict[str, float],
    coverage: dict[str, float],
    servings: float | None,
    encoding: str,
) -> None:
    document = label(amounts, servings, servings, title=title, coverage=coverage)

    lines = panel(document, encoding).split("\n")

    assert {cells(line) for line in lines} == {WIDTH}
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for line in lines for c in line)
