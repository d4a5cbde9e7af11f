"""Backups: what was made, and what came of restoring it.

Revision ID: 0007
"""

from __future__ import annotations

from alembic import context, op

revision = "0007"
down_revision = "0006"

UPGRADE = """
CREATE TABLE backups (
    id               uuid PRIMARY KEY,
    state            text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'complete', 'failed')),
    job_id           uuid,
    actor            text NOT NULL,
    started_at       timestamptz NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    snapshot_at      timestamptz,
    bytes            bigint,
    dump_bytes       bigint,
    rows             bigint,
    schema_revision  text,
    server_version   integer,
    newest_row_at    timestamptz,
    verified_at      timestamptz,
    drill_failed_at  timestamptz,
    restore_seconds  double precision,
    age_seconds      double precision,
    error            text
);
CREATE INDEX ix_backups_started_at ON backups (started_at DESC);
"""

# pg_dump reads where sequences stand; with this the platform's role can dump all that there is.
GRANTS = """
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO "{role}";
"""
REVOKES = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON SEQUENCES FROM "{role}";
"""


def _role() -> str:
    return str(context.config.attributes.get("app_role") or "").replace('"', '""')


def upgrade() -> None:
    op.execute(UPGRADE)
    if role := _role():
        op.execute(GRANTS.format(role=role))


def downgrade() -> None:
    if role := _role():
        op.execute(REVOKES.format(role=role))
    op.execute("DROP TABLE backups")
