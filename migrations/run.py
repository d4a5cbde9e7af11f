"""Migrations as calls: bring a database up to date, go back, and name where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text

FOLDER = Path(__file__).parent


def _config(owner_url: str, app_role: str | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    config.attributes["app_role"] = app_role
    return config


def upgrade(owner_url: str, app_url: str, revision: str = "head") -> None:
    """Migrate the database at *owner_url*; the role of *app_url* is granted use of the tables."""
    command.upgrade(_config(owner_url, make_url(app_url).username), revision)


def upgrade_within(connection: Connection, app_url: str) -> None:
    """Migrate to the newest revision in the transaction that *connection* is in."""
    config = _config("", make_url(app_url).username)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def downgrade(owner_url: str, app_url: str, revision: str) -> None:
    """Take migrations back, down to *revision*."""
    command.downgrade(_config(owner_url, make_url(app_url).username), revision)


def head() -> str:
    """The newest revision that this code carries."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def current(connection: Connection) -> str:
    """The revision of the database; empty where it was never migrated."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def revisions() -> frozenset[str]:
    """Every revision that this code carries; a database at another was migrated by newer code."""
    scripts = ScriptDirectory(str(FOLDER)).walk_revisions()
    return frozenset(script.revision for script in scripts)
