"""One food: every value with its origin, and null where nobody knows."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.errors import NotFound
from nutrition.catalogue import food_id
from services.catalogue.detail import FoodDetail, food

EGG = food_id("01123")


@pytest.fixture
def egg(session: Session) -> FoodDetail:
    return food(session, EGG)


def test_a_value_says_where_it_comes_from(egg: FoodDetail):
    protein = egg.nutrients["PROCNT"]

    assert (protein["amount"], protein["unit"], protein["name"]) == (12.56, "g", "Protein")
    assert (protein["data_points"], protein["standard_error"]) == (12, 0.102)
    assert (protein["source_code"], protein["source"]) == (
        1,
        "Analytical or derived from analytical",
    )
    assert (protein["derivation_code"], protein["derivation"]) == ("A", "Analytical data")


def test_what_is_unknown_is_absent_or_null_and_never_zero(egg: FoodDetail):
    assert "STARCH" not in egg.nutrients
    assert egg.nutrients["ENERC_KCAL"]["standard_error"] is None
    assert egg.nutrients["FIBTG"]["amount"] == 0.0  # this zero was published


def test_nutrients_come_in_the_order_of_usda(egg: FoodDetail):
    assert list(egg.nutrients)[:4] == ["WATER", "ENERC_KCAL", "ENERC_KJ", "PROCNT"]


def test_a_food_is_described_as_published(egg: FoodDetail):
    assert (egg.name, egg.ndb_no, egg.source) == ("Egg, whole, raw, fresh", "01123", "sr28")
    assert egg.catalogue == "sr28-1"
    assert egg.refuse == {"percent": 12, "description": "Shell"}
    assert egg.factors["nitrogen_to_protein"] == 6.25
    assert egg.portions[0] | {"seq": 1} == {
        "seq": 1,
        "amount": 1.0,
        "unit": "large",
        "grams": 50.0,
        "data_points": None,
        "standard_deviation": None,
    }


def test_footnotes_and_langual_terms_come_along(session: Session):
    pepper = food(session, food_id("02030"))

    assert any(note["nutrient"] == "FAT" for note in pepper.footnotes)
    assert {"A0113"} <= {term["code"] for term in pepper.langual}


def test_references_cited_by_values_are_listed(egg: FoodDetail):
    cited = {code for value in egg.nutrients.values() for code in value.get("references", ())}

    assert cited == {reference["code"] for reference in egg.references}
    assert "S6743" in cited


def test_the_document_is_json_without_nan(egg: FoodDetail):
    written = codec.loads(codec.dumps(egg))

    assert written["nutrients"]["ENERC_KCAL"]["amount"] == 143.0


def test_every_food_of_the_catalogue_can_be_shown(session: Session):
    # Every 97th: enough to meet the rare shapes, quick enough to run each time.
    ids = session.execute(text("SELECT id FROM foods ORDER BY code")).scalars().all()
    for each in ids[::97]:
        assert food(session, each).nutrients


@pytest.mark.parametrize(
    "unknown", ["", "egg", "\x00", "d7d0e53c-212b-4dc7-b469-1a3cd82d5c9a", "🥚", "x" * 5000]
)
def test_an_id_that_names_no_food_is_not_found(session: Session, unknown):
    with pytest.raises(NotFound, match="no food"):
        food(session, unknown)
