"""Load: the catalogue's file into PostgreSQL, whole or not at all.

COPY in the caller's one transaction: readers see the old catalogue until it commits, then the
new one. Two loads at once take turns, and the second finds nothing left to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from nutrition.archive import Archive
from services.catalogue import tables
from services.catalogue.models import CatalogueVersion
from services.catalogue.rows import Table
from services.catalogue.wording import aliases_beside

#: Rises when the same file would load into other rows (ranking, folding): then it loads again.
LOADER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did. loaded is False where that very catalogue was there already."""

    version: str
    loaded: bool
    foods: int
    nutrients: int
    nutrient_values: int
    portions: int
    loaded_at: datetime


def current(session: Session, source: str = "sr28") -> CatalogueVersion | None:
    """The catalogue that is in the tables; None before the first load."""
    newest = (
        select(CatalogueVersion)
        .where(CatalogueVersion.source == source)
        .order_by(CatalogueVersion.id.desc())
        .limit(1)
    )
    return session.scalar(newest)


def load(session: Session, archive: Path) -> LoadReport:
    """Bring the tables to the catalogue in *archive*, with the everyday names beside it.

    Needs the role that owns the tables. Foods keep their ids; those that the file no longer has
    stay readable and are not found any more. Raises FileNotFoundError or ValueError for the file.
    """
    packed = Archive(archive)
    names = aliases_beside(archive)
    digest = hashlib.sha256(f"{packed.digest} {LOADER} {names}".encode()).hexdigest()
    # Held to the end of the transaction, so that a second load sees what the first committed.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('catalogue'))"))
    present = current(session, packed.source)
    if present is not None and (present.version, present.digest) == (packed.version, digest):
        return _report(present, loaded=False)
    connection = _psycopg(session)
    _replace(connection, packed, names)
    version = CatalogueVersion(
        source=packed.source,
        version=packed.version,
        digest=digest,
        foods=len(packed.text("food_ndb_no")),
        nutrients=len(packed.text("nutrient_number")),
        nutrient_values=len(packed.array("value_amount")),
        portions=len(packed.array("portion_seq")),
    )
    session.add(version)
    session.flush()
    return _report(version, loaded=True)


def _replace(connection: Connection[Any], archive: Archive, names: str) -> None:
    source = archive.source
    with connection.cursor() as cursor:
        for table in tables.coded(archive):
            _upsert(connection, table)
        foods = tables.foods(archive, names)
        _upsert_foods(connection, foods)
        cursor.execute(
            "UPDATE foods SET listed = false WHERE source = %s AND listed AND id NOT IN"
            " (SELECT id FROM new_foods)",
            [source],
        )
        for table in tables.owned(archive):
            # The children of the foods that the file has; those it dropped keep theirs.
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE food_id IN (SELECT id FROM new_foods)").format(
                    sql.Identifier(table.name)
                )
            )
            _copy(connection, table.name, table.columns, table.blocks)
        _check_references(connection)
        cursor.execute(tables.WORDS)
        cursor.execute("DROP TABLE new_foods")
        # The planner has to know the new tables before anybody searches them.
        for name in ("foods", "food_words", "food_nutrients", "food_portions", "food_langual"):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def _check_references(connection: Connection[Any]) -> None:
    """What foreign keys of food_nutrients would check row by row (migrations/versions/0002)."""
    with connection.cursor() as cursor:
        for column, target, key in (
            ("food_id", "foods", "id"),
            ("nutrient_id", "nutrients", "id"),
            ("source_code", "value_sources", "code"),
            ("derivation_code", "value_derivations", "code"),
        ):
            statement = sql.SQL(
                "SELECT DISTINCT v.{column}::text FROM food_nutrients v"
                " LEFT JOIN {target} t ON t.{key} = v.{column}"
                " WHERE t.{key} IS NULL AND v.{column} IS NOT NULL LIMIT 5"
            ).format(
                column=sql.Identifier(column),
                target=sql.Identifier(target),
                key=sql.Identifier(key),
            )
            strays = [row[0] for row in cursor.execute(statement)]
            if strays:
                raise ValueError(f"the catalogue's values name {column} {strays}, not in {target}")


def _upsert(connection: Connection[Any], table: Table) -> None:
    """Bring a small table with a key to its new rows; rows that others may still name stay."""
    with connection.cursor() as cursor:
        fresh = sql.Identifier(f"new_{table.name}")
        target = sql.Identifier(table.name)
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(fresh, target)
        )
        _copy(connection, f"new_{table.name}", table.columns, table.blocks)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
                target,
                _names(table.columns),
                _names(table.columns),
                fresh,
                _or_update(table.key, table.columns),
            )
        )
        cursor.execute(sql.SQL("DROP TABLE {}").format(fresh))


def _upsert_foods(connection: Connection[Any], table: Table) -> None:
    """Foods, with the columns that search reads made from the texts that came along."""
    with connection.cursor() as cursor:
        cursor.execute(tables.NEW_FOODS)
        _copy(connection, "new_foods", table.columns, table.blocks)
        cursor.execute(
            sql.SQL(tables.SEARCHABLE_FOODS) + _or_update(table.key, tables.FOOD_COLUMNS)
        )


def _or_update(key: Sequence[str], columns: Sequence[str]) -> sql.Composed:
    rest = [name for name in columns if name not in key]
    return sql.SQL(" ON CONFLICT ({}) DO UPDATE SET ({}) = ROW ({})").format(
        _names(key),
        _names(rest),
        sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in rest),
    )


def _copy(
    connection: Connection[Any], name: str, columns: Sequence[str], blocks: Iterable[str]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _names(columns))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _psycopg(session: Session) -> Connection[Any]:
    """The driver's connection beneath the session's transaction: COPY is psycopg's own."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError("the catalogue loads through psycopg's COPY")
    return connection


def _report(version: CatalogueVersion, *, loaded: bool) -> LoadReport:
    return LoadReport(
        version=version.version,
        loaded=loaded,
        foods=version.foods,
        nutrients=version.nutrients,
        nutrient_values=version.nutrient_values,
        portions=version.portions,
        loaded_at=version.loaded_at,
    )
