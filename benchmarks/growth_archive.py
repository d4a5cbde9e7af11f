"""A grown archive: millions of finished jobs in day partitions, made by the server itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import psycopg
from psycopg import sql

#: Of so many finished jobs one was tried twice, and has events of its own: those of an uneventful
#: job are derived from its row.
RETRIED = 50
#: Accounts that the jobs belong to.
OWNERS = 1_000

_PARTITION = sql.SQL("""
    CREATE TABLE {part} (LIKE {parent} INCLUDING ALL);
    ALTER TABLE {parent} ATTACH PARTITION {part}
        FOR VALUES FROM (uuid7_floor({day}::timestamp AT TIME ZONE 'UTC'))
        TO (uuid7_floor({next}::timestamp AT TIME ZONE 'UTC'));
""")
# As an analysis of a recipe leaves it, spread evenly over the day: 0.5 kB of payload and result.
_JOBS = """
    INSERT INTO jobs_archive (id, kind, version, queue, payload, owner_id, actor, state, claim,
        attempts, failures, created_at, started_at, next_at, claimed_at, finished_at, result,
        event_seq, metadata)
    SELECT uuidv7(at - clock_timestamp()), 'analysis', 1, 'nutrition.interactive',
        jsonb_build_object('title', 'recipe ' || n, 'servings', 4, 'ingredients',
            jsonb_build_array(mod(n, 500) || ' g wheat flour', '2 eggs', mod(n, 7) || ' cups milk',
                '1 tsp salt', '30 g butter', mod(n, 90) || ' ml olive oil')),
        md5((mod(n, %(owners)s))::text)::uuid, 'key:benchmark', 'succeeded',
        CASE WHEN mod(n, %(retried)s) = 0 THEN 2 ELSE 1 END,
        CASE WHEN mod(n, %(retried)s) = 0 THEN 2 ELSE 1 END,
        CASE WHEN mod(n, %(retried)s) = 0 THEN 1 ELSE 0 END,
        at, at + interval '10 ms', at + interval '1 min', at + interval '10 ms',
        at + interval '50 ms', jsonb_build_object('analysis', md5(n::text)),
        CASE WHEN mod(n, %(retried)s) = 0 THEN 5 ELSE 3 END, '{}'
    FROM (SELECT n, CAST(%(day)s AS timestamp) AT TIME ZONE 'UTC'
            + interval '1 day' * (n - 0.5) / %(jobs)s AS at
          FROM generate_series(1, %(jobs)s) AS n) AS moments
"""
_EVENTS = """
    INSERT INTO job_events (job_id, seq, at, name, data)
    SELECT id, seq, finished_at, CASE seq WHEN 3 THEN 'queued' ELSE 'running' END,
        CASE seq WHEN 3 THEN '{"reason": "retry"}'::jsonb ELSE '{"attempt": 2}' END
    FROM jobs_archive, generate_series(3, 4) AS seq
    WHERE failures > 0 AND id >= uuid7_floor(CAST(%(day)s AS timestamp) AT TIME ZONE 'UTC')
        AND id < uuid7_floor(CAST(%(day)s AS timestamp) AT TIME ZONE 'UTC' + interval '1 day')
"""


def fill(owner_url: str, jobs: int, days: int, told: Callable[[str], None]) -> None:
    """Add *jobs* finished jobs, evenly over the *days* before today, with every index in place."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        row = owner.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchone()
        today: date = row[0] if row else date.today()  # noqa: DTZ011 - never: a SELECT has a row
        for back in range(days, 0, -1):
            day = today - timedelta(days=back)
            for parent in ("jobs_archive", "job_events"):
                owner.execute(
                    _PARTITION.format(
                        part=sql.Identifier(f"{parent}_{day:%Y%m%d}"),
                        parent=sql.Identifier(parent),
                        day=sql.Literal(day),
                        next=sql.Literal(day + timedelta(days=1)),
                    )
                )
            each = {"day": day, "jobs": jobs // days, "owners": OWNERS, "retried": RETRIED}
            with owner.transaction():
                owner.execute(_JOBS, each)
                owner.execute(_EVENTS, each)
            told(f"{day}: {(days - back + 1) * (jobs // days):,} jobs")
        owner.execute("ANALYZE jobs_archive")
        owner.execute("ANALYZE job_events")


def size(owner_url: str) -> tuple[int, int, int, int]:
    """Jobs and events in the archive (counted), and bytes of tables and indexes of both."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        row = owner.execute("""
            SELECT (SELECT count(*) FROM jobs_archive), (SELECT count(*) FROM job_events),
                sum(pg_table_size(relid))::bigint, sum(pg_indexes_size(relid))::bigint
            FROM (SELECT relid FROM pg_partition_tree('jobs_archive')
                  UNION ALL SELECT relid FROM pg_partition_tree('job_events')) AS parts
        """).fetchone()
        assert row is not None
        return row[0], row[1], row[2], row[3]
