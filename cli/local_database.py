"""The database of this checkout, started for one command where the platform is down."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cli.access import checkouts
from cli.exits import CommandFailed, Exit
from cli.output import note
from kernel import environment_file
from kernel.settings import Settings


@contextlib.contextmanager
def running(here: Settings) -> Iterator[Settings]:
    """The settings, with a database that answers: that of this checkout is started if need be.

    It stops when the block ends, and also where this process is killed: it runs as long as its
    input is open. Somebody else's database is theirs to start; then whoever connects is refused.
    """
    root = None if _answers(here.database_url) else _home_of(here)
    if root is None:
        yield here
        return
    note("The platform is down; starting its database for this command.")
    process = subprocess.Popen(
        [sys.executable, "-m", "embedded", "database"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this command, which then lets it stop in order
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            process.wait()
            raise CommandFailed(
                "The database of this checkout did not start; its words are above.",
                Exit.UNREACHABLE,
            )
        addresses = json.loads(line)
        yield replace(
            here,
            database_url=addresses["DATABASE_URL"],
            database_owner_url=addresses["DATABASE_OWNER_URL"],
        )
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        # Refused by a server that is there: the reason is for whoever asks next.
        return "refused" not in str(error).lower()
    return True


def _home_of(here: Settings) -> Path | None:
    """The checkout whose own database the settings name; None where they name another."""
    for folder in checkouts():
        kept = folder / "var" / "platform.env"
        if not (folder / "var" / "postgres").exists() or not kept.exists():
            continue
        with contextlib.suppress(OSError, ValueError):
            saved = environment_file.parse(kept.read_text(encoding="utf-8"))
            if saved.get("DATABASE_URL") == here.database_url:
                return folder
    return None
