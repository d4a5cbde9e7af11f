"""The catalogue's file: built the same each time, unpacked once, and read back exactly."""

import threading
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from nutrition import catalogue as catalogues
from nutrition import unpacking
from nutrition.archive import Archive, pack_text
from tests.catalogue.tiny import FILES, write_tiny


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "tiny.npz")


def test_the_same_tables_make_the_same_bytes(tmp_path: Path):
    first = write_tiny(tmp_path / "first.npz").read_bytes()

    assert write_tiny(tmp_path / "second.npz").read_bytes() == first


def test_the_order_of_the_source_makes_no_difference(tmp_path: Path):
    first = write_tiny(tmp_path / "first.npz").read_bytes()
    backwards = {
        name: "\n".join(reversed(content.split("\n")))
        for name, content in FILES.items()
        # Two foods may share a footnote's number: there the source's order is all there is.
        if name != "FOOTNOTE"
    }

    assert write_tiny(tmp_path / "second.npz", **backwards).read_bytes() == first


def test_decimals_keep_their_digits_and_trailing_zeros(tiny: Path):
    archive = Archive(tiny)

    amounts = archive.decimals("value_amount")
    assert Decimal("61.00") in amounts
    assert [str(a) for a in amounts] == ["143", "61.00", "0.00", "2.0"]
    assert str(archive.decimals("value_upper_bound")[3]) == "111560.368"
    assert str(archive.decimals("value_minimum")[3]) == "-0.50"
    assert archive.decimals("value_standard_error") == [None, None, None, Decimal("0.801")]


def test_an_empty_number_is_nan_and_an_empty_text_is_empty(tiny: Path):
    archive = Archive(tiny)

    assert np.isnan(archive.floats("food_refuse_percent")).tolist() == [False, True, False]
    assert archive.text("food_manufacturer") == ["", "", "Bush Ltd."]


def test_values_lie_where_the_source_has_them_and_nowhere_else(tiny: Path, tmp_path: Path):
    tiny_catalogue = catalogues.load(unpacking.unpack(tiny, tmp_path / "unpacked"))

    assert [n.code for n in tiny_catalogue.nutrients] == ["ENERC_KCAL", "SR257", "VITD", "VITD_IU"]
    np.testing.assert_array_equal(
        tiny_catalogue.per_100g,
        [[143, np.nan, 2.0, np.nan], [61, 0.0, np.nan, np.nan], [np.nan] * 4],
    )
    assert tiny_catalogue.data_points.tolist() == [[0, 0, 10, 0], [3, 1, 0, 0], [0, 0, 0, 0]]


def test_a_food_without_portions_has_none(tiny: Path, tmp_path: Path):
    tiny_catalogue = catalogues.load(unpacking.unpack(tiny, tmp_path / "unpacked"))

    assert [(p.amount, p.grams) for p in tiny_catalogue.portions_of(0)] == [(1, 5200), (0.5, 121.5)]
    assert tiny_catalogue.portions_of(1) == tiny_catalogue.portions_of(2) == ()


def test_unpacking_again_leaves_what_is_there(tiny: Path, tmp_path: Path):
    first = unpacking.unpack(tiny, tmp_path / "unpacked")
    before = {file.name: file.stat().st_mtime_ns for file in first.iterdir()}

    assert unpacking.unpack(tiny, tmp_path / "unpacked") == first
    assert {file.name: file.stat().st_mtime_ns for file in first.iterdir()} == before


def test_another_catalogue_unpacks_beside_it(tiny: Path, tmp_path: Path):
    changed = write_tiny(tmp_path / "changed.npz", WEIGHT="00001^1^1^large^5300^^")

    first = unpacking.unpack(tiny, tmp_path / "unpacked")
    second = unpacking.unpack(changed, tmp_path / "unpacked")

    assert first != second
    assert catalogues.load(first).portions_of(0)[0].grams == 5200
    assert catalogues.load(second).portions_of(0)[0].grams == 5300


def test_what_a_killed_process_left_half_written_is_no_catalogue(tiny: Path, tmp_path: Path):
    ready = unpacking.unpack(tiny, tmp_path / "elsewhere").name
    half = tmp_path / "unpacked" / f"{ready}.unfinished"
    half.mkdir(parents=True)
    (half / "per_100g.npy").write_bytes(b"\x93NUM")

    unpacked = unpacking.unpack(tiny, tmp_path / "unpacked")

    assert len(catalogues.load(unpacked).foods) == 3
    assert not half.exists()


def test_several_may_unpack_at_once(tiny: Path, tmp_path: Path):
    start = threading.Barrier(4)
    found: list[int] = []

    def unpack_and_load() -> None:
        start.wait()
        folder = unpacking.unpack(tiny, tmp_path / "unpacked")
        found.append(len(catalogues.load(folder).foods))

    threads = [threading.Thread(target=unpack_and_load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [3, 3, 3, 3]


def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path):
    np.savez(tmp_path / "other.npz", numbers=np.arange(3))

    with pytest.raises(ValueError, match=r"other\.npz is not a food catalogue"):
        Archive(tmp_path / "other.npz")


def test_text_with_a_newline_cannot_be_packed():
    with pytest.raises(ValueError, match="newline"):
        pack_text(["one", "t\nwo"])


def test_a_number_that_is_none_stops_the_build(tmp_path: Path):
    with pytest.raises(SystemExit, match="no decimal number"):
        write_tiny(tmp_path / "bad.npz", WEIGHT="00001^1^1^large^heavy^^")
