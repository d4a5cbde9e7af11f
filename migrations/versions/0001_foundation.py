"""Accounts and keys, the life of a job, analyses and batches.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import context, op

revision = "0001"
down_revision = None

# The columns that a live and an archived job share (services/jobs/models.py keeps the order).
JOB = """
    id              uuid NOT NULL,
    kind            text NOT NULL,
    version         smallint NOT NULL,
    queue           text NOT NULL,
    payload         jsonb NOT NULL,
    owner_id        uuid NOT NULL,
    actor           text NOT NULL,
    priority        smallint NOT NULL DEFAULT 0,
    state           text NOT NULL DEFAULT 'queued',
    next_at         timestamptz NOT NULL DEFAULT now(),
    claim           integer NOT NULL DEFAULT 0,
    attempts        smallint NOT NULL DEFAULT 0,
    failures        smallint NOT NULL DEFAULT 0,
    lost            smallint NOT NULL DEFAULT 0,
    process_id      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    cancel_at       timestamptz,
    expires_at      timestamptz,
    dedupe_key      text,
    correlation_id  text,
    traceparent     text,
    progress_done   integer,
    progress_total  integer,
    parent_id       uuid,
    pending         integer NOT NULL DEFAULT 0,
    follow_up       jsonb,
    metadata        jsonb NOT NULL DEFAULT '{}',
    result          jsonb,
    error           jsonb,
    history         jsonb NOT NULL DEFAULT '[]',
    event_seq       integer NOT NULL DEFAULT 1
"""

TABLES = f"""
CREATE TABLE accounts (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          text NOT NULL,
    digest        bytea NOT NULL UNIQUE,
    hint          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('user', 'operator', 'admin')),
    scopes        text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX ix_api_keys_account_id ON api_keys (account_id);

-- Hot: rows live for seconds. Room for HOT updates, and a vacuum that comes by count, not by share.
CREATE TABLE jobs (
    {JOB},
    PRIMARY KEY (id),
    CHECK (state IN ('queued', 'waiting', 'dispatched', 'running'))
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0,
        autovacuum_analyze_threshold = 5000, autovacuum_analyze_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0);
-- The dispatcher walks it owner by owner and never sorts the backlog.
CREATE INDEX ix_jobs_backlog ON jobs (queue, owner_id, priority DESC, next_at, id)
    WHERE state = 'queued';
-- Small by construction: what is in the broker or at work.
CREATE INDEX ix_jobs_in_flight ON jobs (state, queue, next_at)
    WHERE state IN ('dispatched', 'running');
CREATE INDEX ix_jobs_owner ON jobs (owner_id, id DESC);
CREATE INDEX ix_jobs_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX ix_jobs_expiry ON jobs (expires_at) WHERE state = 'queued' AND expires_at IS NOT NULL;

CREATE TABLE jobs_archive (
    {JOB},
    finished_at  timestamptz NOT NULL,
    PRIMARY KEY (id),
    CHECK (state IN ('succeeded', 'failed', 'dead', 'cancelled'))
) PARTITION BY RANGE (id);
CREATE INDEX ix_jobs_archive_owner ON jobs_archive (owner_id, id DESC);
CREATE TABLE jobs_archive_default PARTITION OF jobs_archive DEFAULT;

CREATE TABLE job_events (
    job_id  uuid NOT NULL,
    seq     integer NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    name    text NOT NULL,
    data    jsonb NOT NULL DEFAULT '{{}}',
    PRIMARY KEY (job_id, seq)
) PARTITION BY RANGE (job_id);
CREATE TABLE job_events_default PARTITION OF job_events DEFAULT;

CREATE TABLE job_keys (
    owner_id    uuid NOT NULL,
    key         text NOT NULL,
    job_id      uuid NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX ix_job_keys_expires_at ON job_keys (expires_at);

CREATE TABLE idempotency_keys (
    owner_id    uuid NOT NULL,
    actor       text NOT NULL,
    key         text NOT NULL,
    request     bytea NOT NULL,
    answer      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (owner_id, actor, key)
);
CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at);

