"""Every table says what happens to a person's rows, in words that can be carried out."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Column, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from kernel.database import Base
from services.privacy.declarations import (
    DeclarationError,
    declaration_of,
    declarations,
)
from tests.migrations.test_migrations import load_models

#: Names under which people are found in tables.
_PERSONAL = re.compile(r"(owner|account|person|people|user|recipient)_ids?|e?mail|address|ip|actor")
_BY = re.compile(r"\w+_by|actor")
_SECRET = re.compile(r"secret|password|token|digest|hash")
#: Columns with such a name that open nothing.
_HARMLESS = {("people", "password_changed_at")}
#: Tables that are read whole: what operators have typed, and what waits for moments.
SMALL = {"job_rules", "event_batches"}


def test_every_table_is_declared_wherever_its_model_lies():
    load_models()

    known = set(declarations())
    for name, table in Base.metadata.tables.items():
        # What names nobody may also be declared elsewhere than in a module `models`.
        assert name in known or declaration_of(table).column is None, name


def test_a_table_of_nobodys_has_no_column_that_names_somebody():
    for name, one in declarations().items():
        if one.column is not None or one.parents:
            continue
        found = {c.name for c in one.table.columns if _PERSONAL.fullmatch(c.name)}
        found |= {c.name for c in one.table.columns if _BY.fullmatch(c.name)}
        assert found <= one.actors | one.arrays, name


def test_what_proves_who_somebody_is_or_signs_for_them_is_in_no_archive():
    for name, one in declarations().items():
        if one.export:
            secrets = {c.name for c in one.table.columns if _SECRET.search(c.name)}
            secrets -= {column for table, column in _HARMLESS if table == name}
            assert secrets <= one.secret, name


def test_rows_are_deleted_before_those_that_they_depend_on():
    order = list(declarations())
    for name, one in declarations().items():
        for key in one.table.foreign_keys:
            assert order.index(name) <= order.index(key.column.table.name)
    assert order[-1] == "accounts"


def test_an_accounts_rows_are_found_through_an_index(database):
    """Else erasing one account would read everybody's rows."""
    leading = text("""
        SELECT a.attname FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = CAST(:name AS regclass) AND i.indpred IS NULL
    """)
    with database.transaction() as session:
        missing = []
        for name, one in declarations().items():
            needed = one.by if one.parents else one.column
            if needed is None or not (one.deletes or one.export):
                continue
            if name in SMALL:
                continue
            if needed not in session.scalars(leading, {"name": name}).all():
                missing.append(f"{name}.{needed}")
    assert not missing, missing


def _table(info, **column_info):
    key, owner = Column("id", UUID, primary_key=True), Column("owner_id", UUID, info=column_info)
    return Table("pots", MetaData(), key, owner, Column("name", Text), info=info)


@pytest.mark.parametrize(
    ("info", "complaint"),
    [
        ({"owner": None, "export": "no"}, "must say erasure"),
        ({"owner": "cook_id", "export": "no", "erasure": "delete"}, "no column 'cook_id'"),
        ({"owner": "owner_id", "export": "maybe", "erasure": "delete"}, "export is"),
        ({"owner": "owner_id", "export": "yes", "erasure": "keep"}, "keep: <why>"),
        ({"owner": "owner_id", "export": "yes", "erasure": "forget"}, "erasure is"),
        ({"owner": None, "export": "no", "erasure": "delete"}, "where rows have an owner"),
        ({"owner": "batches.owner_id by pot", "export": "no", "erasure": "delete"}, "'pot'"),
        ({"owner": "owner_id", "export": "no", "erasure": "delete", "hides": []}, "says hides"),
        (
            {"owner": "owner_id", "export": "no", "erasure": "delete", "objects": "pots/{key}"},
            "'key'",
        ),
    ],
)
def test_a_declaration_that_cannot_be_carried_out_says_so(info, complaint):
    with pytest.raises(DeclarationError, match=re.escape(complaint)):
        declaration_of(_table(info))


def test_a_columns_info_that_means_nothing_says_so():
    info = {"owner": "owner_id", "export": "yes", "erasure": "delete"}
    with pytest.raises(DeclarationError, match=r"pots\.owner_id"):
        declaration_of(_table(info, secrecy=True))
