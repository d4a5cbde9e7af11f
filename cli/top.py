"""`nutrition top`: queues, kinds, owners and processes, live."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import TYPE_CHECKING, Any

import click

from cli.output import console, emit, emit_line

if TYPE_CHECKING:
    from rich.console import Group

    from kernel.database import Database
    from kernel.settings import Settings
    from services.jobs.queues import Snapshot

#: Seconds between two looks, and how many times longer than a look took the pause is at least: to
#: watch a busy platform must not keep it busy.
PAUSE, REST = 1.0, 9


@click.command()
@click.option("--once", is_flag=True, help="Look once.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document a look.")
@click.option("--owners", default=10, show_default=True, type=click.IntRange(0, 100))
def top(once: bool, as_json: bool, owners: int) -> None:
    """Watch queues, kinds, owners and processes, each second (operators). Ctrl-C ends it.

    Red: nobody serves the queue, or the process is silent. Yellow: paused. Bold: its oldest job has
    been due for more than a minute. The last columns count what ended within the last minute.
    """
    import services.kinds  # noqa: F401  # declares every kind, and with them the queues
    from cli.operator import app_database, settings

    here = settings()
    with app_database(here) as database:
        look = Look(here, database, owners)
        if as_json:
            _write(look, once)
        elif once:
            console().print(look.drawn())
        else:
            _watch(look)


class Look:
    """One look after the other at the same database."""

    def __init__(self, here: Settings, database: Database, owners: int) -> None:
        self._silence = dt.timedelta(seconds=here.silence_seconds)
        self._database = database
        self._owners = owners
        self._names: dict[str, str] = {}
        self._took = 0.0

    def rest(self) -> None:
        """Wait until the next look is due."""
        time.sleep(max(PAUSE, REST * self._took))

    def taken(self) -> Snapshot:
        """How everything stands now. Raises Unavailable."""
        from services.jobs import queues

        began = time.monotonic()
        with self._database.transaction() as session:
            seen = queues.snapshot(session, self._silence, owners=self._owners)
            unknown = [one.name for one in seen.owners if one.name not in self._names]
            if unknown:
                self._names |= _names(session, unknown)
        self._took = time.monotonic() - began
        return seen

    def document(self) -> dict[str, Any]:
        """The same for a machine, as GET /v1/admin/queues has it."""
        import msgspec

        document: dict[str, Any] = msgspec.to_builtins(self.taken())
        return document

    def drawn(self) -> Group:
        """The same for a terminal; a line where the database is away."""
        from rich.console import Group

        from cli.standings import kind_table, owner_table, process_table, queue_table
        from kernel.errors import Unavailable

        try:
            seen = self.taken()
        except Unavailable as error:
            return Group(f"{error} Looking again …")
        at = f"{seen.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}Z, what ended within the last minute"
        parts: list[Any] = [at, "", queue_table(seen), "", kind_table(seen.kinds)]
        if seen.owners:
            parts += ["", owner_table(seen.owners, self._names)]
        return Group(*parts, "", process_table(seen.processes))


def _write(look: Look, once: bool) -> None:
    if once:
        emit(look.document())
        return
    while True:
        emit_line(look.document())
        look.rest()


def _watch(look: Look) -> None:
    from rich.live import Live

    screen = console()
    try:
        with Live(
            look.drawn(), console=screen, screen=screen.is_terminal, auto_refresh=False
        ) as on:
            while True:
                look.rest()
                on.update(look.drawn(), refresh=True)
    except KeyboardInterrupt:
        return


def _names(session: Any, owners: list[str]) -> dict[str, str]:
    """Names of accounts by id; the platform's own jobs have none."""
    from sqlalchemy import select

    from kernel.ids import PLATFORM
    from services.accounts.models import Account

    ids = [uuid.UUID(owner) for owner in owners]
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    names = dict.fromkeys(owners, "") | {str(account): name for account, name in rows}
    return names | {str(PLATFORM): "(the platform)"}
