"""Warming: what was wanted most.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

UPGRADE = """
CREATE TABLE warming_wanted (
    region  text NOT NULL,
    hour    timestamptz NOT NULL,
    key     text NOT NULL,
    hits    bigint NOT NULL CHECK (hits > 0),
    PRIMARY KEY (region, hour, key)
);
CREATE INDEX ix_warming_wanted_hour ON warming_wanted (hour);

CREATE TABLE warming_runs (
    kind         text PRIMARY KEY,
    job_id       uuid NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT now(),
    seconds      double precision NOT NULL,
    report       jsonb NOT NULL
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        DROP TABLE warming_runs, warming_wanted
    """)
