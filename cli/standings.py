"""How queues, kinds, owners and processes stand, as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cli.output import printable

if TYPE_CHECKING:
    from rich.table import Table

    from services.jobs.queues import Flow, KindFlow, Process, Queue, Snapshot, Standing

#: Seconds that the oldest job may have been due before it is marked.
LATE = 60
_FLOW = ("Due", "Oldest", "Later", "Waiting", "Sent", "Running")
_ENDED = ("Done/s", "Ok/min", "Failed", "Dead", "Cancelled")


def queue_table(seen: Snapshot) -> Table:
    """A line for each queue."""
    made = _table("Queue", (*_FLOW, "Slots", *_ENDED))
    for queue in seen.queues:
        cells = (*_standing(queue), str(queue.slots), *_ended(queue))
        made.add_row(printable(queue.name), *cells, _mark(queue), style=_queue_style(queue))
    return made


def kind_table(kinds: Iterable[KindFlow]) -> Table:
    """A line for each kind that has or had anything to do."""
    made = _table("Kind", (*_FLOW, *_ENDED))
    for kind in kinds:
        if any((kind.depth, kind.later, kind.waiting, kind.dispatched, kind.running, *_sums(kind))):
            cells = (*_standing(kind), *_ended(kind))
            made.add_row(printable(kind.name), *cells, _mark(kind), style=_style(kind))
    return made


def owner_table(owners: Iterable[Standing], names: Mapping[str, str]) -> Table:
    """A line for each owner. names: of accounts, by id."""
    made = _table("Owner", _FLOW)
    for owner in owners:
        name = names.get(owner.name, "")
        made.add_row(
            printable(f"{owner.name} {name}".strip()),
            *_standing(owner),
            _mark(owner),
            style=_style(owner),
        )
    return made


def process_table(processes: Iterable[Process]) -> Table:
    """A line for each process."""
    made = _table("Process", ("Pid", "Slots", "Running", "Beat"), "Queues")
    for one in processes:
        made.add_row(
            printable(f"{one.role} {one.host}"),
            str(one.pid),
            str(one.slots) if one.queues else "",
            str(one.running) if one.queues else "",
            age(one.beat_seconds),
            printable(" ".join(one.queues)) if one.alive else "silent: taken for dead",
            style="" if one.alive else "red",
        )
    return made


def age(seconds: float | None) -> str:
    """Seconds as people say them: `0.4s`, `12s`, `3m05s`, `2h10m`, `4d`."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d"


def _table(first: str, numbers: Sequence[str], last: str = "") -> Table:
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    made.add_column(first, no_wrap=True)
    for name in numbers:
        made.add_column(name, justify="right", no_wrap=True)
    made.add_column(last)
    return made


def _standing(one: Standing) -> tuple[str, ...]:
    due = f"{one.depth:,}{'+' if one.at_least else ''}"
    counts = (one.later, one.waiting, one.dispatched, one.running)
    return due, age(one.oldest_seconds), *(f"{count:,}" for count in counts)


def _sums(one: Flow) -> tuple[int, ...]:
    return one.succeeded, one.failed, one.dead, one.cancelled


def _ended(one: Flow) -> tuple[str, ...]:
    return f"{one.per_second:,.1f}", *(f"{count:,}" for count in _sums(one))


def _mark(one: Standing) -> str:
    return "paused" if one.paused else ""


def _style(one: Standing) -> str:
    if one.paused:
        return "yellow"
    return "bold" if (one.oldest_seconds or 0) > LATE else ""


def _queue_style(queue: Queue) -> str:
    # Nobody serves it: what is in it waits for good.
    return "red" if not queue.slots else _style(queue)
