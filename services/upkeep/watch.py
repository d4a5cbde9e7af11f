"""Watch: what a database shows before it fails. Bloat, slow statements, transactions left open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Dead rows of a table that are worth a look: so many, and this part of the living.
DEAD_ROWS, DEAD_SHARE = 10_000, 0.2
#: Milliseconds that a statement takes on average, of so many calls at least, to count as slow.
SLOW_MS, SLOW_CALLS = 200, 20
#: Seconds that a transaction may be open: its snapshot keeps every dead row since.
OPEN_SECONDS = 300
#: Transactions until PostgreSQL would refuse to write, lest ids wrap around: at 2**31.
WRAP = 1_000_000_000
#: Findings of one sort: a report is read, not scrolled.
MOST = 10

_BLOAT = text("""
    SELECT relname AS "table", n_live_tup AS live, n_dead_tup AS dead,
        pg_total_relation_size(relid) AS bytes, last_autovacuum
    FROM pg_stat_user_tables
    WHERE n_dead_tup > :rows AND n_dead_tup > :share * n_live_tup
    ORDER BY n_dead_tup DESC LIMIT :most
""")
_OPEN = text("""
    SELECT pid, application_name AS application, state,
        round(extract(epoch FROM now() - xact_start))::int AS seconds
    FROM pg_stat_activity
    WHERE xact_start < now() - make_interval(secs => :seconds) AND pid <> pg_backend_pid()
    ORDER BY xact_start LIMIT :most
""")
_INVALID = text("""
    SELECT indexrelid::regclass::text AS "index" FROM pg_index WHERE NOT indisvalid LIMIT :most
""")
_AGE = text("""
    SELECT max(age(datfrozenxid)) AS transactions FROM pg_database
""")
_CAN_SEE_STATEMENTS = text("""
    SELECT to_regclass('pg_stat_statements') IS NOT NULL
""")
# The texts carry $1 where the values were: PostgreSQL normalises them.
_SLOW = text("""
    SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS statement, calls,
        round(mean_exec_time::numeric, 1)::float8 AS mean_ms,
        round(total_exec_time::numeric)::float8 AS total_ms
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND mean_exec_time > :ms AND calls >= :calls
    ORDER BY total_exec_time DESC LIMIT :most
""")


def look(session: Session) -> dict[str, Any]:
    """What is worth an operator's look, by sort; a sort without a finding is left out.

    bloat: tables with many dead rows (bytes: of the table with its indexes). slow_statements: by
    their whole time. open_transactions, invalid_indexes, wraparound: as their names say. unseen:
    what could not be looked at, and why.
    """
    found: dict[str, Any] = {
        "bloat": _rows(session, _BLOAT, rows=DEAD_ROWS, share=DEAD_SHARE),
        "open_transactions": _rows(session, _OPEN, seconds=OPEN_SECONDS),
        "invalid_indexes": _rows(session, _INVALID),
    }
    if session.scalar(_CAN_SEE_STATEMENTS):
        found["slow_statements"] = _rows(session, _SLOW, ms=SLOW_MS, calls=SLOW_CALLS)
    else:
        found["unseen"] = [{"slow_statements": "pg_stat_statements is not installed"}]
    age = session.scalars(_AGE).one()
    if age > WRAP:
        found["wraparound"] = [{"transactions": age}]
    return {sort: rows for sort, rows in found.items() if rows}


def _rows(session: Session, statement: Any, **limits: float) -> list[dict[str, Any]]:
    result = session.execute(statement, {**limits, "most": MOST})
    return [_plain(dict(row)) for row in result.mappings()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Times as text: the report becomes a job's result."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }
