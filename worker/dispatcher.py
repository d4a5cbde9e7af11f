"""The dispatcher: `python -m worker.dispatcher`. One leads by a lease; others stand by.

A turn of its loop renews the lease and takes due jobs in one transaction, commits, publishes, and
once a second sweeps. Between turns it sleeps on the doorbell.
"""

from __future__ import annotations

import signal
import threading
import time
from datetime import timedelta
from typing import Any

import redis
import structlog

from kernel import logging as platform_logging
from kernel import metric_files, metrics, redaction
from kernel.database import Database
from kernel.errors import PlatformError
from kernel.redis import client
from kernel.settings import Settings
from services.jobs import lease, plan, processes, sweep
from services.jobs.hints import DOORBELL
from services.jobs.take import BEFORE_ALL, Lane, Message, take
from services.kinds import KINDS
from worker import metrics as served
from worker import runtime
from worker.pace import REST, Pace
from worker.publisher import Publisher

log = structlog.get_logger()

#: Seconds that the dispatcher sleeps at most: retries and scheduled jobs come due without a bell.
NAP = 0.5
SWEEP = 1.0
#: Seconds between two turns at least.
GATHER = 0.004
LEASE = "dispatcher"


class Dispatcher:
    """The loop and what it remembers: whom it served last, when it swept last."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._publisher = Publisher(settings.redis_url)
        self._bell = client(settings.redis_url, timeout=NAP + 2, connections=2)
        self._me = processes.Identity(role="dispatcher")
        self._factors = plan.window_factor(KINDS, settings.window, settings.dispatch_lease_seconds)
        self._served: dict[str, Lane] = {}
        self._kinds = {
            queue: [kind for kind in KINDS if kind.queue == queue] for queue in self._factors
        }
        self._silence = timedelta(seconds=settings.silence_seconds)
        self._lease = timedelta(seconds=settings.leader_lease_seconds)
        self._swept = self._beat = 0.0
        self._seen = time.monotonic()
        self._leads = False
        self._paces = {queue: Pace() for queue in self._factors}
        #: Whether the last turn left a backlog behind, and the rest until the next (seconds).
        self._full, self._rest = False, REST
        self.over = threading.Event()

    def run(self) -> None:
        """Dispatch until told to stop."""
        while not self.over.is_set():
            try:
                self.turn()
            except PlatformError as error:
                log.warning("turn_failed", error=str(error))
                self.over.wait(NAP)
                continue
            self._sleep()
        self._leave()

    def turn(self) -> int:
        """One turn; answers how many messages it published."""
        begun = time.perf_counter()
        messages = self._take()
        if self._leads:
            metrics.TURNS.labels("take").observe(time.perf_counter() - begun)
        if messages:
            self._publish(messages)
        now = time.monotonic()
        if now - self._seen > self._silence.total_seconds() / 2:
            # We could not reach the database for a while, so perhaps nobody could: heartbeats
            # get time to come back before silence means death.
            self._swept = now + self._silence.total_seconds()
        self._seen = now
        if self._leads and now - self._swept >= SWEEP:
            self._swept = now
            self._sweep()
        return len(messages)

    def _take(self) -> list[Message]:
        taken: list[Message] = []
        self._full = False
        dispatch = timedelta(seconds=self._settings.dispatch_lease_seconds)
        with self._database.transaction() as session:
            now = time.monotonic()
            if now - self._beat >= self._settings.heartbeat_seconds:
                processes.beat(session, self._me)
                self._beat = now
            leads = lease.hold(session, LEASE, self._me.id, self._lease)
            if leads != self._leads:
                log.info("dispatcher_leads" if leads else "dispatcher_stands_by")
                self._leads = leads
            if not leads:
                return []
            for queue, window in plan.windows(session, self._factors, self._silence).items():
                free = self._paces[queue].window(window.size, window.in_flight, now)
                free -= window.in_flight
                found: list[Message] = []
                if free > 0:
                    after, kinds = self._served.get(queue, BEFORE_ALL), self._kinds[queue]
                    found, self._served[queue] = take(session, queue, kinds, free, after, dispatch)
                    self._paces[queue].sent(len(found))
                    taken += found
                # There is more than the window holds, or than a rule lets through: whatever ends
                # makes room, and rings no bell.
                limited = not found or any(message.limited for message in found)
                self._full = self._full or limited or len(found) >= free
        self._rest = REST if taken else min(2 * self._rest, 4 * REST)
        return taken

    def _publish(self, messages: list[Message]) -> None:
        try:
            with metrics.TURNS.labels("publish").time():
                self._publisher.publish(messages)
            _log(messages)
        except (redis.RedisError, OSError) as error:
            log.warning("broker_unreachable", error=type(error).__name__, jobs=len(messages))
            self._publisher.close()
            with self._database.transaction() as session:
                sweep.undispatch(
                    session,
                    [(one.job_id, one.claim) for message in messages for one in message.members],
                )
            # Not in a tight loop: the broker is away.
            self.over.wait(NAP)

    def _sweep(self) -> None:
        with metrics.TURNS.labels("sweep").time(), self._database.transaction() as session:
            if not lease.hold(session, LEASE, self._me.id, self._lease):
                return
            swept = sweep.sweep(session, self._silence)
        if swept:
            log.warning(
                "swept",
                lost=swept.lost,
                undelivered=swept.undelivered,
                quarantined=swept.quarantined,
                expired=swept.expired,
                overdue=swept.overdue,
            )

    def _sleep(self) -> None:
        if not self._leads:
            self.over.wait(NAP)
        elif self._full:
            # Bells of a backlog that is worked off are answered together. Not by BLPOP with so
            # short a timeout: an idle Valkey looks at those each 100 ms only, and 61 jobs a second
            # were all that came through.
            for _ in range(round(self._rest / REST)):
                if self.over.wait(REST) or self._rung():
                    return
        else:
            self.over.wait(GATHER)
            self._rung(within=NAP)

    def _rung(self, within: float = 0) -> bool:
        """Whether the doorbell rang; waits for it up to *within* seconds."""
        try:
            if within:
                return self._bell.blpop([DOORBELL], timeout=within) is not None
            return self._bell.lpop(DOORBELL) is not None
        except (redis.RedisError, OSError):
            self.over.wait(within / 2)
            return False

    def _leave(self) -> None:
        try:
            with self._database.transaction() as session:
                lease.release(session, LEASE, self._me.id)
                processes.goodbye(session, self._me)
        except PlatformError as error:
            log.info("goodbye_unheard", error=str(error))
        self._publisher.close()


def _log(messages: list[Message]) -> None:
    """One line a turn, in which each of its requests is found again; none of beat's alone."""
    members = [member for message in messages for member in message.members]
    requests = sorted({one.correlation_id for one in members if one.correlation_id})
    if requests:
        log.info("published", messages=len(messages), jobs=len(members), requests=requests)


def main() -> None:
    platform_logging.configure()
    settings = runtime.settings()
    redaction.know(settings)
    metric_files.begin(settings.work)
    dispatcher = Dispatcher(settings, runtime.connect("nutrition-dispatcher", pool=2))

    def stop(*_: Any) -> None:
        dispatcher.over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    served.serve(settings)
    dispatcher.run()


if __name__ == "__main__":
    main()
