"""Passwords: which are taken, and Argon2id (RFC 9106) over them, a few at a time."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from kernel.errors import Invalid, Unavailable

#: KiB of memory, passes and lanes: the first choice of OWASP's Password Storage Cheat Sheet.
MEMORY, PASSES, LANES = 47_104, 1, 1
#: Characters of a password. SP 800-63B asks for 8 at least and for 64 to be taken.
SHORTEST, LONGEST = 10, 128
#: Hashes computed at once: each fills MEMORY and a core. And how many may wait for that.
PLACES, WAITING = 2, 64
#: Seconds that one waits at most.
PATIENCE = 5.0

#: Long enough, and among the first that anybody tries.
_COMMON = frozenset(
    """
        password123 password1234 password12345 passwordpassword 1234567890 12345678910 0123456789
        123456789012 9876543210 0987654321 qwertyuiop qwerty12345 qwertyuiop123 1q2w3e4r5t
        1qaz2wsx3edc asdfghjkl1 iloveyou123 welcome123 welcome1234 administrator changeme123
        letmein123 abc1234567 abcdefghij abcd123456 nutrition123 football123 baseball123
    """.split()  # noqa: SIM905 - legible
)


def checked(password: str, email: str = "") -> str:
    """A new password, `normal`.

    Raises Invalid, naming the field, for one too short, too long, or guessed at once.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise _invalid(f"Must have {SHORTEST} to {LONGEST} characters.")
    plain = normal(password).casefold()
    if len(set(plain)) == 1 or plain in _COMMON:
        raise _invalid("Is among the first that anybody would try.")
    if email and plain in {email, email.partition("@")[0]}:
        raise _invalid("Must not be the e-mail address.")
    return normal(password)


def normal(password: str) -> str:
    """A password as it is hashed: NFKC, so that every keyboard spells it alike."""
    return unicodedata.normalize("NFKC", password)


class Hasher:
    """Argon2id. A lock before it bounds the memory: PLACES x MEMORY, whoever asks how often."""

    def __init__(self, places: int = PLACES, waiting: int = WAITING) -> None:
        self._argon = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY, parallelism=LANES, type=Type.ID
        )
        self._places = threading.BoundedSemaphore(places)
        self._waiting = threading.BoundedSemaphore(places + waiting)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """The hash of a password that is `checked`, in PHC form with parameters and salt."""
        with self._place():
            return self._argon_hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether *password*, as it was typed, is the one that *stored* is of.

        Where nobody has a hash (None), one is computed all the same: time tells nothing.
        """
        typed = normal(password[:LONGEST])
        if not self._nobodys:
            # Once a process, whoever comes first: of a password that nobody will ever know.
            self._nobodys = self.hash(secrets.token_urlsafe(32))
        with self._place():
            return self._argon_verify(stored or self._nobodys, typed) and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether *stored* was made with other parameters than these."""
        return self._argon.check_needs_rehash(stored)

    def _argon_hash(self, password: str) -> str:
        return self._argon.hash(password)

    def _argon_verify(self, stored: str, password: str) -> bool:
        try:
            return self._argon.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise Unavailable("Too many sign in at this moment.", retry_after=5)
        try:
            if not self._places.acquire(timeout=PATIENCE):
                raise Unavailable("Too many sign in at this moment.", retry_after=5)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._waiting.release()


def _invalid(reason: str) -> Invalid:
    return Invalid(f"password: {reason}", {"password": [reason]})
