"""Cache: answers that cost something, kept in a Redis which may lose them at any moment.

Redis is never needed: without it each answer is made anew, in each process once for all who ask at
the same time. dogpile's lock elects who makes an answer; the rest wait for it, or take the one
before while that lasts. A key says everything an answer depends on, versions included, so an entry
is never wrong, only unused: nothing has to be invalidated.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import redis
import structlog
import zstandard
from dogpile import Lock, NeedRegenerationException

from kernel import metrics
from kernel.flight import Flight, Flights, Seat
from kernel.redis import BestEffort

log = structlog.get_logger()

#: Before every name that the cache has in Redis; others share it.
PREFIX = "cache"
#: Of the envelope: rises when it changes, and entries of another form are not found.
FORM = "1"
#: Answers below this many bytes are kept as they are; compressing them saves nothing.
SMALL = 512
#: Answers above this many bytes, compressed, are not kept: few of them would displace thousands.
LARGEST = 1 << 20
#: Bytes that a stored answer may unfold to.
UNFOLDED = 1 << 24
#: An entry is fresh for up to this share less than its region says: what was made together (by
#: warming, after a flush) does not come due together.
JITTER = 0.2
#: Names looked at, or deleted, in one call.
AT_ONCE = 1_000
#: Answers that may wait to be made anew in the background; above it the old one stays for now.
MOST_REFRESHES = 16

_HEAD = struct.Struct(">dB")


class Status(StrEnum):
    """Where an answer came from."""

    HIT = "hit"  # kept, and fresh
    STALE = "stale"  # kept, past its date, and being made anew
    COLLAPSED = "collapsed"  # made at this moment, for somebody else who asked the same
    MISS = "miss"  # made for this call, and kept
    BYPASS = "bypass"  # made for this call, and not kept: Redis is away, or it is too large


metrics.know("outcome", Status)


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer. ttl: seconds for which it is fresh still; negative: for how long it is not."""

    value: bytes
    status: Status
    ttl: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One kind of answers.

    fresh: seconds for which an answer is as good as new. stale: seconds after that for which it
    is still given while somebody makes it anew (0: never). An answer whose key names the version of
    all that it is made from may be fresh for days.
    """

    name: str
    fresh: float
    stale: float = 0.0

    def __post_init__(self) -> None:
        if self.name in REGIONS:
            raise ValueError(f"there is a region {self.name!r} already")
        REGIONS[self.name] = self
        metrics.know("region", [self.name])


#: Every region declared by the modules imported so far.
REGIONS: dict[str, Region] = {}

#: What an answer depends on, in a fixed order: the thing asked for, versions.
Key = tuple[str, ...]


class Listener(Protocol):
    """Told of every look-up."""

    def __call__(self, region: str, status: Status, number: int) -> None: ...


def name_of(region: Region, key: Key, owner: str = "") -> str:
    """The name in Redis. Hashed: of bounded length, and nobody's words can be read in it.

    owner: the account whose data the answer holds, where it is anybody's: it stands at the end as
    it is, so that erasure finds the entry (`services/privacy`).
    """
    parts = b"".join(
        b"%d:%b" % (len(raw), raw) for raw in (part.encode(errors="surrogatepass") for part in key)
    )
    digest = hashlib.blake2b(parts, digest_size=16).hexdigest()
    return f"{PREFIX}:{region.name}:{FORM}:{digest}" + (f":{owner}" if owner else "")


def fresh_for(region: Region, name: str) -> float:
    """Seconds for which the entry *name* is fresh: the same for every process that asks."""
    share = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) / 2**32
    return region.fresh * (1 - JITTER * share)


@dataclass(slots=True)
class Cache:
    """The answers of one Redis. Any number of threads and processes may share it.

    clock: seconds since 1970, which processes agree on well enough to age an answer.
    """

    redis: BestEffort
    listeners: list[Listener] = field(default_factory=list)
    clock: Callable[[], float] = time.time
    _flights: Flights = field(default_factory=Flights)
    _background: _Background = field(default_factory=lambda: _Background())

    def get_or_create(
        self, region: Region, key: Key, make: Callable[[], bytes], owner: str = ""
    ) -> Cached:
        """The answer under *key*, made by *make* where there is none. owner: see `name_of`.

        Of all that ask at once one calls *make*. What it raises goes to its caller, and is kept
        for nobody. Where the region allows stale answers, *make* may be called later, in a thread
        of the cache's own.
        """
        name = name_of(region, key, owner)
        with self._flights.of(name) as flight:
            call = _Call(self, region, name, flight, make)
            lock = Lock(  # type: ignore[no-untyped-call]
                Seat(flight, self.redis, name),
                call.create,
                call.find,
                fresh_for(region, name),
                async_creator=call.refresh if region.stale else None,
            )
            with lock as value:
                cached = call.answer(value)
        self._tell(region, cached.status)
        return cached

    def put_many(self, region: Region, values: Mapping[Key, bytes]) -> bool:
        """Keep answers, in one round trip; whether Redis took them."""
        return self._store(region, {name_of(region, key): v for key, v in values.items()})

    def get_many(self, region: Region, keys: Iterable[Key]) -> dict[Key, bytes]:
        """Of *keys*, the fresh answers that are kept, in one round trip."""
        names = {key: name_of(region, key) for key in keys}
        if not names:
            return {}
        raw = self.redis.call(lambda redis: redis.mget(list(names.values())))
        found: dict[Key, bytes] = {}
        for (key, name), data in zip(names.items(), raw or [], strict=False):
            entry = _open(data)
            if entry and self.clock() - entry[1] < fresh_for(region, name):
                found[key] = entry[0]
        missed = Status.BYPASS if raw is None else Status.MISS
        self._tell(region, Status.HIT, len(found))
        self._tell(region, missed, len(names) - len(found))
        return found

    def lacking(self, region: Region, keys: Iterable[Key]) -> list[Key]:
        """Of *keys*, those without an answer; counted as no look-up. None where Redis is away."""
        names = {key: name_of(region, key) for key in keys}

        def ask(redis: Any) -> list[int]:
            with redis.pipeline(transaction=False) as pipe:
                for name in names.values():
                    pipe.exists(name)
                return list(pipe.execute())

        there = self.redis.call(ask)
        return [key for key, kept in zip(names, there or [], strict=False) if not kept]

    def close(self) -> None:
        """End the background thread, if there is one, and give connections back."""
        self._background.close()
        self.redis.redis.close()

    def _store(self, region: Region, values: Mapping[str, bytes]) -> bool:
        now = self.clock()
        sealed = {name: _seal(value, now) for name, value in values.items()}
        sealed = {name: data for name, data in sealed.items() if len(data) <= LARGEST}
        if not sealed:
            return False

        def send(redis: Any) -> bool:
            with redis.pipeline(transaction=False) as pipe:
                for name, data in sealed.items():
                    kept = fresh_for(region, name) + region.stale
                    pipe.set(name, data, px=max(1, int(kept * 1000)))
                pipe.execute()
            return True

        return bool(self.redis.call(send))

    def _tell(self, region: Region, status: Status, number: int = 1) -> None:
        if number:
            metrics.CACHE.labels(region.name, status).inc(number)
            for listener in self.listeners:
                listener(region.name, status, number)


def flush(connection: redis.Redis, region: Region | None = None) -> int:
    """Forget the answers of a region, or all; how many there were.

    connection: one that has more time than a request. Raises redis.RedisError.
    """
    gone, batch = 0, []
    for name in names(connection, region.name if region else "*"):
        batch.append(name)
        if len(batch) == AT_ONCE:
            gone += int(connection.unlink(*batch))
            batch = []
    return gone + (int(connection.unlink(*batch)) if batch else 0)


def names(connection: redis.Redis, region: str) -> Iterator[bytes]:
    """The names of what is kept of a region, in no order. Walks all of Redis without stopping it.

    Raises redis.RedisError.
    """
    yield from connection.scan_iter(match=f"{PREFIX}:{region}:{FORM}:*", count=AT_ONCE)


class _Call:
    """One look-up: what dogpile's lock asks for, and what came of it."""

    def __init__(
        self, cache: Cache, region: Region, name: str, flight: Flight, make: Callable[[], bytes]
    ) -> None:
        self._cache, self._region, self._name = cache, region, name
        self._flight, self._make = flight, make
        self._asked = False
        self._created = 0.0
        self._status = Status.HIT

    def find(self) -> tuple[bytes, float]:
        """The answer that is kept, and when it was made. Asked anew once the lock is had."""
        # What somebody in this process made while this call waited is taken from hand to hand:
        # so one makes it for all even where Redis keeps nothing.
        made = self._flight.made if self._asked else None
        status = Status.COLLAPSED
        if made is None:
            raw = self._cache.redis.call(lambda redis: redis.get(self._name))
            made = _open(raw)
            status = Status.COLLAPSED if self._asked else Status.HIT
        self._asked = True
        if made is None:
            raise NeedRegenerationException
        self._created, self._status = made[1], status
        return made

    def create(self) -> tuple[bytes, float]:
        """Make the answer, for this call and for those who wait."""
        value = self._make()
        now = self._cache.clock()
        kept = self._cache._store(self._region, {self._name: value})
        self._flight.made = value, now
        self._created, self._status = now, Status.MISS if kept else Status.BYPASS
        return value, now

    def refresh(self, seat: Seat) -> None:
        """Make the answer anew in the background, then leave the seat."""

        def make() -> None:
            try:
                self._cache._store(self._region, {self._name: self._make()})
            except Exception as error:  # noqa: BLE001 - *make* is anybody's
                # Whoever asks after the old answer's end is told themselves.
                log.warning("cache_refresh_failed", region=self._region.name, error=repr(error))
            finally:
                seat.release()

        if not self._cache._background.run(make):
            seat.release()

    def answer(self, value: bytes) -> Cached:
        ttl = self._created + fresh_for(self._region, self._name) - self._cache.clock()
        status = Status.STALE if self._status is Status.HIT and ttl < 0 else self._status
        return Cached(value, status, ttl)


