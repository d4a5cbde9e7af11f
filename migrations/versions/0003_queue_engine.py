"""The queue engine, complete: lanes, groups, rules, deadlines, dependencies, dead jobs, audit.

The previous release runs on this schema: every new column has a default that means what that
release does. What it does not know (rules, dependencies) waits for this one.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import context, op

revision = "0003"
down_revision = "0002"

# The columns that a live and an archived job share, in the models' order.
COLUMNS = """
    ADD COLUMN limit_key text NOT NULL DEFAULT '',
    ADD COLUMN due boolean NOT NULL DEFAULT true,
    ADD COLUMN message_id uuid,
    ADD COLUMN claimed_at timestamptz,
    ADD COLUMN deadline_at timestamptz,
    ADD COLUMN reason text,
    ADD COLUMN on_end jsonb
"""

UPGRADE = f"""
ALTER TABLE jobs {COLUMNS};
ALTER TABLE jobs_archive {COLUMNS};

-- A lane is (owner, kind, limit key): the dispatcher walks lane by lane, and skips those that are
-- paused or full without reading their jobs. What is due only later lies in the other index.
DROP INDEX ix_jobs_backlog;
CREATE INDEX ix_jobs_backlog
    ON jobs (queue, owner_id, kind, limit_key, priority DESC, next_at, id)
    WHERE state = 'queued' AND due;
CREATE INDEX ix_jobs_later ON jobs (next_at) WHERE state = 'queued' AND NOT due;
CREATE INDEX ix_jobs_waiting ON jobs (queue) WHERE state = 'waiting';
CREATE INDEX ix_jobs_deadline ON jobs (deadline_at) WHERE deadline_at IS NOT NULL;

-- Dead and failed jobs are searched; what ended in the last minute is counted.
CREATE INDEX ix_jobs_archive_dead ON jobs_archive (kind, id DESC)
    WHERE state IN ('dead', 'failed');
CREATE INDEX ix_jobs_archive_finished ON jobs_archive USING brin (finished_at)
    WITH (pages_per_range = 16, autosummarize = on);

-- The worker whose main process forked it.
ALTER TABLE processes ADD COLUMN worker_id uuid;

-- NULL: until the job ends.
ALTER TABLE job_keys ALTER COLUMN expires_at DROP NOT NULL;

CREATE TABLE job_edges (
    awaited_id  uuid NOT NULL,
    waiter_id   uuid NOT NULL,
    PRIMARY KEY (awaited_id, waiter_id)
);
CREATE INDEX ix_job_edges_waiter_id ON job_edges (waiter_id);

CREATE TABLE job_rules (
    scope        text NOT NULL CHECK (scope IN ('queue', 'kind', 'owner')),
    name         text NOT NULL,
    paused       boolean NOT NULL DEFAULT false,
    concurrency  integer CHECK (concurrency > 0),
    per_second   double precision CHECK (per_second > 0),
    tokens       double precision NOT NULL DEFAULT 0,
    refilled_at  timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now(),
    changed_by   text NOT NULL,
    PRIMARY KEY (scope, name)
);

-- What operators did. Rows are added and read, and never changed, by nobody.
CREATE TABLE audit_log (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    action   text NOT NULL,
    target   text NOT NULL,
    details  jsonb NOT NULL DEFAULT '{{}}'
);
CREATE INDEX ix_audit_log_target ON audit_log (target, id DESC);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# What the previous release does not know would wait for ever, or be forgotten.
DOWNGRADE = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM job_edges) OR EXISTS (SELECT 1 FROM jobs WHERE on_end IS NOT NULL) THEN
        RAISE EXCEPTION 'some jobs wait for others, or are to be followed by one: let them end, '
            'or cancel them, then go back';
    END IF;
END $$;
DROP TABLE audit_log, job_rules, job_edges;
DROP FUNCTION refuse_change();
ALTER TABLE processes DROP COLUMN worker_id;
DELETE FROM job_keys WHERE expires_at IS NULL;
ALTER TABLE job_keys ALTER COLUMN expires_at SET NOT NULL;
DROP INDEX ix_jobs_archive_dead, ix_jobs_archive_finished, ix_jobs_deadline, ix_jobs_waiting,
    ix_jobs_later, ix_jobs_backlog;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    role = context.config.attributes.get("app_role")
    if role:
        quoted = role.replace('"', '""')
        op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM "{quoted}"')


def downgrade() -> None:
    op.execute(DOWNGRADE)
    for table in ("jobs", "jobs_archive"):
        names = ("limit_key", "due", "message_id", "claimed_at", "deadline_at", "reason", "on_end")
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN {name}" for name in names))
    op.execute("""
        CREATE INDEX ix_jobs_backlog ON jobs (queue, owner_id, priority DESC, next_at, id)
            WHERE state = 'queued'
    """)
