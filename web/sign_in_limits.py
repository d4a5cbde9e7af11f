"""Limits of signing in: guessing is slow, and nobody can lock somebody else out.

An address may try so often a minute, and each person's password ten times. Guesses that come from
many addresses at once, all at one person's password, are not refused, for that is how one would
lock the person out: they are answered late. From a network where this person has signed in before
they are not even late.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from flask import g, request

from kernel.errors import Unavailable
from web.admission import aside
from web.context import platform
from web.limits import Limit, QuotaExceeded, network_of

#: Attempts a minute at one person's password from one address.
PERSON = Limit("sign-in", 10)
#: Attempts a minute at one person's password from all unfamiliar addresses together, after which
#: they are answered late.
CROWD = Limit("sign-in-crowd", 20)
#: Seconds by which.
LATE = 2.0

#: Replaced where nobody should wait.
pause: Callable[[float], None] = time.sleep


def network() -> str:
    """What the client's address is counted as."""
    return network_of(request.remote_addr or "")


def count_attempt(email: str | None = None) -> None:
    """Count a registration, or an attempt at *email*'s password. Raises QuotaExceeded."""
    limiter = platform().limiter
    g.standings.append(limiter.count(limiter.sign_in, network()))
    if email is not None:
        g.standings.append(limiter.count(PERSON, f"{_hashed(email)}:{network()}"))


def slow_down(email: str, *, familiar: bool) -> None:
    """Return at once, or LATE seconds later where a crowd is at *email*'s password.

    Raises Unavailable where too many are waiting for that already.
    """
    if familiar:
        return
    here = platform()
    try:
        here.limiter.count(CROWD, _hashed(email))
    except QuotaExceeded:
        with here.latecomers.place(_hashed(email)) as free:
            if not free:
                raise Unavailable("Too many sign in at this moment.", retry_after=5) from None
            with aside():
                pause(LATE)


def _hashed(email: str) -> str:
    # No address in Redis, which is dumped and looked into.
    return hashlib.sha256(email.encode()).hexdigest()[:32]
