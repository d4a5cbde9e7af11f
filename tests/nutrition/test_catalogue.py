"""The shipped catalogue: whole, exact, and honest about what nobody measured."""

import uuid
from pathlib import Path

import numpy as np
import pytest

from nutrition import catalogue as catalogues
from nutrition import unpacking
from nutrition.archive import Archive
from nutrition.catalogue import Catalogue, Portion, food_id

SHIPPED = Path(__file__).parents[2] / "data" / "sr28.npz"


@pytest.fixture(scope="module")
def sr28(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("catalogue")
    return catalogues.load(unpacking.unpack(SHIPPED, folder))


def value(catalogue: Catalogue, ndb_no: str, code: str) -> float:
    return float(catalogue.per_100g[catalogue.index_of_ndb(ndb_no), catalogue.column[code]])


def test_sr28_is_there_whole(sr28: Catalogue):
    assert (sr28.source, len(sr28.foods), len(sr28.nutrients)) == ("sr28", 8789, 150)
    assert int((~np.isnan(sr28.per_100g)).sum()) == 679_045
    assert sum(len(sr28.portions_of(food.index)) for food in sr28.foods) == 15_438
    assert len({food.group_code for food in sr28.foods}) == 25


def test_the_file_stays_small_enough_to_be_committed():
    assert SHIPPED.stat().st_size <= 8_000_000


@pytest.mark.parametrize(
    ("ndb_no", "code", "published"),
    [
        ("01123", "ENERC_KCAL", 143),
        ("01123", "PROCNT", 12.56),
        ("01123", "VITD", 2.0),
        ("01123", "VITD_IU", 82),
        ("01001", "ENERC_KCAL", 717),
        ("01001", "PROCNT", 0.85),  # a float32 would give 0.85000002
        ("04053", "FAT", 100),
        ("11090", "VITC", 89.2),
        ("02047", "NA", 38758),
    ],
)
def test_values_are_exactly_as_published(sr28: Catalogue, ndb_no, code, published):
    assert value(sr28, ndb_no, code) == published


def test_what_nobody_measured_is_nan_and_never_zero(sr28: Catalogue):
    assert np.isnan(value(sr28, "01123", "STARCH"))  # SR28 has no row for it
    assert value(sr28, "01123", "FIBTG") == 0.0  # a row that says zero


def test_a_value_says_how_many_analyses_stand_behind_it(sr28: Catalogue):
    egg = sr28.index_of_ndb("01123")

    assert sr28.data_points[egg, sr28.column["PROCNT"]] == 12
    assert sr28.standard_error[egg, sr28.column["PROCNT"]] == 0.102
    assert sr28.data_points[egg, sr28.column["ENERC_KCAL"]] == 0  # calculated
    assert np.isnan(sr28.standard_error[egg, sr28.column["ENERC_KCAL"]])


def test_portions_say_what_an_amount_weighs(sr28: Catalogue):
    portions = sr28.portions_of(sr28.index_of_ndb("01123"))

    assert portions[0] == Portion(1, 1.0, "large", 50.0, None, None)
    assert [portion.seq for portion in portions] == [1, 2, 3, 5, 6, 7]


def test_a_food_is_described(sr28: Catalogue):
    egg = sr28.foods[sr28.index_of_ndb("01123")]

    assert (egg.name, egg.group, egg.in_survey) == (
        "Egg, whole, raw, fresh",
        "Dairy and Egg Products",
        True,
    )
    assert (egg.refuse_percent, egg.refuse_description) == (12, "Shell")
    assert (egg.nitrogen_factor, egg.protein_factor, egg.fat_factor) == (6.25, 4.36, 9.02)


def test_food_ids_never_change(sr28: Catalogue):
    # Stored results name foods by these ids: a change here orphans them.
    assert food_id("01123") == "ea3b7103-f57e-50e7-b9cb-058f749ebdf7"
    assert sr28.foods[sr28.index_of(food_id("01123"))].ndb_no == "01123"
    assert len({uuid.UUID(food.id) for food in sr28.foods}) == 8789


@pytest.mark.parametrize("unknown", ["", "00000", "99999", "1123"])
def test_an_unknown_food_is_a_key_error(sr28: Catalogue, unknown):
    with pytest.raises(KeyError):
        sr28.index_of_ndb(unknown)
    with pytest.raises(KeyError):
        sr28.index_of(unknown)


def test_nutrients_have_unique_codes_and_the_units_of_a_label(sr28: Catalogue):
    assert len(sr28.column) == 150
    assert {n.unit for n in sr28.nutrients} == {"g", "mg", "µg", "kcal", "kJ", "IU"}
    by_code = {n.code: n for n in sr28.nutrients}
    assert (by_code["VITD"].number, by_code["VITD"].unit) == (328, "µg")
    assert (by_code["VITD_IU"].number, by_code["VITD_IU"].unit) == (324, "IU")
    assert by_code["SR257"].name == "Adjusted Protein"


def test_the_matrices_are_shared_between_processes_and_read_only(sr28: Catalogue):
    for matrix in (sr28.per_100g, sr28.standard_error, sr28.data_points):
        assert matrix.shape == (8789, 150)
        assert isinstance(matrix.base, np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            matrix[0, 0] = 1


def test_the_file_carries_every_table_of_sr28():
    archive = Archive(SHIPPED)

    assert len(archive.text("langual_code")) == 774
    assert len(archive.array("langual_food")) == 38_301
    assert len(archive.text("footnote_text")) == 552
    assert int(archive.array("reference_count").sum()) == 244_496
    assert len(archive.text("derivation_code")) == 55
