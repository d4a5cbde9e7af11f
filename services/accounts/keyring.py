"""Keyring: callers that this process saw a moment ago, so that not every request asks the database.

An API key is found by its digest. An access token is verified here and names a sign-in, which is
looked up as a key is: so a log-out and a disabled person end it within seconds, not minutes.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Unauthenticated
from services.accounts import keys, tokens
from services.accounts.keys import Caller
from services.accounts.secrets import PREFIX, digest, well_formed
from services.accounts.tokens import Signer

#: What was revoked still opens for so long (seconds) in a process that has just seen it.
REMEMBER = 5.0
#: Callers remembered at once; the one unused for longest goes first.
SIZE = 4096

#: How a caller is found again: digest of a key, id of a key, id of a sign-in.
_Lookup = tuple[str, bytes]


class Keyring:
    """Recognises credentials, remembering answers for REMEMBER seconds. Safe between threads.

    It remembers digests and ids, never secrets; refusals too, so that a client which keeps trying a
    dead key costs the database one question in five seconds.
    clock: seconds that only rise.
    """

    def __init__(
        self,
        database: Database,
        signer: Signer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[_Lookup, tuple[float, Caller | None]] = OrderedDict()

    def caller(self, credential: str) -> Caller:
        """Whose API key or access token this is.

        Raises Unauthenticated, or Unavailable where nobody can be asked.
        """
        if credential.startswith(PREFIX) or self._signer is None:
            if not well_formed(credential):
                raise Unauthenticated(keys.REFUSED)
            found = self._remembered(
                ("digest", digest(credential)),
                lambda session: keys.authenticate(session, credential),
            )
            return _or_refuse(found, keys.REFUSED)
        claims = self._signer.read(credential)
        found = self._of_sign_in(claims.sign_in_id)
        if found is not None and found.account_id != claims.account_id:
            found = None
        return _or_refuse(found, tokens.REFUSED)

    def again(self, caller: Caller) -> Caller:
        """The same caller as it stands now: for what was granted a while ago.

        Raises as `caller` does, where the key or the sign-in behind it has ended.
        """
        if caller.sign_in_id is not None:
            found = self._of_sign_in(caller.sign_in_id)
        else:
            key_id = uuid.UUID(caller.actor.partition(":")[2])
            found = self._remembered(
                ("key", key_id.bytes), lambda session: keys.by_id(session, key_id)
            )
        return _or_refuse(found, keys.REFUSED)

    def _of_sign_in(self, sign_in_id: uuid.UUID) -> Caller | None:
        return self._remembered(
            ("sign-in", sign_in_id.bytes), lambda session: keys.by_sign_in(session, sign_in_id)
        )

    def _remembered(self, lookup: _Lookup, find: Callable[[Session], Caller]) -> Caller | None:
        now = self._clock()
        found: Caller | None
        with self._lock:
            until, found = self._known.get(lookup, (0.0, None))
            if until > now:
                self._known.move_to_end(lookup)
                return found
        try:
            with self._database.transaction() as session:
                found = find(session)
        except Unauthenticated:
            found = None
        with self._lock:
            self._known[lookup] = (now + REMEMBER, found)
            self._known.move_to_end(lookup)
            while len(self._known) > SIZE:
                self._known.popitem(last=False)
        return found


def _or_refuse(found: Caller | None, message: str) -> Caller:
    if found is None:
        raise Unauthenticated(message)
    return found
