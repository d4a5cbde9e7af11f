"""Recipes analysed: totals, coverage, the shape of the answer, and what holds for any recipe."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nutrition import documents
from nutrition.analysis import AnalysisRequest, Measured
from nutrition.engine import Engine
from nutrition.errors import ImpossibleRequest, MissingData
from nutrition.labels import fda
from nutrition.lines.parser_model import prepare
from tests.nutrition.conftest import DATA

PANCAKES = (
    "1 ½ cups all-purpose flour",
    "3 ½ teaspoons baking powder",
    "1 tablespoon white sugar",
    "¼ teaspoon salt",
    "1 ¼ cups milk",
    "3 tablespoons butter, melted",
    "1 egg",
)
LINES = st.sampled_from(
    [
        *PANCAKES,
        "salt to taste",
        "For the sauce:",
        "2 cups of moonlight",
        "Juice of 1 lemon",
        "1 (14.5 oz) can tomatoes",
        "2 bay leaves",
        "1 zeppelin butter",
    ]
)
RECIPES = st.lists(LINES, max_size=8)


def test_pancakes_have_the_energy_that_their_foods_have(engine: Engine) -> None:
    analysis = engine.analyze(AnalysisRequest(PANCAKES, "Pancakes", servings=8))

    document = analysis.document()
    assert [line["status"] for line in document["lines"]] == ["ok"] * len(PANCAKES)
    parts = [line["nutrients"]["ENERC_KCAL"] for line in document["lines"]]
    assert document["totals"]["ENERC_KCAL"]["amount"] == pytest.approx(sum(parts), rel=1e-4)
    assert document["totals"]["ENERC_KCAL"]["coverage"] == 1
    assert 1200 < document["totals"]["ENERC_KCAL"]["amount"] < 1350


def test_the_document_has_the_shape_of_the_interface(engine: Engine) -> None:
    document = engine.analyze(AnalysisRequest(PANCAKES, "Pancakes", servings=8)).document()

    assert set(document) == {
        *("title", "servings", "yield_grams", "yield_grams_basis", "totals", "per_serving"),
        *("energy", "per_100g", "lines", "label", "references", "warnings"),
    }
    first = document["lines"][0]
    assert first["food"].keys() == {"id", "name", "source", "ndb_no"}
    assert first["grams_basis"] == "portion: 1 cup = 125 g"
    assert set(first["nutrients"]) <= set(fda.CODES)
    assert len(document["totals"]) < 40
    assert document["totals"].keys() == document["per_serving"].keys()
    assert document["totals"].keys() >= {"ENERC_KCAL", "ENERC_KJ", "WATER", "VITK1", "PROCNT"}
    assert document["references"] == engine.references
    json.dumps(document, allow_nan=False)


def test_full_detail_gives_every_nutrient(engine: Engine) -> None:
    document = engine.analyze(AnalysisRequest(PANCAKES, servings=8)).document("full")

    for part in ("totals", "per_serving", "per_100g"):
        assert len(document[part]) == 150
    assert len(document["lines"][0]["nutrients"]) == 150


def test_what_is_kept_in_full_answers_for_either_detail(engine: Engine) -> None:
    analysis = engine.analyze(AnalysisRequest(PANCAKES, servings=8, yield_grams=700))
    kept = json.loads(json.dumps(analysis.kept(), allow_nan=False))

    assert documents.shown(kept, "full") == analysis.document("full")
    assert documents.shown(kept, "label") == analysis.document("label")


def test_the_detail_of_a_label_is_the_full_document_with_less_in_it(engine: Engine) -> None:
    analysis = engine.analyze(AnalysisRequest((*PANCAKES, "100 g dried chives"), servings=8))
    full, lean = analysis.document("full"), analysis.document("label")

    for part in ("totals", "per_serving", "per_100g"):
        assert lean[part].items() <= full[part].items()
    for ours, theirs in zip(lean["lines"], full["lines"], strict=True):
        assert ours["nutrients"].items() <= theirs["nutrients"].items()
    assert len(json.dumps(lean)) < 0.4 * len(json.dumps(full))


def test_a_food_without_a_value_is_named_once_however_often_it_is_used(engine: Engine) -> None:
    lines = ("100 g white sugar", "1 egg", "For the top:", "2 tablespoons white sugar")
    document = engine.analyze(AnalysisRequest(lines)).document("full")

    missing = [entry.get("missing", []) for entry in document["totals"].values()]
    assert ["Sugars, granulated"] in missing
    assert all(len(names) == len(set(names)) for names in missing)


def test_nearly_whole_is_not_stated_as_whole(engine: Engine) -> None:
    """A pinch of a food nobody analysed, in a barrel of one that was: 0.99999, shown as 0.9999."""
    column = engine.catalogue.per_100g[:, engine.catalogue.column["FASAT"]]
    known, unknown = (
        int(np.flatnonzero(~np.isnan(column))[0]),
        int(np.flatnonzero(np.isnan(column))[0]),
    )
    foods = engine.catalogue.foods
    barrel = Measured(foods[known].id, 1_000_000, "g")
    pinch = Measured(foods[unknown].id, 0.0001, "g")

    entry = engine.analyze(AnalysisRequest((barrel,) * 300 + (pinch,))).document()["totals"][
        "FASAT"
    ]

    assert entry["missing"] == [foods[unknown].name]
    assert entry["coverage"] == 0.9999


def test_the_weight_of_a_serving_is_marked_where_lines_lack_from_it(engine: Engine) -> None:
    lines = ("100 g white sugar", "2 cups of moonlight")

    summed = engine.analyze(AnalysisRequest(lines, servings=2)).document()["label"]
    stated = engine.analyze(AnalysisRequest(lines, servings=2, yield_grams=300)).document()["label"]

    assert (summed["serving_grams"], summed["serving_grams_coverage"]) == (50, 0.5)
    assert (stated["serving_grams"], stated["serving_grams_coverage"]) == (150, 1)


def test_what_was_not_analysed_is_null_with_a_reason_never_zero(engine: Engine) -> None:
    document = engine.analyze(AnalysisRequest(("100 g white sugar",))).document()

    unknown = {code: e for code, e in document["totals"].items() if e["amount"] is None}
    assert unknown
    for entry in unknown.values():
        assert entry["coverage"] == 0
        assert entry["reason"]
        assert entry["missing"] == ["Sugars, granulated"]


def test_a_line_that_is_not_understood_lowers_the_coverage_of_everything(engine: Engine) -> None:
    analysis = engine.analyze(AnalysisRequest(("100 g white sugar", "2 cups of moonlight")))

    energy = analysis.document()["totals"]["ENERC_KCAL"]
    assert energy["coverage"] == 0.5
    assert any("1 of 2 ingredient lines" in text for text in analysis.document()["warnings"])
    basis = analysis.document()["yield_grams_basis"]
    assert basis == "sum of the ingredients; 1 of 2 lines have no weight"


def test_a_heading_is_no_food_line(engine: Engine) -> None:
    analysis = engine.analyze(AnalysisRequest(("For the syrup:", "100 g white sugar")))

    assert analysis.document()["totals"]["ENERC_KCAL"]["coverage"] == 1


@pytest.mark.parametrize("lines", [(), ("For the sauce:",), ("2 cups of moonlight",)])
def test_a_recipe_of_which_nothing_is_known_has_null_totals(
    engine: Engine, lines: tuple[str, ...]
) -> None:
    document = engine.analyze(AnalysisRequest(lines, servings=2)).document()

    assert document["totals"]["ENERC_KCAL"]["amount"] is None
    assert document["totals"]["ENERC_KCAL"]["coverage"] == 0
    assert "per_100g" not in document
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("value", [0, -1, 5e-324, 0.001, 1e8, 1e300, math.nan, math.inf])
@pytest.mark.parametrize("field", ["servings", "yield_grams"])
def test_servings_and_yield_out_of_proportion_are_refused(field: str, value: float) -> None:
    with pytest.raises(ImpossibleRequest, match=field) as caught:
        AnalysisRequest(("1 egg",), **{field: value})  # type: ignore[arg-type]

    assert caught.value.field == field


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("servings", "yield_grams", "grams"),
    [(0.01, 0.01, 1e6), (10_000, 1e7, 1e-4), (0.01, None, 1e-4), (10_000, 0.01, 1e6)],
)
def test_no_figure_overflows_at_the_ends_of_what_may_be_asked(
    engine: Engine, servings: float, yield_grams: float | None, grams: float
) -> None:
    butter = Measured(engine.catalogue.foods[0].id, grams, "g")
    request = AnalysisRequest((butter,) * 3, None, servings, yield_grams)

    document = engine.analyze(request).document("full")

    json.dumps(document, allow_nan=False)
    for part in ("totals", "per_serving", "per_100g"):
        assert document[part]["ENERC_KCAL"]["amount"] > 0


def test_a_stated_yield_is_what_100_grams_are_taken_of(engine: Engine) -> None:
    document = engine.analyze(AnalysisRequest(("200 g white sugar",), yield_grams=400)).document()

    total = document["totals"]["ENERC_KCAL"]["amount"]
    assert document["per_100g"]["ENERC_KCAL"]["amount"] == pytest.approx(total / 4, rel=1e-5)


def test_a_stated_yield_says_nothing_of_the_water_of_lines_that_are_not_known(
    engine: Engine,
) -> None:
    lines = ("500 g dry spaghetti", "2 jars of moonlight")

    more = engine.analyze(AnalysisRequest(lines, yield_grams=2_000)).document()
    whole = engine.analyze(AnalysisRequest(lines[:1], yield_grams=2_000)).document()

    assert more["totals"]["WATER"]["amount"] == pytest.approx(49.5)
    assert whole["totals"]["WATER"]["amount"] == pytest.approx(1_549.5)


def test_the_water_of_a_dish_whose_weight_is_estimated_has_no_interval(engine: Engine) -> None:
    def water(weight: float | None) -> dict[str, float]:
        request = AnalysisRequest(("2 lb potatoes",), method="baked", yield_grams=weight)
        entry: dict[str, float] = engine.analyze(request).document()["totals"]["WATER"]
        return entry

    assert "low" not in water(None)
    assert water(800)["low"] < water(800)["amount"] < water(800)["high"]


def test_many_recipes_at_once_give_what_each_gives_alone(engine: Engine) -> None:
    requests = [
        AnalysisRequest(PANCAKES, servings=8),
        AnalysisRequest(()),
        AnalysisRequest(("1 egg", "2 cups of moonlight")),
        AnalysisRequest(("2 lb potatoes", "1 lb spinach"), method="boiled"),
    ]

    together = engine.analyze_many(requests)

    for request, analysis in zip(requests, together, strict=True):
        alone = engine.analyze(request)
        assert analysis.lines == alone.lines
        np.testing.assert_allclose(analysis.totals.amounts, alone.totals.amounts, rtol=1e-12)
        np.testing.assert_allclose(analysis.totals.coverage, alone.totals.coverage, rtol=1e-12)
    assert engine.analyze_many([]) == []


@settings(max_examples=40, deadline=None)
@given(RECIPES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_the_lines_does_not_matter(
    engine: Engine, orders: tuple[list[str], list[str]]
) -> None:
    one, other = (engine.analyze(AnalysisRequest(tuple(lines))) for lines in orders)

    np.testing.assert_allclose(one.totals.amounts, other.totals.amounts, rtol=1e-12)
    np.testing.assert_allclose(one.totals.coverage, other.totals.coverage, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(RECIPES, st.floats(0.5, 500))
def test_per_serving_times_servings_is_the_total(
    engine: Engine, lines: list[str], servings: float
) -> None:
    document = engine.analyze(AnalysisRequest(tuple(lines), servings=servings)).document()

    for code, total in document["totals"].items():
        each = document["per_serving"][code]["amount"]
        if total["amount"] is None:
            assert each is None
        else:
            assert each * servings == pytest.approx(total["amount"], rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 8788), st.floats(0.1, 5000), st.floats(0.1, 20))
def test_so_many_times_the_grams_are_so_many_times_the_nutrients(
    engine: Engine, row: int, grams: float, factor: float
) -> None:
    food = engine.catalogue.foods[row].id

    once = engine.analyze(AnalysisRequest((Measured(food, grams, "g"),)))
    more = engine.analyze(AnalysisRequest((Measured(food, grams * factor, "g"),)))

    np.testing.assert_allclose(more.totals.amounts, once.totals.amounts * factor, rtol=1e-9)
    np.testing.assert_array_equal(more.totals.coverage, once.totals.coverage)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_analysed_without_an_exception(engine: Engine, lines: list[str]) -> None:
    document = engine.analyze(AnalysisRequest(tuple(lines))).document()

    json.dumps(document, allow_nan=False)
    assert all(line["status"] == "ok" or line["reason"] for line in document["lines"])


def test_threads_share_one_engine(engine: Engine) -> None:
    lines = [f"{number} g {food}" for number in range(1, 9) for food in ("flour", "milk", "eggs")]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(engine.reader._read, lines))

    assert together == [engine.reader._read(line) for line in lines]


def test_a_forked_worker_inherits_a_working_engine(engine: Engine) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(engine.reader._read("2 cups flour").grams).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        assert float(answer.read()) == 250
    assert os.waitpid(child, 0)[1] == 0


def test_loading_reaches_for_no_network_and_prints_nothing(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        import socket
        def refuse(*args, **kwargs):
            raise AssertionError("the network was asked for")
        socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
        from pathlib import Path
        import nutrition
        engine = nutrition.load(Path({str(DATA)!r}), Path({str(tmp_path)!r}))
        assert engine.line("2 cups flour").grams == 250
        """
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=DATA.parent,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_data_folder_without_the_tagger_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="build_tagger"):
        prepare(tmp_path / "nothing", tmp_path)


