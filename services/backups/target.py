"""The target: whether a backup can be restored into a database, asked before anything is written.

And, where its name was given, how it is emptied.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from kernel.errors import Conflict, Forbidden
from services.backups.manifest import Manifest

_FACTS = """
    SELECT current_database(), current_setting('server_version_num')::int, current_user,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
_MISSING_ROLES = """
    SELECT role FROM unnest(%s::text[]) AS role
    WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role)
"""
_MISSING_EXTENSIONS = """
    SELECT wanted FROM unnest(%s::text[]) AS wanted
    WHERE NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = wanted)
        AND NOT EXISTS (
            SELECT 1 FROM pg_available_extension_versions
            WHERE name = wanted AND (trusted OR %s)
                AND has_database_privilege(current_database(), 'CREATE'))
"""
_OTHERS = """
    SELECT usename || coalesce(' (' || nullif(application_name, '') || ')', ''), count(*)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
    GROUP BY 1 ORDER BY 1
"""
# What belongs to an extension is its own.
_CONTENT = """
    SELECT kind, name FROM (
        SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            format('%I.%I', n.nspname, c.relname) AS name, 'pg_class'::regclass AS class, c.oid
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT c.relispartition
            AND n.nspname !~ '^(pg_|information_schema)'
        UNION ALL
        SELECT 'ROUTINE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema)'
        UNION ALL
        SELECT 'TYPE', t.oid::regtype::text, 'pg_type'::regclass, t.oid
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r') AND n.nspname !~ '^(pg_|information_schema)'
    ) AS content
    WHERE NOT EXISTS (SELECT 1 FROM pg_depend d
        WHERE d.classid = content.class AND d.objid = content.oid AND d.deptype = 'e')
"""


def check(connection: psycopg.Connection, manifest: Manifest, replace: str | None) -> None:
    """Raise Conflict or Forbidden, saying what to do, where the backup does not go in there.

    replace: the name of the database, where whoever asks wants its content gone.
    """
    row = connection.execute(_FACTS).fetchone()
    assert row is not None
    name, version, user, is_superuser = row
    if version // 10_000 < manifest.server_version // 10_000:
        raise Conflict(
            f"The backup is of PostgreSQL {manifest.server_version // 10_000}, and the target is "
            f"{version // 10_000}: restore into one that is as new."
        )
    missing = connection.execute(_MISSING_ROLES, (manifest.roles,)).fetchall()
    if missing:
        makes = "; ".join(f'CREATE ROLE "{role}" LOGIN' for (role,) in missing)
        raise Conflict(f"The target lacks roles that the backup names; a superuser runs: {makes}")
    if user != manifest.owner and not is_superuser:
        raise Forbidden(
            f"The schema belongs to the role {manifest.owner}, and this is {user}: restore as "
            "that role or as a superuser (DATABASE_OWNER_URL, or --to)."
        )
    lacking = connection.execute(
        _MISSING_EXTENSIONS, (manifest.extensions, is_superuser)
    ).fetchall()
    if lacking:
        raise Conflict(
            f"The target cannot have the extensions {', '.join(one for (one,) in lacking)}: "
            "install PostgreSQL's contrib package there, or have a superuser create them."
        )
    others = connection.execute(_OTHERS).fetchall()
    if others:
        who = ", ".join(f"{count} × {named}" for named, count in others)
        raise Conflict(f"The database {name} is in use by {who}: stop the platform first.")
    if replace is not None and replace != name:
        raise Conflict(f"The target is the database {name!r}, not {replace!r}.")
    if replace is None and connection.execute(f"{_CONTENT} LIMIT 1").fetchone():
        raise Conflict(
            f"The database {name} is not empty. Name it to have all that it holds deleted first: "
            f"--into-non-empty {name}"
        )


def empty(connection: psycopg.Connection) -> None:
    """Drop all that the target holds, extensions excepted, in the caller's transaction."""
    content = connection.execute(_CONTENT).fetchall()
    for order in ("VIEW", "MATERIALIZED VIEW", "TABLE", "SEQUENCE", "ROUTINE", "TYPE"):
        for kind, name in content:
            if kind == order:
                # The names come quoted from the catalogue.
                connection.execute(
                    sql.SQL("DROP {} IF EXISTS {} CASCADE").format(sql.SQL(kind), sql.SQL(name))
                )
