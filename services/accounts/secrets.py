"""The secret of an API key: `npk_`, 43 characters of randomness, 6 of checksum.

The prefix and the checksum let secret scanners find a leaked key without asking anybody, and let
us refuse a mistyped one without asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

PREFIX = "npk_"
#: Letters and digits alone: a double click selects the whole key.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES = 32
#: 62**43 > 2**256, and 62**6 > 2**32.
RANDOM_CHARS, CHECK_CHARS = 43, 6

_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_CHARS + CHECK_CHARS}}}", re.ASCII)


def new_secret() -> str:
    """A fresh secret with 256 bits of randomness."""
    random = _base62(int.from_bytes(secrets.token_bytes(RANDOM_BYTES)), RANDOM_CHARS)
    return PREFIX + random + _checksum(random)


def well_formed(secret: str) -> bool:
    """True where *secret* has a key's form and its checksum holds."""
    if not _FORM.fullmatch(secret):
        return False
    random, check = secret[len(PREFIX) : -CHECK_CHARS], secret[-CHECK_CHARS:]
    return _checksum(random) == check


def digest(secret: str) -> bytes:
    """What is stored instead of the secret.

    SHA-256, and no slow hash with a salt: those defend passwords, which people choose and which
    can be guessed. 256 random bits cannot, however fast the hash. And the digest can be looked up
    through an index, so that no comparison tells by its duration how much of a key was right.
    """
    return hashlib.sha256(secret.encode()).digest()


def _checksum(random: str) -> str:
    return _base62(zlib.crc32((PREFIX + random).encode()), CHECK_CHARS)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