class _Background:
    """One thread, begun when it is first needed: also in a process that was forked before."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._closed = False
        self._places = threading.BoundedSemaphore(MOST_REFRESHES)
        self._lock = threading.Lock()

    def run(self, work: Callable[[], None]) -> bool:
        """Have *work* done soon; False where too much waits already, or at the end."""
        with self._lock:
            if self._closed or not self._places.acquire(blocking=False):
                return False
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="cache")
            self._executor.submit(work).add_done_callback(lambda _: self._places.release())
        return True

    def close(self) -> None:
        """Finish what is begun, and begin no more."""
        with self._lock:
            self._closed = True
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


def _seal(value: bytes, created: float) -> bytes:
    if len(value) < SMALL:
        return _HEAD.pack(created, 0) + value
    # A compressor for each call: they are not to be shared between threads.
    return _HEAD.pack(created, 1) + zstandard.ZstdCompressor(level=3).compress(value)


def _open(data: Any) -> tuple[bytes, float] | None:
    """An entry's value and when it was made; None where there is none, or it is not one of ours."""
    if not isinstance(data, bytes) or len(data) < _HEAD.size:
        return None
    created, compressed = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    if not compressed:
        return body, created
    try:
        return zstandard.ZstdDecompressor().decompress(body, max_output_size=UNFOLDED), created
    except zstandard.ZstdError:
        return None
