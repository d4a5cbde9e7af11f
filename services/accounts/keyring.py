"""Keyring: keys that this process saw a moment ago, so that not every request asks the database."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from kernel.database import Database
from kernel.errors import Unauthenticated
from services.accounts.keys import REFUSED, Caller, authenticate
from services.accounts.secrets import digest, well_formed

#: A revoked key still opens for so long (seconds) in a process that has just seen it.
REMEMBER = 5.0
#: Keys remembered at once; the one unused for longest goes first.
SIZE = 4096


class Keyring:
    """Recognises secrets, remembering answers for REMEMBER seconds. Safe between threads.

    It remembers digests, never secrets; refusals too, so that a client which keeps trying a dead
    key costs the database one question in five seconds.
    clock: seconds that only rise.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, Caller | None]] = OrderedDict()

    def caller(self, secret: str) -> Caller:
        """Who holds *secret*. Raises Unauthenticated, or Unavailable where nobody can be asked."""
        if not well_formed(secret):
            raise Unauthenticated(REFUSED)
        key = digest(secret)
        now = self._clock()
        with self._lock:
            until, found = self._known.get(key, (0.0, None))
            if until > now:
                self._known.move_to_end(key)
                return _or_refuse(found)
        try:
            with self._database.transaction() as session:
                found = authenticate(session, secret)
        except Unauthenticated:
            found = None
        with self._lock:
            self._known[key] = (now + REMEMBER, found)
            self._known.move_to_end(key)
            while len(self._known) > SIZE:
                self._known.popitem(last=False)
        return _or_refuse(found)


def _or_refuse(found: Caller | None) -> Caller:
    if found is None:
        raise Unauthenticated(REFUSED)
    return found
