"""What one executing process holds: settings, database, hints, objects, the engine, a heartbeat."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import psutil
import structlog
from sqlalchemy.orm import Session

import nutrition
from kernel.cache import Cache
from kernel.database import Database
from kernel.errors import PlatformError, Unavailable
from kernel.ids import new_id
from kernel.objects import Objects
from kernel.redis import BestEffort, client
from kernel.settings import Settings
from services.jobs import processes
from services.jobs.claim import Claimed
from services.jobs.hints import Hints
from services.jobs.settle import Fenced, cancelled, hand_back
from services.jobs.sweep import undispatch_queues
from worker import stop

if TYPE_CHECKING:
    from nutrition.engine import Engine

log = structlog.get_logger()


@functools.cache
def settings() -> Settings:
    """The settings, read once."""
    return Settings.read()


@functools.cache
def engine() -> Engine:
    """The nutrition engine: loaded before the fork, so that children share its memory."""
    return nutrition.load(settings().data, settings().work)


@functools.cache
def objects() -> Objects:
    """The object store."""
    return Objects(settings().object_store_url)


@functools.cache
def cache() -> Cache:
    """The cache. Connections are made when they are needed, by each child its own."""
    return Cache(BestEffort(client(settings().cache_redis_url, timeout=0.25)))


def connect(name: str, pool: int = 3, *, own: bool = False) -> Database:
    """A database whose commits ring and tell. Made after the fork: connections are not shared."""
    hints = Hints(BestEffort(client(settings().redis_url, timeout=0.25, connections=4)))
    return Database(
        settings().database_url,
        pool=pool,
        name=name,
        announce=hints.send,
        generic_plans=True,
        own_connection=own,
    )


#: Names this worker: made in its main process, and the same in all that it forks.
_WORKER = new_id()
#: The process that loaded this module: where it forks, its children's main process.
_MAIN = os.getpid()
#: Seconds past its hard limit: a pool of processes enforces that itself, and is given the time.
OVERDUE = 5.0
#: How long a job that is to stop has to reach a progress point, before its process ends.
PATIENCE = timedelta(seconds=5)


class Process:
    """One executing process and its heart: a thread that says every few seconds that it lives.

    A job that neither stops when it is to nor ends within its hard limit ends the process with it:
    here, since a pool of threads has no limits of its own, and a pool of processes none for
    cancellation. The rest of its jobs get the time to be handed back.
    """

    def __init__(self, queues: Sequence[str], slots: int) -> None:
        # A pool of threads would stand in line for one connection of its own.
        self.database = connect("nutrition-worker", pool=slots + 2, own=slots == 1)
        self.identity = processes.Identity(
            role="worker", queues=queues, slots=slots, worker=_WORKER
        )
        #: Jobs at work, and when by the monotonic clock they are overdue.
        self._running: dict[uuid.UUID, tuple[Claimed, float]] = {}
        #: Of a pool of processes: the one job in hand, where a message carries several.
        self.at: uuid.UUID | None = None
        #: Of a pool of processes: the main process, which forked this one.
        self._parent = None if os.getpid() == _MAIN else _MAIN
        self._stopping = 0  # heartbeats since this process was told to stop
        self._over = threading.Event()
        self._paying = threading.Lock()
        self._owed: list[Callable[[Session], object]] = []
        self._heart = threading.Thread(target=self._beat, name="heart", daemon=True)

    def start(self) -> None:
        self._heart.start()

    @contextmanager
    def running(self, jobs: Sequence[Claimed]) -> Iterator[None]:
        """Vouch for *jobs* while the block runs."""
        limit = sum(job.kind.hard_limit for job in jobs)
        names = {job.id: (job, time.monotonic() + limit) for job in jobs}
        self._running |= names
        try:
            yield
        finally:
            for job in names:
                self._running.pop(job, None)

    def owe(self, act: Callable[[Session], object]) -> None:
        """Have *act* done, in a transaction of its own, as soon as the database is back."""
        self._owed.append(act)

    def end(self) -> None:
        """Stop beating and leave the table, in order."""
        self._over.set()
        self._heart.join(timeout=2)
        try:
            self._pay()
            with self.database.transaction() as session:
                processes.goodbye(session, self.identity)
        except PlatformError as error:
            log.info("goodbye_unheard", error=str(error))  # silence will say the same

    def _beat(self) -> None:
        first = True
        while True:
            try:
                orphaned = self._orphaned()
                with self.database.transaction() as session:
                    processes.beat(session, self.identity, stopping=orphaned or stop.stopping())
                    if first:
                        processes.bury_siblings(session, self.identity, psutil.pid_exists)
                    stuck = processes.stuck(session, self.identity, PATIENCE)
                first = False
                self._pay()
                self._hand_back()
                self._end_with(stuck)
                if orphaned and not self._running:
                    self._leave()
            except Exception as error:  # noqa: BLE001 - a heart that stops is a dead process
                log.warning("heartbeat_failed", error=str(error))
            # A stop is told at once, so that nothing more is sent here.
            if self._over.wait(settings().heartbeat_seconds):
                return

    def _orphaned(self) -> bool:
        """The main process that forked this one is gone: nothing will ever come here again.

        The pipe does not tell: siblings hold its other end too (seen with -c 3, for an hour).
        """
        return self._parent is not None and os.getppid() != self._parent

    def _leave(self) -> None:
        with self.database.transaction() as session:
            processes.goodbye(session, self.identity)
        log.warning("orphan_ends")
        os._exit(0)

    def _end_with(self, stuck: Sequence[uuid.UUID]) -> None:
        """End the process where a job of it is stuck; the sweep says what becomes of that job."""
        now = time.monotonic()
        running = dict(self._running)
        overdue = [job for job, (_, limit) in running.items() if limit + OVERDUE < now]
        if self.identity.slots > 1:
            # Its neighbours need not pay for a wish of its owner's: the job ends as cancelled, and
            # its thread, whenever it comes back, finds its claim gone.
            for job in set(stuck) & set(running):
                with self.database.transaction() as session:
                    cancelled(session, running[job][0])
            stuck = []
        else:
            stuck = [job for job in stuck if job == self.at]
        found = {job for job in [*stuck, *overdue] if job in running}
        if not found:
            return
        log.error("process_ends_with_stuck_job", jobs=[str(job) for job in found])
        if self.identity.slots > 1:
            stop.tell()
            end = now + PATIENCE.total_seconds()
            while set(self._running) - found and time.monotonic() < end:
                time.sleep(0.1)
        # Nothing less ends a thread that does not listen.
        os.kill(os.getpid(), signal.SIGKILL)

    def _hand_back(self) -> None:
        """Give back what threads still run a heartbeat after the stop: they may wait for others,
        and reach no progress point in time. Their claims are gone when they come back.
        """
        self._stopping += stop.stopping()
        if self.identity.slots > 1 and self._stopping > 1:
            for job, _ in list(self._running.values()):
                with self.database.transaction() as session:
                    hand_back(session, job, "stopping")

    def _pay(self) -> None:
        with self._paying:
            while self._owed:
                try:
                    with self.database.transaction() as session:
                        self._owed[0](session)
                except Fenced:
                    log.info("owed_in_vain")  # taken for overdue meanwhile: it runs elsewhere
                except Unavailable:
                    raise
                except Exception:
                    log.exception("owed_unsettled")  # the sweep will find the job
                self._owed.pop(0)


_current: Process | None = None


def begin(queues: Sequence[str], slots: int) -> Process:
    """Make this process's runtime and start its heart: in a pool's child after the fork."""
    global _current
    _current = Process(queues, slots)
    _current.start()
    return _current


def current() -> Process:
    """The runtime of this process. Raises RuntimeError where none was begun."""
    if _current is None:
        raise RuntimeError("worker.runtime.begin() was not called in this process")
    return _current


def let_go(queues: Sequence[str]) -> None:
    """Have what was sent to *queues* and is not begun sent anew: at the very end of a worker.

    It may have taken messages from the broker that it never looked at; nobody can say which. Those
    that are with another worker come twice, and are refused there.
    """
    database = connect("nutrition-worker", pool=1)
    try:
        with database.transaction() as session:
            undispatch_queues(session, queues)
    except PlatformError as error:
        log.info("not_let_go", error=str(error))  # the dispatch lease will say the same
    finally:
        database.close()


def finish() -> None:
    """End this process's runtime, if it has one."""
    if _current is not None:
        _current.end()
