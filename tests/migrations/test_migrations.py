"""The tables are what the models say, and migrations go both ways."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

import services
from kernel.database import Base
from migrations.run import current, downgrade, head, upgrade


def load_models() -> None:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)


def partitions(database):
    with database.transaction() as session:
        return set(session.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))


def test_every_table_and_column_is_declared_and_every_declaration_has_its_table(database):
    load_models()
    found = inspect(database.engine)
    tables = {
        name
        for name in found.get_table_names()
        if name != "alembic_version" and name not in partitions(database)
    }
    assert tables == set(Base.metadata.tables)
    for name in sorted(tables):
        declared = {column.name for column in Base.metadata.tables[name].columns}
        assert {column["name"] for column in found.get_columns(name)} == declared, name


def test_every_table_says_who_owns_a_row_and_what_erasure_does():
    load_models()
    for name, table in Base.metadata.tables.items():
        assert {"owner", "export", "erasure"} <= set(table.info), name


@pytest.fixture
def spare(engines) -> str:
    """An empty database of the owner's, on the same server."""
    admin = make_url(engines.env["DATABASE_ADMIN_URL"]).set(drivername="postgresql+psycopg")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS spare"))
        connection.execute(text("CREATE DATABASE spare OWNER nutrition_owner"))
    for extension in ("pg_trgm", "unaccent", "btree_gin"):
        with create_engine(admin.set(database="spare")).begin() as connection:
            connection.execute(text(f"CREATE EXTENSION {extension}"))
    owner = make_url(engines.env["DATABASE_OWNER_URL"]).set(database="spare")
    return owner.render_as_string(hide_password=False)


def test_migrations_go_up_down_and_up_again(spare, settings):
    engine = create_engine(make_url(spare).set(drivername="postgresql+psycopg"))
    for _ in range(2):
        upgrade(spare, settings.database_url)
        with engine.connect() as connection:
            assert current(connection) == head()
        downgrade(spare, settings.database_url, "base")
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
