"""The hub: tells the streams and waiters of this process when something happened to their subject.

A subject is a job, or an account whose notifications are followed. One subscription in Redis hears
at once; one question a second to PostgreSQL, for all jobs that anybody listens to, and one for all
accounts, find what Redis did not tell. Without Redis everything goes on, a second late.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

import redis
import structlog
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import parse_id
from services.jobs.hints import NEWS
from services.jobs.watch import latest_events

log = structlog.get_logger()

#: Seconds between two looks into the database.
LOOK = 1.0
#: Seconds until the subscription is tried again, at most; with jitter, from a tenth upwards.
RECONNECT = 2.0
#: Above every event number (32 bits): the end alone is later.
LAST = 2**31
ENDED = LAST + 1
#: Answers the number of the latest event of each of some subjects; one absent has ended.
Latest = Callable[[Session, Collection[uuid.UUID]], Mapping[uuid.UUID, int]]


class Listener:
    """Sleeps until its subject has news. A flag, not a queue: whoever wakes reads what happened.

    seen: the number of the last event that whoever listens knows of; the look wakes for later ones.
    """

    def __init__(self, hub: Hub, seen: int) -> None:
        self.seen = seen
        self._hub = hub
        self._news = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Sleep for news; False where none came in time. Wakes at once when the hub closes."""
        if self._hub.closed:
            return True
        woken = self._news.wait(seconds)
        self._news.clear()
        return woken

    def wake(self) -> None:
        self._news.set()


class Hub:
    """Listeners by subject, a thread that hears and a thread that looks.

    The threads start with the first listener, so after any fork. news: a client of its own for
    the subscription, without a time limit on reading.
    """

    def __init__(self, database: Database, news: redis.Redis) -> None:
        self._database = database
        self._redis = news
        self._lock = threading.Lock()
        self._listeners: defaultdict[uuid.UUID, set[Listener]] = defaultdict(set)
        self._latest: dict[uuid.UUID, Latest] = {}
        self._wanted = threading.Condition(self._lock)
        self._closing = threading.Event()
        self._started = False

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def listened(self) -> int:
        """How many subjects somebody listens to at the moment."""
        with self._lock:
            return len(self._listeners)

    @contextmanager
    def listen(self, job_id: uuid.UUID, seen: int) -> Iterator[Listener]:
        """A listener to one job. Listen, then read where the job stands."""
        listener = self.join(job_id, seen)
        try:
            yield listener
        finally:
            self.leave(job_id, listener)

    def join(self, subject: uuid.UUID, seen: int, latest: Latest = latest_events) -> Listener:
        """Begin to listen; whoever joined calls `leave`. latest: how the hub looks, by kind."""
        listener = Listener(self, seen)
        with self._wanted:
            self._listeners[subject].add(listener)
            self._latest[subject] = latest
            self._wanted.notify_all()
            if not self._started:
                self._started = True
                for work in (self._hear, self._look):
                    threading.Thread(target=work, name=work.__name__, daemon=True).start()
        return listener

    def leave(self, subject: uuid.UUID, listener: Listener) -> None:
        with self._lock:
            self._listeners[subject].discard(listener)
            if not self._listeners[subject]:
                del self._listeners[subject], self._latest[subject]

    def close(self) -> None:
        """Wake everybody for the last time: streams end, waiters answer with what there is."""
        self._closing.set()
        with self._wanted:
            self._wanted.notify_all()
            for subject in list(self._listeners):
                self._wake(subject)

    def _wake(self, subject: uuid.UUID) -> None:
        for listener in self._listeners.get(subject, ()):
            listener.wake()

    def _hear(self) -> None:
        """Wake whom Redis names, for as long as there is a Redis."""
        while not self.closed:
            try:
                with self._redis.pubsub(  # type: ignore[no-untyped-call]
                    ignore_subscribe_messages=True
                ) as subscription:
                    subscription.subscribe(NEWS)
                    while not self.closed:
                        message = subscription.get_message(timeout=LOOK)
                        subject = parse_id(message["data"].decode()) if message else None
                        if subject is not None:
                            with self._lock:
                                self._wake(subject)
            except (redis.RedisError, OSError) as error:
                log.warning("news_unheard", error=type(error).__name__)
                self._closing.wait(random.uniform(0.1, RECONNECT))

    def _look(self) -> None:
        """Ask the database each second about the subjects that are listened to."""
        while not self._closing.wait(LOOK):
            with self._wanted:
                while not self._listeners and not self.closed:
                    self._wanted.wait()
                watched: defaultdict[Latest, set[uuid.UUID]] = defaultdict(set)
                for subject, how in self._latest.items():
                    watched[how].add(subject)
            latest: dict[uuid.UUID, int] = {}
            try:
                with self._database.transaction() as session:
                    for how, subjects in watched.items():
                        latest |= dict.fromkeys(subjects, ENDED) | dict(how(session, subjects))
            except Unavailable:
                continue  # the streams stay open, and are told when it is back
            except Exception:
                # Whatever it is, this thread must live on: all streams depend on it.
                log.exception("look_failed")
                continue
            with self._lock:
                # A job that is gone from the live table has ended: that is news to everybody.
                for subject, now in latest.items():
                    for listener in self._listeners.get(subject, ()):
                        if listener.seen < now:
                            listener.wake()
