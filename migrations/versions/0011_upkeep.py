"""Upkeep: runs of the schedule.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

UPGRADE = """
SELECT 1
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        SELECT 1
    """)
