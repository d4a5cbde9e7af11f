"""The schema's owner, who loads catalogues; what a test loads is gone after it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from kernel.database import Database

#: What a catalogue of the source "tiny" leaves behind, children first.
_TINY = """
DELETE FROM food_nutrients WHERE food_id IN (SELECT id FROM foods WHERE source = 'tiny');
DELETE FROM foods WHERE source = 'tiny';
DELETE FROM food_groups WHERE source = 'tiny';
DELETE FROM catalogue_versions WHERE source = 'tiny'
"""


@pytest.fixture
def owner(migrated: dict[str, str]) -> Iterator[Database]:
    """The database as the role that owns the tables."""
    opened = Database(migrated["DATABASE_OWNER_URL"], pool=3, idle_seconds=300)
    yield opened
    with opened.transaction() as session:
        for statement in _TINY.split(";"):
            session.execute(text(statement))
    opened.close()
