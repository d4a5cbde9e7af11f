"""Energy: kcal and kJ, specific and general factors, shares by macro, and what cannot be right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nutrition.analysis import AnalysisRequest, Measured
from nutrition.engine import Engine
from nutrition.totals import energy, sanity
from nutrition.totals.energy import MACROS, energy_of, of_macros, shares, stated
from nutrition.totals.sums import Floats, Totals, totals

approx = pytest.approx
NAN = math.nan
GRAMS = st.floats(0, 1000)


def of(**amounts: float) -> dict[str, float]:
    return amounts


def meal_of(engine: Engine, *parts: tuple[str, float]) -> tuple[Totals, Floats, Floats]:
    """Totals, rows and grams of foods by their NDB numbers."""
    rows = np.array([engine.catalogue.index_of_ndb(ndb) for ndb, _ in parts], np.intp)
    grams = np.array([weight for _, weight in parts])
    return totals(grams, engine.catalogue.per_100g[rows]), rows, grams


@pytest.mark.parametrize(
    ("macros", "kcal"),
    [
        ([10.0, 0.0, 0.0, 0.0], 40.0),
        ([0.0, 10.0, 0.0, 0.0], 90.0),
        ([0.0, 0.0, 10.0, 0.0], 40.0),
        ([0.0, 0.0, 0.0, 10.0], 70.0),
        ([1.0, 1.0, 1.0, NAN], 17.0),  # nobody looks for alcohol in bread
        ([NAN, 1.0, 1.0, 0.0], NAN),
        ([1.0, NAN, 1.0, 0.0], NAN),
        ([1.0, 1.0, NAN, 0.0], NAN),
    ],
)
def test_general_factors_are_4_9_4_and_7_and_unknown_macros_give_no_energy(
    macros: list[float], kcal: float
) -> None:
    assert of_macros(np.array(macros)) == approx(kcal, nan_ok=True)


@pytest.mark.parametrize(
    ("ndb", "expected"),
    [
        # USDA Agriculture Handbook 74, table 13.
        ("01123", (4.36, 9.02, 3.68)),  # egg, whole, raw
        ("16027", (3.47, 8.37, 4.07)),  # kidney beans
        ("20444", (3.82, 8.37, 4.16)),  # rice, white
        ("02048", (4.0, 9.0, 4.0)),  # cider vinegar, which has none of its own
    ],
)
def test_specific_factors_are_those_of_the_food_and_general_where_it_has_none(
    engine: Engine, ndb: str, expected: tuple[float, ...]
) -> None:
    food = engine.catalogue.foods[engine.catalogue.index_of_ndb(ndb)]

    assert energy.factors([food])[0] == approx([*expected, 6.93])


@pytest.mark.parametrize(
    ("amounts", "kcal", "basis"),
    [
        (of(ENERC_KCAL=52.0, ENERC_KCAL_SPECIFIC=50.0), 52.0, "as the food table states"),
        (of(ENERC_KCAL=NAN, ENERC_KCAL_SPECIFIC=50.0, ENERC_KCAL_GENERAL=49.0), 50.0, "specific"),
        (of(ENERC_KCAL_GENERAL=49.0, PROCNT=1.0, FAT=1.0, CHOCDF=1.0), 49.0, "general"),
        (of(PROCNT=1.0, FAT=1.0, CHOCDF=1.0), 17.0, "computed"),
        (of(PROCNT=1.0, FAT=1.0), NAN, ""),
    ],
)
def test_stated_energy_goes_before_specific_before_general_before_computed(
    amounts: dict[str, float], kcal: float, basis: str
) -> None:
    found, said = stated(amounts)

    assert found == approx(kcal, nan_ok=True)
    assert basis in said


def test_a_meal_tells_its_energy_in_both_units_and_by_both_sets_of_factors(engine: Engine) -> None:
    meal, rows, grams = meal_of(engine, ("01123", 100.0), ("20444", 50.0))

    found = energy_of(engine.catalogue, meal.amounts, meal.coverage, rows, grams)

    column = engine.catalogue.column
    kcal = meal.amounts[column["ENERC_KCAL"]]
    assert found["kcal"] == approx(kcal)
    assert found["kj"] == approx(kcal * 4.184)
    assert found["specific_kcal"] == approx(kcal, rel=0.02)
    protein, fat, carbohydrate = (meal.amounts[column[code]] for code in MACROS[:3])
    assert found["general_kcal"] == approx(4 * protein + 9 * fat + 4 * carbohydrate)
    assert found["net_carbohydrate"] == approx(carbohydrate - meal.amounts[column["FIBTG"]])
    assert "sugar alcohols are unknown" in found["net_carbohydrate_basis"]


def test_energy_by_factors_follows_what_cooking_leaves_of_the_macros(engine: Engine) -> None:
    meal, rows, grams = meal_of(engine, ("14096", 100.0))  # red wine
    left = np.ones((1, len(engine.catalogue.nutrients)))
    left[:, engine.catalogue.column["ALC"]] = 0.4

    raw = energy_of(engine.catalogue, meal.amounts, meal.coverage, rows, grams)
    stewed = energy_of(engine.catalogue, meal.amounts, meal.coverage, rows, grams, left)

    alcohol = meal.amounts[engine.catalogue.column["ALC"]]
    assert raw["general_kcal"] - stewed["general_kcal"] == approx(0.6 * alcohol * 7)


def test_a_meal_of_nothing_has_no_energy_rather_than_none_of_it(engine: Engine) -> None:
    nothing, rows, grams = meal_of(engine)

    found = energy_of(engine.catalogue, nothing.amounts, nothing.coverage, rows, grams)

    figures = ("kcal", "kj", "specific_kcal", "general_kcal", "net_carbohydrate")
    assert [found[name] for name in figures] == [None] * 5
    assert set(found["shares"].values()) == {None}


def test_net_carbohydrate_says_that_it_may_be_less_where_fibre_is_unknown_of_a_food(
    engine: Engine,
) -> None:
    catalogue = engine.catalogue
    column = catalogue.column
    lacking = next(
        row
        for row in range(len(catalogue.foods))
        if np.isnan(catalogue.per_100g[row, column["FIBTG"]])
    )
    rows, grams = np.array([lacking, catalogue.index_of_ndb("20444")]), np.array([100.0, 100.0])
    meal = totals(grams, catalogue.per_100g[rows])

    found = energy_of(catalogue, meal.amounts, meal.coverage, rows, grams)

    assert "may be less" in found["net_carbohydrate_basis"]


@pytest.mark.parametrize(
    ("carbohydrate", "fibre", "net"), [(10.0, 3.0, 7.0), (3.0, 3.2, 0.0), (NAN, 1.0, NAN)]
)
def test_net_carbohydrate_is_never_below_zero(
    carbohydrate: float, fibre: float, net: float
) -> None:
    assert energy.net_carbohydrate(carbohydrate, fibre) == approx(net, nan_ok=True)


@given(GRAMS, GRAMS, GRAMS, GRAMS | st.just(NAN))
def test_shares_of_energy_add_up_to_100(
    protein: float, fat: float, carbohydrate: float, alcohol: float
) -> None:
    found = shares(of(PROCNT=protein, FAT=fat, CHOCDF=carbohydrate, ALC=alcohol))

    known = [share for share in found.values() if share is not None]
    assert not known or sum(known) == approx(100)
    assert bool(known) == (protein + fat + carbohydrate + np.nan_to_num(alcohol) > 0)


def test_shares_with_an_unknown_macro_are_unknown() -> None:
    assert set(shares(of(PROCNT=10.0, FAT=NAN, CHOCDF=10.0, ALC=0.0)).values()) == {None}
    assert shares(of(PROCNT=10.0, FAT=0.0, CHOCDF=10.0, ALC=NAN))["alcohol"] is None


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (of(ENERC_KCAL=400.0, PROCNT=10.0, FAT=10.0, CHOCDF=10.0), "400 kcal in 100 g are stated"),
        (of(ENERC_KCAL=13.0, PROCNT=0.0, FAT=0.0, CHOCDF=0.0), None),  # too little to check
        (of(ENERC_KCAL=235.0, PROCNT=10.0, FAT=10.0, CHOCDF=10.0), None),  # within 30 % and 5 kcal
        (of(ENERC_KCAL=400.0, PROCNT=10.0, FAT=NAN, CHOCDF=10.0), None),  # unknown is not checked
        (of(PROCNT=50.0, FAT=30.0, CHOCDF=26.0), "weigh 106 g in 100 g"),
        (of(SUGAR=12.0, CHOCDF=10.0), "sugars (12.0 g) exceed carbohydrate (10.0 g)"),
        (of(SUGAR=10.4, CHOCDF=10.0), None),
        (of(FASAT=12.0, FAT=10.0), "saturated fat (12.0 g) exceed fat (10.0 g)"),
        (of(FIBTG=12.0, CHOCDF=10.0), "fibre (12.0 g) exceed carbohydrate (10.0 g)"),
    ],
)
def test_figures_that_cannot_all_be_right_are_named(
    figures: dict[str, float], said: str | None
) -> None:
    found = sanity.doubts(figures)

    assert [said in one for one in found] == [True] if said else not found


def test_a_warning_names_the_food_and_its_figures_once(engine: Engine) -> None:
    carob = engine.catalogue.index_of_ndb("16055")
    egg = engine.catalogue.index_of_ndb("01123")

    foods = engine.catalogue.foods
    parts = tuple(Measured(foods[row].id, 10, "g") for row in (egg, carob, carob))
    (found,) = engine.analyze(AnalysisRequest(parts)).remarks

    assert found.startswith("the food table on Carob flour: 222 kcal in 100 g are stated")


def test_the_acid_of_vinegar_accounts_for_its_energy(engine: Engine) -> None:
    vinegars = [engine.catalogue.index_of_ndb(ndb) for ndb in ("02048", "02053")]

    assert [sanity.warning(engine.catalogue, row) for row in vinegars] == ["", ""]


def test_few_foods_of_the_catalogue_are_doubted(engine: Engine) -> None:
    """The bands are wide: a warning that stands on every recipe is read by nobody."""
    doubted = [row for row in range(8_789) if sanity.warning(engine.catalogue, row)]

    assert 0 < len(doubted) <= 20


def test_a_dish_that_weighs_less_than_what_is_dry_in_it_is_named(engine: Engine) -> None:
    flour = ("1 kg all-purpose flour",)

    (said,) = engine.analyze(AnalysisRequest(flour, yield_grams=10)).remarks
    assert said.startswith("yield_grams is 10 g, but without any water its ingredients weigh 881 g")
    assert engine.analyze(AnalysisRequest(flour, yield_grams=900)).remarks == ()


def test_what_is_not_eaten_gives_no_energy_rather_than_none_of_it(engine: Engine) -> None:
    found = engine.analyze(AnalysisRequest(("3 bay leaves",))).energy

    assert [found[name] for name in ("kcal", "specific_kcal", "general_kcal")] == [None] * 3
