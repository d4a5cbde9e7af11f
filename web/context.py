"""What a request works with: the platform's stores, and who asks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from kernel.cache import Cache
from kernel.database import Database
from kernel.objects import Objects
from kernel.redis import BestEffort
from kernel.settings import Settings
from services.accounts.keyring import Keyring
from services.accounts.keys import Caller
from services.accounts.passwords import Hasher
from services.accounts.tokens import Signer
from services.catalogue.cached import CachedFoods
from services.jobs.intake import Intake
from services.warming.tally import Tally
from web.hub import Hub
from web.limits import Limiter


class Slots:
    """A fixed number of places for requests that sleep: each of them holds a thread.

    each: the most that one holder has of them; all, where it is left out.
    """

    def __init__(self, size: int, each: int | None = None) -> None:
        self._size = size
        self._each = size if each is None else each
        self._lock = threading.Lock()
        self._held: Counter[Hashable] = Counter()

    def held(self, holder: Hashable) -> int:
        """How many places *holder* has."""
        with self._lock:
            return self._held[holder]

    def take(self, holder: Hashable) -> bool:
        """Take a place; False where none is free, or *holder* has its share.

        Whoever took one calls `leave` once.
        """
        with self._lock:
            if self._held.total() >= self._size or self._held[holder] >= self._each:
                return False
            self._held[holder] += 1
            return True

    def leave(self, holder: Hashable) -> None:
        with self._lock:
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]

    @contextmanager
    def place(self, holder: Hashable) -> Iterator[bool]:
        """A place while the block lasts; yields False where `take` is refused."""
        taken = self.take(holder)
        try:
            yield taken
        finally:
            if taken:
                self.leave(holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Everything that views use, made once a process."""

    settings: Settings
    database: Database
    redis: BestEffort
    cache: Cache
    foods: CachedFoods
    tally: Tally
    objects: Objects
    hub: Hub
    keyring: Keyring
    signer: Signer
    hasher: Hasher
    intake: Intake
    limiter: Limiter
    waiters: Slots
    streams: Slots
    #: Those who sign in, and are made to wait for it.
    latecomers: Slots
    #: Held while a sleeper reads: however many wake at once, they leave connections to the others.
    quiet: threading.BoundedSemaphore

    def close(self) -> None:
        """End the hub's threads and give connections back."""
        self.hub.close()
        self.tally.close()
        self.cache.close()
        self.database.close()
        self.redis.redis.close()


def platform() -> Platform:
    """The platform of the application that handles this request."""
    return cast(Platform, current_app.extensions["platform"])


def caller() -> Caller:
    """Who asks. Only in routes that the policy does not leave open."""
    return cast(Caller, g.caller)
