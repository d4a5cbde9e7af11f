"""Roles, database and extensions of the embedded PostgreSQL.

Three roles: `postgres` sets up and is used by nothing else; `nutrition_owner` owns the schema and
migrates it; `nutrition_app` is what the platform connects as, and cannot change the schema.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

NAME = "nutrition"
OWNER = "nutrition_owner"
APP = "nutrition_app"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "pg_stat_statements")


def ensure(admin_url: str, database_url: str, *, owner: str, app: str) -> None:
    """Make what is missing. Safe to repeat, and after a crash at any point.

    admin_url, database_url: the superuser's, for the databases `postgres` and `nutrition`.
    owner, app: the passwords of the two roles.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for role, password in ((OWNER, owner), (APP, app)):
            if not _exists(admin, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                # The verifier is computed here, so the password itself never travels.
                secret = admin.pgconn.encrypt_password(
                    password.encode(), role.encode(), b"scram-sha-256"
                )
                admin.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(secret.decode())
                    )
                )
        if not _exists(admin, "SELECT 1 FROM pg_database WHERE datname = %s", NAME):
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(NAME), sql.Identifier(OWNER)
                )
            )
    with psycopg.connect(database_url, autocommit=True) as inside:
        for extension in EXTENSIONS:
            inside.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
            )
        # Upkeep looks for slow statements and open transactions of every role.
        inside.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(sql.Identifier(APP)))


def _exists(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
