"""What one executing process holds: settings, database, hints, objects, the engine, a heartbeat."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

import nutrition
from kernel.database import Database
from kernel.errors import PlatformError
from kernel.objects import Objects
from kernel.redis import BestEffort, client
from kernel.settings import Settings
from services.jobs import processes
from services.jobs.hints import Hints
from services.jobs.settle import Fenced
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


def connect(name: str, pool: int = 3) -> Database:
    """A database whose commits ring and tell. Made after the fork: connections are not shared."""
    hints = Hints(BestEffort(client(settings().redis_url, timeout=0.25, connections=4)))
    return Database(settings().database_url, pool=pool, name=name, announce=hints.send)


class Process:
    """One executing process and its heart: a thread that says every few seconds that it lives."""

    def __init__(self, queues: Sequence[str], slots: int) -> None:
        self.database = connect("nutrition-worker", pool=slots + 2)
        self.identity = processes.Identity(role="worker", queues=queues, slots=slots)
        self._over = threading.Event()
        self._owed: list[Callable[[Session], object]] = []
        self._heart = threading.Thread(target=self._beat, name="heart", daemon=True)

    def start(self) -> None:
        self._heart.start()

    def owe(self, act: Callable[[Session], object]) -> None:
        """Have *act* done, in a transaction of its own, as soon as the database is back."""
        self._owed.append(act)

    def end(self) -> None:
        """Stop beating and leave the table, in order."""
        self._over.set()
        self._heart.join(timeout=2)
        try:
            with self.database.transaction() as session:
                processes.goodbye(session, self.identity)
        except PlatformError as error:
            log.info("goodbye_unheard", error=str(error))  # silence will say the same

    def _beat(self) -> None:
        while True:
            try:
                with self.database.transaction() as session:
                    processes.beat(session, self.identity, stopping=stop.stopping())
                self._pay()
            except Exception as error:  # noqa: BLE001 - a heart that stops is a dead process
                log.warning("heartbeat_failed", error=str(error))
            # A stop is told at once, so that nothing more is sent here.
            if self._over.wait(settings().heartbeat_seconds):
                return

    def _pay(self) -> None:
        while self._owed:
            try:
                with self.database.transaction() as session:
                    self._owed[0](session)
            except Fenced:
                log.info("owed_in_vain")  # taken for overdue meanwhile: it runs elsewhere
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


def finish() -> None:
    """End this process's runtime, if it has one."""
    if _current is not None:
        _current.end()
