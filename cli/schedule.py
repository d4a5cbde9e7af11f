"""`nutrition schedule`: what runs by the clock, when it ran last, and how it went."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from cli.output import emit_line, table

if TYPE_CHECKING:
    from services.upkeep.schedule import Standing, Turn


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON for machines, one entry a line.")
def schedule(as_json: bool) -> None:
    """Show every periodic entry: its last run, the outcome, and the next (operators).

    It needs the platform's DATABASE_URL.
    """
    import services.kinds  # noqa: F401  # declares every kind, and with them the queues
    from beat_schedule import SCHEDULE
    from cli.operator import app_session, settings
    from services.upkeep import schedule as service

    with app_session(settings()) as session:
        found = service.standings(session, SCHEDULE)
    if as_json:
        for standing in found:
            emit_line(_document(standing))
        return
    columns = ("Entry", "Queue", "Every", "Last slot", "Outcome", "Late", "Next")
    table(columns, [_row(standing) for standing in found])


def _document(standing: Standing) -> dict[str, object]:
    current = standing.current
    return {
        "name": standing.entry.name,
        "queue": standing.entry.queue,
        "every_seconds": standing.entry.every,
        "slot": standing.slot,
        "overdue_seconds": standing.overdue_seconds,
        "outcome": current.outcome if current else None,
        "late_seconds": current.late_seconds if current else None,
        "result": current.result if current else None,
        "next_at": standing.next_at,
    }


def _row(standing: Standing) -> tuple[tuple[str, ...], str]:
    entry, turn = standing.entry, _latest_ended(standing)
    outcome = "never ran" if turn is None else turn.outcome or "not kept"
    late = "" if turn is None or turn.late_seconds is None else f"{turn.late_seconds:.1f} s"
    style = ""
    if standing.overdue_seconds > entry.every:
        style, outcome = "red", f"beat is {_span(standing.overdue_seconds)} behind"
    elif turn is not None and turn.outcome in {"failed", "dead"}:
        style = "red"
    elif turn is not None and turn.outcome == "cancelled":
        style = "yellow"
    slot = standing.slot
    return (
        entry.name,
        entry.queue,
        _span(entry.every),
        "" if slot is None else f"{slot:%Y-%m-%d %H:%M:%S}",
        outcome,
        late,
        f"{standing.next_at:%Y-%m-%d %H:%M:%S}",
    ), style


def _latest_ended(standing: Standing) -> Turn | None:
    """The job that says how the entry goes: the latest that ended, else the one at work."""
    current, previous = standing.current, standing.previous
    if current is not None and current.finished_at is None and previous is not None:
        return previous
    return current


def _span(seconds: float) -> str:
    return str(dt.timedelta(seconds=round(seconds)))
