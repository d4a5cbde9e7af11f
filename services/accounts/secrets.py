"""Secrets: a prefix that says what for, 43 characters of randomness, 6 of checksum.

The prefix and the checksum let secret scanners find a leaked one without asking anybody, and let
us refuse a mistyped one without asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

#: Of API keys, refresh tokens, and tickets for one stream.
PREFIX, REFRESH, TICKET = "npk_", "npr_", "npt_"
#: Letters and digits alone: a double click selects the whole key.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES = 32
#: 62**43 > 2**256, and 62**6 > 2**32.
RANDOM_CHARS, CHECK_CHARS = 43, 6

_REST = re.compile(rf"[0-9A-Za-z]{{{RANDOM_CHARS + CHECK_CHARS}}}", re.ASCII)


def new_secret(prefix: str = PREFIX) -> str:
    """A fresh secret with 256 bits of randomness."""
    return spelled(secrets.token_bytes(RANDOM_BYTES), prefix)


def spelled(random: bytes, prefix: str) -> str:
    """The secret that *random*, RANDOM_BYTES of it, is spelled as."""
    chars = _base62(int.from_bytes(random), RANDOM_CHARS)
    return prefix + chars + _checksum(prefix + chars)


def well_formed(secret: str, prefix: str = PREFIX) -> bool:
    """True where *secret* has this form and its checksum holds."""
    if not secret.startswith(prefix) or not _REST.fullmatch(secret, len(prefix)):
        return False
    return _checksum(secret[:-CHECK_CHARS]) == secret[-CHECK_CHARS:]


def digest(secret: str) -> bytes:
    """What is stored instead of the secret.

    SHA-256, and no slow hash with a salt: those defend passwords, which people choose and which
    can be guessed. 256 random bits cannot, however fast the hash. And the digest can be looked up
    through an index, so that no comparison tells by its duration how much of a key was right.
    """
    return hashlib.sha256(secret.encode()).digest()


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), CHECK_CHARS)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