def test_the_private_copy_of_the_tagger_is_writable_by_no_other(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        prepare(DATA / "nltk_data", tmp_path)
    finally:
        os.umask(umask)

    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o022 == 0


def test_energy_and_net_carbohydrate_are_told_of_a_serving(engine: Engine) -> None:
    request = AnalysisRequest(("100 g white sugar", "100 g apples"), servings=4)
    energy = engine.analyze(request).document()["energy"]

    assert energy["per_serving"]["kcal"] == pytest.approx(energy["kcal"] / 4, rel=1e-5)
    assert energy["per_serving"]["net_carbohydrate"] == pytest.approx(
        energy["net_carbohydrate"] / 4, rel=1e-5
    )
    whole = engine.analyze(AnalysisRequest(("100 g white sugar",))).document()["energy"]
    assert "per_serving" not in whole


@pytest.mark.parametrize(
    ("line", "food"),
    [
        ("1 lb minced beef", "Beef, ground"),
        ("6 hard-boiled eggs", "Egg, whole, cooked, hard-boiled"),
        ("3 cups steamed white rice", "Rice, white, long-grain, regular, enriched, cooked"),
        ("1 cup uncooked white rice", "Rice, white, long-grain, regular, raw"),
        ("1 can (400 g) whole tomatoes", "Tomatoes, red, ripe, canned"),
        ("2 pears (or canned halves)", "Pears, raw"),
        ("2 tbsp toasted sesame seeds", "Seeds, sesame seeds, whole, roasted"),
    ],
)
def test_the_form_in_which_a_line_has_a_food_makes_it_another_food(
    engine: Engine, line: str, food: str
) -> None:
    found = engine.line(line).food

    assert found is not None
    assert found.name.startswith(food)
