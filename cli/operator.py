"""What operator commands stand on: the settings, and sessions as the platform or the owner.

Settings come from the environment; where that names no database, from `var/platform.env`, which
`scripts/up.sh` writes. Never from both: the owner of one database must not meet another's tables.
"""

from __future__ import annotations

import contextlib
import getpass
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import checkouts
from cli.exits import CommandFailed, Exit
from kernel import environment_file
from kernel.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kernel.database import Database


def settings(
    environ: Mapping[str, str] | None = None, folders: tuple[Path, ...] | None = None
) -> Settings:
    """The platform's settings. Raises SettingsError where they are missing or contradict."""
    env = dict(os.environ if environ is None else environ)
    if not env.get("DATABASE_URL"):
        env = _saved(checkouts() if folders is None else folders) | env
    return Settings.read(env)


@contextlib.contextmanager
def app_session(here: Settings) -> Iterator[Session]:
    """One transaction as the platform's own role."""
    with _session(here.database_url) as session:
        yield session


@contextlib.contextmanager
def owner_session(here: Settings) -> Iterator[Session]:
    """One transaction as the owner of the schema."""
    with _session(here.database_owner_url) as session:
        yield session


@contextlib.contextmanager
def app_database(here: Settings) -> Iterator[Database]:
    """The database as the platform's own role, for what takes several transactions."""
    with _database(here.database_url) as database:
        yield database


def actor() -> str:
    """Who acts, as the audit log names whoever works on the database itself."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in a container
        return f"cli:uid-{os.getuid()}"


@contextlib.contextmanager
def _database(url: str) -> Iterator[Database]:
    from kernel.database import Database

    database = Database(url, pool=1, name="nutrition-cli", idle_seconds=300)
    try:
        with explained():
            yield database
    finally:
        database.close()


@contextlib.contextmanager
def _session(url: str) -> Iterator[Session]:
    with _database(url) as database, database.transaction() as session:
        yield session


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What the database refuses, as an error that says what an operator can do."""
    from psycopg import Error as DriverError
    from sqlalchemy.exc import DBAPIError

    from kernel.database import is_outage
    from kernel.errors import Unavailable

    try:
        yield
    except (DBAPIError, DriverError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(cause, "sqlstate", None)
        said = str(cause).partition("\n")[0]
        if state == "42P01":  # undefined_table
            raise CommandFailed(
                "The database has no such tables yet: run `nutrition migrate` first."
            ) from error
        if state == "42501":  # insufficient_privilege
            raise CommandFailed(
                f"The database refuses: {said}. This command needs the owner of the schema in "
                "DATABASE_OWNER_URL.",
                Exit.REFUSED,
            ) from error
        if (state or "").startswith("28"):  # invalid_authorization
            raise CommandFailed(f"The database refuses the login: {said}", Exit.REFUSED) from error
        if is_outage(error):
            raise Unavailable(f"The database is out of reach: {said}") from error
        raise


def _saved(folders: tuple[Path, ...]) -> dict[str, str]:
    for folder in folders:
        path = folder / "var" / "platform.env"
        try:
            return environment_file.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except PermissionError:
            raise CommandFailed(
                f"{path} belongs to another user: operator commands run as its owner.",
                Exit.REFUSED,
            ) from None
        except ValueError as error:
            raise CommandFailed(f"{path} is damaged: {error}", Exit.USAGE) from None
    return {}
