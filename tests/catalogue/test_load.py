"""Loading: whole or not at all, once, and never under a reader's eyes."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from kernel.database import Database
from nutrition.catalogue import food_id
from services.catalogue.load import LoadReport, current, load
from services.catalogue.search import search
from tests.catalogue.tiny import FILES, write_tiny

SHIPPED = Path(__file__).parents[2] / "data" / "sr28.npz"


def counted(session: Session, table: str) -> int:
    return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_sr28_is_in_the_tables_whole(session: Session):
    assert counted(session, "foods") == 8789
    assert counted(session, "food_nutrients") == 679_045
    assert counted(session, "food_portions") == 15_438
    assert counted(session, "food_langual") == 38_301
    assert counted(session, "food_footnotes") == 552


def test_decimals_arrive_as_published(session: Session):
    amounts = session.execute(
        text("""
            SELECT n.code, v.amount::text AS amount FROM food_nutrients v
            JOIN nutrients n ON n.id = nutrient_id WHERE food_id = :egg
        """),
        {"egg": food_id("01123")},
    )
    published = {row.code: row.amount for row in amounts}
    assert (published["PROCNT"], published["VITD"], published["ENERC_KCAL"]) == (
        "12.56",
        "2.0",
        "143",
    )


def test_every_value_names_a_food_a_nutrient_and_a_source_that_exist(session: Session):
    strays = session.execute(
        text("""
            SELECT count(*) FROM food_nutrients v
            LEFT JOIN foods f ON f.id = v.food_id LEFT JOIN nutrients n ON n.id = v.nutrient_id
            LEFT JOIN value_sources s ON s.code = v.source_code
            LEFT JOIN value_derivations d ON d.code = v.derivation_code
            WHERE f.id IS NULL OR n.id IS NULL OR s.code IS NULL
                OR (d.code IS NULL AND v.derivation_code IS NOT NULL)
        """)
    ).scalar_one()
    assert strays == 0


def test_the_same_catalogue_loads_once(owner: Database):
    with owner.transaction() as session:
        report = load(session, SHIPPED)

    assert (report.version, report.loaded) == ("sr28-1", False)
    assert (report.foods, report.nutrient_values) == (8789, 679_045)


def test_the_platforms_role_cannot_write_the_catalogue(session: Session):
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("UPDATE foods SET name = 'Ambrosia'"))
    session.rollback()


def test_readers_see_the_old_catalogue_until_the_new_one_is_committed(
    owner: Database, database: Database, tmp_path: Path
):
    archive = write_tiny(tmp_path / "tiny.npz")
    with owner.transaction() as loading:
        assert load(loading, archive).loaded

        with database.transaction() as reading:
            assert current(reading, "tiny") is None
            assert search(reading, "quandongs").total == 0

    with database.transaction() as reading:
        found = current(reading, "tiny")
        assert found is not None
        assert found.version == "tiny-1"
        assert [hit.name for hit in search(reading, "quandongs").items] == [
            "Quandongs, raw",
            "Quandongs, dried",
        ]


def test_of_two_loads_at_once_one_does_the_work(owner: Database, tmp_path: Path):
    archive = write_tiny(tmp_path / "tiny.npz")
    start = threading.Barrier(2)
    reports: list[LoadReport] = []

    def load_it() -> None:
        start.wait()
        with owner.transaction() as session:
            reports.append(load(session, archive))

    threads = [threading.Thread(target=load_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(report.loaded for report in reports) == [False, True]


def test_a_new_version_keeps_ids_and_replaces_values(owner: Database, tmp_path: Path):
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "one.npz"))
    newer = write_tiny(
        tmp_path / "two.npz",
        version="tiny-2",
        NUT_DATA="00001^208^144^0^^4^NC^^^^^^^^^^03/2026^",
        DATSRCLN="00001^208^X1",
    )
    with owner.transaction() as session:
        assert load(session, newer).loaded

    with owner.transaction() as session:
        values = session.execute(
            text("SELECT amount::text FROM food_nutrients WHERE food_id = :id"),
            {"id": food_id("00001", "tiny")},
        )
        assert values.scalars().all() == ["144"]
        versions = session.execute(
            text("SELECT version FROM catalogue_versions WHERE source = 'tiny' ORDER BY id")
        )
        assert versions.scalars().all() == ["tiny-1", "tiny-2"]


def test_a_food_that_the_source_dropped_stays_readable_and_is_found_no_more(
    owner: Database, tmp_path: Path
):
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "one.npz"))
    fewer = FILES["FOOD_DES"].rpartition("\n")[0]
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "two.npz", version="tiny-2", FOOD_DES=fewer))

    with owner.transaction() as session:
        assert [hit.name for hit in search(session, "quandongs").items] == ["Quandongs, raw"]
        listed = session.execute(
            text("SELECT listed FROM foods WHERE id = :id"), {"id": food_id("00003", "tiny")}
        )
        assert listed.scalar_one() is False


def test_a_load_that_fails_leaves_the_old_catalogue(owner: Database, tmp_path: Path):
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "one.npz"))
    broken = write_tiny(
        tmp_path / "two.npz",
        version="tiny-2",
        NUT_DATA="00001^208^144^0^^99^NC^^^^^^^^^^^",
        DATSRCLN="00001^208^X1",
    )
    with pytest.raises(ValueError, match=r"source_code \['99'\]"), owner.transaction() as session:
        load(session, broken)

    with owner.transaction() as session:
        found = current(session, "tiny")
        assert found is not None
        assert found.version == "tiny-1"


def test_a_new_everyday_name_loads_the_catalogue_again(owner: Database, tmp_path: Path):
    archive = write_tiny(tmp_path / "tiny.npz")
    with owner.transaction() as session:
        load(session, archive)
    (tmp_path / "food_aliases").mkdir()
    (tmp_path / "food_aliases" / "fruit.txt").write_text("00002: wild peach\n")

    with owner.transaction() as session:
        assert load(session, archive).loaded
        assert search(session, "wild peach").items[0].name == "Quandongs, raw"
