"""Celery's beat with a scheduler of ours: it writes a job row for each slot, and publishes nothing.

A slot is a point of a fixed grid. Its job is unique per (entry, slot), so two beats may run and
each slot fires once. Of slots that were missed the latest fires, once. The clock is the database's.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from celery.beat import Scheduler
from sqlalchemy import text
from sqlalchemy.orm import Session

from beat_schedule import SCHEDULE
from kernel import metrics
from kernel.errors import PlatformError
from kernel.ids import PLATFORM
from services.jobs import processes
from services.jobs.enqueue import Order, enqueue
from services.upkeep import schedule
from services.upkeep.schedule import Entry
from worker import runtime

log = structlog.get_logger()

#: Seconds between ticks at most: beat's own heartbeat, and how late a slot may be.
LONGEST = 1.0
_EPOCH = text("SELECT extract(epoch FROM now())::float8")


def fire(session: Session, entry: Entry, now: float) -> bool:
    """Enqueue the job of the entry's latest slot, unless it was already. now: seconds since 1970.

    Answers whether this call fired it. A slot whose job would be past its time already, as where
    beat was down or is new, is left to the next one.
    """
    slot = entry.slot(now)
    if entry.expires is not None and now >= slot + entry.expires:
        schedule.pass_over(session, entry, slot)
        return False
    order = Order(
        payload=entry.payload,
        owner=PLATFORM,
        actor="beat",
        dedupe=f"beat:{entry.name}:{slot}",
        # Longer than the period, or the same slot could fire again.
        dedupe_for=timedelta(seconds=2 * entry.every) + timedelta(days=1),
        expires_at=entry.expires_at(slot),
        metadata={"entry": entry.name, "slot": str(slot)},
    )
    if enqueue(session, order) != order.id:
        return False
    schedule.note(session, entry, slot, order.id)
    return True


@contextmanager
def _deferred(*numbers: signal.Signals) -> Iterator[None]:
    """Have signals that come during the block handled after it.

    By handlers of Python's, not by a mask: libraries have threads of their own, which take signals.
    """
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, lambda received, _: came.append(received))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in came:
            os.kill(os.getpid(), late)


class JobScheduler(Scheduler):
    """Ticks over `beat_schedule.SCHEDULE`; never touches the broker.

    Celery's own `tick` asks for `self.producer`, which connects to it; this one does not.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        metrics.know("entry", (entry.name for entry in SCHEDULE))
        self._database = runtime.connect("nutrition-beat", pool=1)
        self._me = processes.Identity(role="beat")
        self._fired: dict[str, int] = {}
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """The schedule is data in `beat_schedule.py`: nothing to set up."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Fire what is due; answers the seconds until the next look.

        Told to stop meanwhile, beat stops afterwards: Celery's handler raises SystemExit, and
        within a statement the driver would make an outage of it.
        """
        with _deferred(signal.SIGTERM, signal.SIGINT):
            try:
                return self._tick()
            except PlatformError as error:
                log.warning("tick_failed", error=str(error))
                return LONGEST

    def _tick(self) -> float:
        fired: dict[str, int] = {}
        with self._database.transaction() as session:
            processes.beat(session, self._me)
            now = float(session.scalars(_EPOCH).one())
            for entry in SCHEDULE:
                slot = entry.slot(now)
                # What this beat knows to have fired it need not ask about every second.
                if self._fired.get(entry.name) != slot:
                    if fire(session, entry, now):
                        log.info("slot_fired", entry=entry.name, slot=slot)
                        metrics.LATENESS.labels(entry.name).observe(now - slot)
                    fired[entry.name] = slot
        # Only now that they are committed.
        self._fired |= fired
        return min(LONGEST, *(entry.slot(now) + entry.every - now for entry in SCHEDULE))

    def close(self) -> None:
        with self._database.transaction() as session:
            processes.goodbye(session, self._me)
