"""A snapshot: the one moment whose state a backup holds, and what every table holds then.

It stands on a connection of its own, which also holds the lock that makes backups and restore
tests take turns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Unavailable
from services.backups.manifest import Digest

#: Any fixed number: whoever makes or tests a backup holds this lock of the database.
LOCK = 0x6261636B  # "back"

# Whatever the server's defaults are: no limit strikes within, and values read the same everywhere.
_SESSION = (
    "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0 -c lock_timeout=30s"
    " -c timezone=UTC -c synchronize_seqscans=off"
)
_FACTS = """
    SELECT pg_export_snapshot(), now(), current_setting('server_version_num')::int,
        (SELECT sum(pg_table_size(oid))::bigint FROM pg_class
         WHERE relkind = 'r' AND relnamespace NOT IN
            (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema)'))
"""
# What belongs to an extension is made by it.
_MEMBER = """
    EXISTS (SELECT 1 FROM pg_depend d
            WHERE d.classid = '{0}'::regclass AND d.objid = {1}.oid AND d.deptype = 'e')
"""
_TABLES = f"""
    SELECT n.nspname AS schema, c.relname AS "table",
        array_agg(a.attname::text ORDER BY a.attnum) AS columns,
        array_agg(hashable ORDER BY a.attnum) AS hashable,
        array_agg(a.atttypid = 'timestamptz'::regtype
                  AND coalesce(pg_get_expr(f.adbin, f.adrelid) = 'now()', false)
                  ORDER BY a.attnum) AS written
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    CROSS JOIN LATERAL (SELECT coalesce(e.typtype, t.typtype) IN ('e', 'r', 'm')
        OR coalesce(e.oid, t.oid) = 'varchar'::regtype
        OR EXISTS (SELECT 1 FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
                   WHERE m.amname = 'hash' AND o.opcdefault AND o.opcintype = coalesce(e.oid, t.oid)
        ) AS hashable) AS h
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname !~ '^(pg_|information_schema)' AND NOT {_MEMBER.format("pg_class", "c")}
    GROUP BY c.oid, n.nspname, c.relname ORDER BY n.nspname, c.relname
"""
# Who owns what the dump holds, and who was granted anything of it.
_ROLES = """
    SELECT DISTINCT pg_get_userbyid(role) FROM (
        SELECT relowner AS role FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT a.grantee FROM pg_class, aclexplode(relacl) a
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT a.grantee FROM pg_proc, aclexplode(proacl) a
            WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT a.grantee FROM pg_namespace, aclexplode(nspacl) a
            WHERE nspname = 'public'
        UNION ALL SELECT defaclrole FROM pg_default_acl
        UNION ALL SELECT a.grantee FROM pg_default_acl, aclexplode(defaclacl) a
    ) AS named JOIN pg_roles r ON r.oid = role
    WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' ORDER BY 1
"""
_OWNER = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'alembic_version'::regclass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One moment of a database. id: by which pg_dump joins it. estimate: bytes of its tables."""

    connection: psycopg.Connection
    id: str
    at: datetime
    server_version: int
    estimate: int


class Busy(Conflict):
    """Another backup or restore test is under way."""


def connect(url: str) -> psycopg.Connection:
    """A connection whose values read the same on every server. Raises Unavailable."""
    try:
        return psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=10,
            application_name="nutrition-backup",
            options=_SESSION,
        )
    except psycopg.OperationalError as error:
        said = str(error).partition("\n")[0]
        raise Unavailable(f"The database is out of reach: {said}", retry_after=30) from error


@contextmanager
def exclusively(url: str) -> Iterator[psycopg.Connection]:
    """Hold the lock of backups and restore tests while the block runs. Raises Busy, Unavailable.

    It is the connection's, so it is gone with whoever held it.
    """
    with connect(url) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is None or not row[0]:
            raise Busy("Another backup or restore test is under way.")
        try:
            yield connection
        finally:
            # The server notices a closed connection a moment later: whoever comes next met it.
            with contextlib.suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


_HELD = text("""
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) + objid::bigint = :lock
    )
""")


def under_way(session: Session) -> bool:
    """Whether a backup or a restore test holds its lock: pg_dump then has one on every table."""
    return bool(session.scalar(_HELD, {"lock": LOCK}))


@contextmanager
def snapshot(connection: psycopg.Connection) -> Iterator[Snapshot]:
    """A transaction that sees one moment, and lets others see the same."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute(_FACTS).fetchone()
        assert row is not None
        yield Snapshot(
            connection=connection,
            id=row[0],
            at=row[1],
            server_version=row[2],
            estimate=row[3] or 0,
        )


def digests(connection: psycopg.Connection) -> tuple[dict[str, Digest], datetime | None]:
    """What every table holds, by its name; and when the newest row was written.

    A row's hash is PostgreSQL's own of its values, generated columns left out. What has no hash is
    taken as text. The sum does not depend on the order, so a restored table has the same.
    """
    found: dict[str, Digest] = {}
    newest: list[datetime] = []
    for schema, table, columns, hashable, written in connection.execute(_TABLES).fetchall():
        values = [
            sql.SQL("{}" if fit else "{}::text").format(sql.Identifier(column))
            for column, fit in zip(columns, hashable, strict=True)
        ]
        times = [
            # Some rows begin with a time that is still to come, such as a job's.
            sql.SQL("CASE WHEN {0} <= now() THEN {0} END").format(sql.Identifier(column))
            for column, is_time in zip(columns, written, strict=True)
            if is_time
        ]
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(hash_record_extended(ROW({}), 0)), 0)::text, {} FROM {}"
        ).format(
            sql.SQL(", ").join(values),
            sql.SQL("max(greatest({}))").format(sql.SQL(", ").join(times))
            if times
            else sql.SQL("NULL::timestamptz"),
            sql.Identifier(schema, table),
        )
        rows, checksum, latest = connection.execute(query).fetchone() or (0, "0", None)
        found[f"{schema}.{table}"] = Digest(rows=rows, checksum=checksum)
        if latest is not None:
            newest.append(latest)
    return found, max(newest, default=None)


def roles(connection: psycopg.Connection) -> list[str]:
    """Every role that the dump names, superusers and PostgreSQL's own left out."""
    return [row[0] for row in connection.execute(_ROLES).fetchall()]


def owner(connection: psycopg.Connection) -> str:
    """The role that owns the schema."""
    row = connection.execute(_OWNER).fetchone()
    assert row is not None
    return str(row[0])


def revision(connection: psycopg.Connection) -> str:
    """The newest migration of the database. Raises Conflict where it was never migrated."""
    found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
    if found is None or found[0] is None:
        raise Conflict("The database has no schema yet: run `nutrition migrate` first.")
    row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else ""
