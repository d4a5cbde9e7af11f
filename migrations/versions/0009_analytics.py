"""Analytics: events in day partitions, rollups, watermarks.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import context, op

revision = "0009"
down_revision = "0008"

UPGRADE = """
-- Accepted and not yet ingested: a row lives for moments.
CREATE TABLE event_batches (
    id           uuid PRIMARY KEY,
    owner_id     uuid NOT NULL,
    job_id       uuid NOT NULL,
    events       jsonb NOT NULL,
    count        integer NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX ix_event_batches_received_at ON event_batches (received_at);

CREATE TABLE event_names (
    owner_id  uuid NOT NULL,
    name      text NOT NULL,
    PRIMARY KEY (owner_id, name)
);

-- A unique key cannot span partitions, and an id is one event whatever time it names.
CREATE TABLE event_ids (
    owner_id  uuid NOT NULL,
    id        uuid NOT NULL,
    day       date NOT NULL,
    PRIMARY KEY (owner_id, id)
);
CREATE INDEX ix_event_ids_day ON event_ids (day);

CREATE TABLE events (
    time         timestamptz NOT NULL,
    owner_id     uuid NOT NULL,
    id           uuid NOT NULL,
    name         text NOT NULL,
    properties   jsonb NOT NULL,
    received_at  timestamptz NOT NULL,
    PRIMARY KEY (time, owner_id, id)
) PARTITION BY RANGE (time);
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- Hours that have events which are not yet counted. Only added to, so that ingests never meet.
CREATE TABLE event_marks (
    hour      timestamptz NOT NULL,
    batch_id  uuid NOT NULL,
    PRIMARY KEY (hour, batch_id)
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE event_counts (
    owner_id  uuid NOT NULL,
    grain     text NOT NULL CHECK (grain IN ('hour', 'day')),
    start     timestamptz NOT NULL,
    name      text NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (owner_id, grain, start, name)
);
CREATE INDEX ix_event_counts_start ON event_counts (grain, start);

CREATE TABLE people_counts (
    grain   text NOT NULL CHECK (grain IN ('hour', 'day')),
    start   timestamptz NOT NULL,
    people  integer NOT NULL,
    PRIMARY KEY (grain, start)
);

-- Which foods an analysis used, or how many of a chunk's analyses used each.
CREATE TABLE food_uses (
    at        timestamptz NOT NULL DEFAULT now(),
    id        uuid NOT NULL,
    owner_id  uuid NOT NULL,
    foods     uuid[] NOT NULL,
    counts    integer[] NOT NULL,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE TABLE food_uses_default PARTITION OF food_uses DEFAULT;

CREATE TABLE food_counts (
    owner_id  uuid NOT NULL,
    start     timestamptz NOT NULL,
    food_id   uuid NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (owner_id, start, food_id)
);
CREATE INDEX ix_food_counts_start ON food_counts (start);

CREATE TABLE watermarks (
    name            text PRIMARY KEY,
    complete_until  timestamptz NOT NULL
);
"""

FUNCTIONS = """
-- As ensure_partitions, for tables that are partitioned by a time instead of an id.
CREATE FUNCTION ensure_event_partitions(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text; key text; day date; part text; low timestamptz; high timestamptz;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    FOR parent, key IN VALUES ('events', 'time'), ('food_uses', 'at') LOOP
        FOR offset_days IN 0..least(greatest(days, 0), 60) LOOP
            day := (now() AT TIME ZONE 'UTC')::date + offset_days;
            part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            low := day::timestamp AT TIME ZONE 'UTC';
            high := (day + 1)::timestamp AT TIME ZONE 'UTC';
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

-- As drop_partitions. The ids of events go with them, and so do the hours that they added up to;
-- days stay. Returns how many partitions were dropped.
CREATE FUNCTION drop_event_partitions(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text; dropped integer := 0; first date := (before AT TIME ZONE 'UTC')::date;
    bound timestamptz := first::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF before > now() - interval '31 days' THEN
        RAISE EXCEPTION 'events of the last 31 days may still come, and are not dropped';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('events'::regclass, 'food_uses'::regclass)
          AND c.relname ~ '_[0-9]{8}$'
          AND to_date(right(c.relname, 8), 'YYYYMMDD') < first
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    -- From here on nothing before is counted anew: it would be counted as nothing.
    INSERT INTO watermarks (name, complete_until) VALUES ('dropped', bound)
        ON CONFLICT (name) DO UPDATE SET complete_until = excluded.complete_until
        WHERE watermarks.complete_until < excluded.complete_until;
    DELETE FROM events_default WHERE time < bound;
    DELETE FROM food_uses_default WHERE at < bound;
    DELETE FROM event_ids WHERE day < first;
    DELETE FROM event_counts WHERE grain = 'hour' AND start < bound;
    DELETE FROM people_counts WHERE grain = 'hour' AND start < bound;
    DELETE FROM food_counts WHERE start < bound;
    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION ensure_event_partitions(integer), drop_event_partitions(timestamptz)
    FROM PUBLIC;
"""

GRANTS = """
GRANT EXECUTE ON FUNCTION ensure_event_partitions(integer), drop_event_partitions(timestamptz)
    TO "{role}";
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(FUNCTIONS)
    op.execute("SELECT ensure_event_partitions(7)")
    role = context.config.attributes.get("app_role")
    if role:
        op.execute(GRANTS.format(role=role.replace('"', '""')))


def downgrade() -> None:
    op.execute("""
        DROP FUNCTION ensure_event_partitions(integer), drop_event_partitions(timestamptz);
        DROP TABLE watermarks, food_counts, food_uses, people_counts, event_counts, event_marks,
            events, event_ids, event_names, event_batches;
    """)
