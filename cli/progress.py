"""A bar on the terminal, or a line for every tenth where nobody watches one move."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from cli.output import console, note

TENTHS = 10


@contextlib.contextmanager
def progress(
    what: str, total: int, unit: str, *, least: int = 1
) -> Iterator[Callable[[int], None]]:
    """Yields a function that takes how much is done of *total*. Written to standard error.

    A total below *least* is done before anybody could look, and shows nothing.
    """
    if total < least:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield _tenths(what, total, unit)
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} " + unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(err=True),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _tenths(what: str, total: int, unit: str) -> Callable[[int], None]:
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        tenth = min(done, total) * TENTHS // total
        if tenth > told:
            told = tenth
            note(f"{what}: {done:,} of {total:,} {unit}")

    return tell
