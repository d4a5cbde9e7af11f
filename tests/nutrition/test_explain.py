"""An explanation names every line that made a figure, adds up to it, and says what nobody knows."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nutrition import nutrients
from nutrition.analysis import AnalysisRequest
from nutrition.engine import Engine
from nutrition.explain import explain

LINES = (
    "2 lb potatoes",
    "1 tsp salt",
    "1 cup milk",
    "3 tbsp butter",
    "1 cup oil for deep frying",
    "1 bunch zorglub",
    "For the top:",
    "2 bay leaves",
)
CODES = ("ENERC_KCAL", "WATER", "PROCNT", "VITC", "FE", "NA", "FOLDFE", "VITK1", "F18D1", "TRP_G")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=8),
    method=st.sampled_from([None, "boiled", "baked", "grilled", "simmered"]),
    code=st.sampled_from(CODES),
)
def test_the_lines_of_an_explanation_add_up_to_the_total(
    engine: Engine, lines: list[str], method: str | None, code: str
) -> None:
    kept = engine.analyze(AnalysisRequest(tuple(lines), method=method)).kept()
    found = explain(json.loads(json.dumps(kept, allow_nan=False)), code)

    if found["amount"] is None:
        assert found["lines"] == []
    else:
        total = math.fsum(line["amount"] for line in found["lines"])
        assert total == pytest.approx(found["amount"], rel=1e-5, abs=1e-9)
        shares = math.fsum(line["share"] for line in found["lines"])
        assert shares == pytest.approx(100 if found["amount"] else 0, abs=0.1)
    said = {entry["line"] for part in ("lines", "unknown_lines") for entry in found[part]}
    assert said == {n for n, line in enumerate(kept["lines"]) if line["status"] != "ignored"}


def test_a_line_is_its_grams_times_the_tables_value_times_what_is_eaten_and_retained(
    engine: Engine,
) -> None:
    kept = engine.analyze(AnalysisRequest(("2 lb potatoes",), method="boiled")).kept()
    (line,) = explain(kept, "VITC")["lines"]

    # SR28 11352: 19.7 mg in 100 g raw, from 141 analyses; USDA R6 3307: 75 % stays when boiled.
    assert line["food"]["ndb_no"] == "11352"
    assert (line["per_100g"], line["data_points"], line["retained"]) == (19.7, 141, 0.75)
    assert line["retention"] == "USDA R6 3307 potatoes, boiled in skin"
    assert line["amount"] == pytest.approx(907.185 / 100 * 19.7 * 0.75, rel=1e-5)


def test_water_is_explained_by_the_weight_of_the_dish(engine: Engine) -> None:
    kept = engine.analyze(AnalysisRequest(("500 g dry spaghetti",), method="boiled")).kept()
    (line,) = explain(kept, "WATER")["lines"]

    assert line["retained"] == pytest.approx(14.93, abs=0.01)
    assert "weight of the dish" in line["retention"]
    assert "USDA R6 381" in explain(kept, "FE")["lines"][0]["retention"]


def test_fat_that_melts_out_is_explained_by_its_table(engine: Engine) -> None:
    kept = engine.analyze(AnalysisRequest(("1 lb ground beef",), method="grilled")).kept()
    (line,) = explain(kept, "FAT")["lines"]

    assert line["retained"] < 1
    assert "fat melts out: USDA cooking yields R2, ground beef" in line["retention"]


def test_what_is_not_eaten_is_explained_with_its_assumption(engine: Engine) -> None:
    lines = ("1 lb potatoes", "4 cups oil for deep frying")
    found = explain(engine.analyze(AnalysisRequest(lines)).kept(), "FAT")
    oil = next(line for line in found["lines"] if line["line"] == 1)

    assert 0 < oil["eaten"] < 0.2
    assert "%" in oil["assumption"]
    assert oil["amount"] == pytest.approx(oil["grams"] * oil["eaten"], rel=1e-3)


def test_what_is_thrown_away_whole_leaves_no_gap(engine: Engine) -> None:
    kept = engine.analyze(AnalysisRequest(("100 g butter", "2 bay leaves"))).kept()
    place = kept["lines"][1]["per_100g"].index(None)
    code = kept["nutrients"]["codes"][place]

    assert all(1 not in lines for lines in kept["nutrients"]["missing"])
    (bay,) = (entry for entry in explain(kept, code)["unknown_lines"] if entry["line"] == 1)
    assert bay["reason"] == "nothing of it is eaten"


def test_a_food_without_a_value_and_a_line_without_a_food_are_both_named(engine: Engine) -> None:
    lines = ("100 g white sugar", "1 bunch zorglub")
    kept = engine.analyze(AnalysisRequest(lines)).kept()
    missing = kept["lines"][0]["per_100g"].index(None)
    found = explain(kept, kept["nutrients"]["codes"][missing])

    assert found["amount"] is None
    assert found["lines"] == []
    reasons = [entry["reason"] for entry in found["unknown_lines"]]
    assert "no value" in reasons[0]
    assert "zorglub" in reasons[1]


def test_an_analysis_kept_before_explanations_is_explained_as_far_as_it_goes(
    engine: Engine,
) -> None:
    kept = engine.analyze(AnalysisRequest(("100 g butter",))).kept()
    line = kept["lines"][0]
    values = line.pop("per_100g")
    del line["data_points"], kept["nutrients"]["low"], kept["nutrients"]["high"], kept["energy"]
    line["nutrients"] = values  # as they were kept: amounts in the line, here of 100 g

    found = explain(kept, "FAT")

    assert found["lines"][0]["amount"] == pytest.approx(81.11)
    assert "per_100g" not in found["lines"][0]
    assert "low" not in found


def test_a_nutrient_that_the_analysis_does_not_have_is_no_key(engine: Engine) -> None:
    kept = engine.analyze(AnalysisRequest(("1 egg",))).kept()

    with pytest.raises(KeyError):
        explain(kept, "UNOBTAINIUM")


@pytest.mark.parametrize(
    ("called", "code"),
    [
        *(
            ("iron", "FE"),
            ("FE", "FE"),
            ("fe", "FE"),
            ("Vitamin C", "VITC"),
            ("calories", "ENERC_KCAL"),
        ),
        *(("dietary fiber", "FIBTG"), ("fibre", "FIBTG"), ("beta-carotene", "CARTB"), (" K ", "K")),
    ],
)
def test_a_nutrient_is_found_by_its_code_and_by_what_people_call_it(
    engine: Engine, called: str, code: str
) -> None:
    assert nutrients.find(called, engine.catalogue.column) == code


def test_a_name_that_no_nutrient_has_is_refused_with_what_comes_near(engine: Engine) -> None:
    with pytest.raises(KeyError, match=r"irn.*iron"):
        nutrients.find("irn", engine.catalogue.column)


def test_every_named_nutrient_is_in_the_catalogue_and_no_name_means_two(engine: Engine) -> None:
    called = [name for names in nutrients.NAMES.values() for name in names]

    assert set(nutrients.NAMES) <= set(engine.catalogue.column)
    assert len(called) == len(set(called))
