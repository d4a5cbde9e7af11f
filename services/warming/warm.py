"""Warm: have in the cache what will be asked for, before it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.ids import PLATFORM
from services.jobs.enqueue import Order, enqueue
from services.warming.budget import Budget
from services.warming.jobs import Warm, WarmLines

#: Things that are looked up at once.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Warmed:
    """What became of one region. wanted: looked at; lacking: not there; made: put there."""

    wanted: int
    lacking: int
    made: int


def warm(
    wanted: Sequence[str],
    lacking: Callable[[Sequence[str]], Sequence[str]],
    make: Callable[[str], object],
    budget: Budget,
    progress: Callable[[int, int], None],
) -> Warmed:
    """Make what of *wanted* is lacking, the most wanted first, as far as the budget goes.

    lacking: those of some keys that are not there. make: puts one there. progress: told how far it
    is; may raise to stop.
    """
    missed = made = 0
    for start in range(0, len(wanted), AT_ONCE):
        progress(start, len(wanted))
        for key in lacking(wanted[start : start + AT_ONCE]):
            missed += 1
            if not budget.allows():
                return Warmed(len(wanted), missed, made)
            make(key)
            made += 1
            progress(start, len(wanted))
    return Warmed(len(wanted), missed, made)


_RAN = text("""
    INSERT INTO warming_runs (kind, job_id, seconds, report)
    VALUES (:kind, :job, :seconds, CAST(:report AS jsonb))
    ON CONFLICT (kind) DO UPDATE SET job_id = excluded.job_id, finished_at = now(),
        seconds = excluded.seconds, report = excluded.report
""")


def ran(
    session: Session, kind: str, job: uuid.UUID, seconds: float, report: dict[str, Any]
) -> None:
    """Note a run: the last of its kind."""
    args = {"kind": kind, "job": job, "seconds": seconds, "report": codec.dumps(report).decode()}
    session.execute(_RAN, args)


def ask(session: Session, reason: str, actor: str, owner: uuid.UUID = PLATFORM) -> uuid.UUID:
    """Enqueue a warming, or find the one of the owner's that waits or runs; answers its id.

    One for each reason: a flush that comes while a scheduled one runs is not served by that, which
    may have passed already what was flushed.
    """
    order = Order(
        payload=Warm(reason=reason),
        owner=owner,
        actor=actor,
        dedupe=f"warming:{reason}",
        dedupe_for=None,
    )
    return enqueue(session, order)


def ask_for_release(session: Session, version: str) -> None:
    """Enqueue a warming for a release that was not seen here within the last days.

    version: of the code that answers are made by. A worker that merely restarts asks for nothing.
    """
    order = Order(
        payload=Warm(reason="deploy"), owner=PLATFORM, actor="warming", dedupe=f"warming:{version}"
    )
    enqueue(session, order)


def ask_lines(session: Session, reason: str) -> uuid.UUID:
    """The same for lines, behind all other work of the platform's own in that queue."""
    order = Order(
        payload=WarmLines(reason=reason),
        owner=PLATFORM,
        actor="warming",
        priority=-10,
        dedupe="warming:lines",
        dedupe_for=None,
    )
    return enqueue(session, order)
