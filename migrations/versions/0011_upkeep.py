"""Upkeep: the slots of the schedule that fired last.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

UPGRADE = """
CREATE TABLE schedule_slots (
    entry            text PRIMARY KEY,
    slot             timestamptz NOT NULL,
    fired_at         timestamptz NOT NULL DEFAULT now(),
    job_id           uuid,
    previous_job_id  uuid
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE schedule_slots")
