"""What a request works with: the platform's stores, and who asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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
    """A fixed number of places for requests that sleep: each of them holds a thread."""

    def __init__(self, size: int) -> None:
        self._free = threading.BoundedSemaphore(size)

    def take(self) -> bool:
        """Take a place; False where none is free. Whoever took one calls `leave` once."""
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        self._free.release()

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place while the block lasts; yields False where none was free."""
        taken = self.take()
        try:
            yield taken
        finally:
            if taken:
                self.leave()


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