CREATE TABLE processes (
    id          uuid PRIMARY KEY,
    role        text NOT NULL,
    host        text NOT NULL,
    pid         integer NOT NULL,
    queues      text[] NOT NULL,
    slots       integer NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    beat_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

CREATE TABLE leases (
    name        text PRIMARY KEY,
    holder      uuid NOT NULL,
    expires_at  timestamptz NOT NULL
);

CREATE TABLE analyses (
    id          uuid PRIMARY KEY,
    owner_id    uuid NOT NULL,
    summary     jsonb NOT NULL,
    document    jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX ix_analyses_owner ON analyses (owner_id, id DESC);
CREATE INDEX ix_analyses_expires_at ON analyses (expires_at);

CREATE TABLE batches (
    id              uuid PRIMARY KEY,
    owner_id        uuid NOT NULL,
    total           integer NOT NULL,
    succeeded       integer NOT NULL DEFAULT 0,
    failed          integer NOT NULL DEFAULT 0,
    lines           integer NOT NULL DEFAULT 0,
    lines_resolved  integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    expires_at      timestamptz NOT NULL
);
CREATE INDEX ix_batches_owner ON batches (owner_id, id DESC);
CREATE INDEX ix_batches_expires_at ON batches (expires_at);

CREATE TABLE batch_chunks (
    batch_id        uuid NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    number          integer NOT NULL,
    first           integer NOT NULL,
    recipes         integer NOT NULL,
    byte_start      bigint NOT NULL,
    byte_length     bigint NOT NULL,
    job_id          uuid NOT NULL,
    object_key      text,
    succeeded       integer NOT NULL DEFAULT 0,
    failed          integer NOT NULL DEFAULT 0,
    lines           integer NOT NULL DEFAULT 0,
    lines_resolved  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (batch_id, number)
);

-- When each canary last came home: the liveness of a queue's workers, end to end.
CREATE TABLE canaries (
    queue  text PRIMARY KEY,
    sent_at  timestamptz NOT NULL,
    home_at  timestamptz NOT NULL
);
"""

FUNCTIONS = """
-- The smallest UUIDv7 of a moment: 48 bits of milliseconds, then zeros.
CREATE FUNCTION uuid7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
            || repeat('0', 20))::uuid
$$;

-- Makes today's partitions and those of the coming days. Rows that already lie in the default
-- partition move. Returns how many partitions were made. The platform's role cannot create tables:
-- these two functions, the owner's, are its only way.
CREATE FUNCTION ensure_partitions(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text; key text; day date; part text; low uuid; high uuid; made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    FOR parent, key IN VALUES ('jobs_archive', 'id'), ('job_events', 'job_id') LOOP
        FOR offset_days IN 0..least(greatest(days, 0), 60) LOOP
            day := (now() AT TIME ZONE 'UTC')::date + offset_days;
            part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            low := uuid7_floor(day::timestamp AT TIME ZONE 'UTC');
            high := uuid7_floor((day + 1)::timestamp AT TIME ZONE 'UTC');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('WITH moved AS (
                                DELETE FROM %I WHERE %I >= $1 AND %I < $2 RETURNING *
                            ) INSERT INTO %I SELECT * FROM moved',
                           parent || '_default', key, key, part) USING low, high;
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, low, high);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions that lie wholly before a moment, and such rows of the default ones. Returns
-- how many partitions.
CREATE FUNCTION drop_partitions(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text; dropped integer := 0;
BEGIN
    IF before > now() - interval '1 day' THEN
        RAISE EXCEPTION 'partitions of the last day are not dropped';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('jobs_archive'::regclass, 'job_events'::regclass)
          AND c.relname ~ '_[0-9]{8}$'
          AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 <= (before AT TIME ZONE 'UTC')::date
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM jobs_archive_default WHERE id < uuid7_floor(before);
    DELETE FROM job_events_default WHERE job_id < uuid7_floor(before);
    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION ensure_partitions(integer), drop_partitions(timestamptz) FROM PUBLIC;
"""

# The platform's role reads and writes rows, and can change no table.
GRANTS = """
GRANT USAGE ON SCHEMA public TO "{role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
GRANT EXECUTE ON FUNCTION ensure_partitions(integer), drop_partitions(timestamptz) TO "{role}";
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}";
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    op.execute("SELECT ensure_partitions(7)")
    role = context.config.attributes.get("app_role")
    if role:
        op.execute(GRANTS.format(role=role.replace('"', '""')))


def downgrade() -> None:
    op.execute("""
        DROP FUNCTION ensure_partitions(integer), drop_partitions(timestamptz);
        DROP TABLE canaries, batch_chunks, batches, analyses, leases, processes, idempotency_keys,
            job_keys, job_events, jobs_archive, jobs, api_keys, accounts;
        DROP FUNCTION uuid7_floor(timestamptz);
    """)
