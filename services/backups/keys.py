"""The keys of backups: what is derived from BACKUP_KEY, and the key of each backup, wrapped.

From the 32 bytes of BACKUP_KEY, HKDF-SHA256 (RFC 5869) derives one key for wrapping and one for
signing, so that neither use says anything about the other. Each backup is sealed with a random key
of its own, which lies in its header wrapped by AES key wrap (RFC 3394): whoever changes BACKUP_KEY
seals nothing anew.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from kernel.errors import PlatformError, SettingsError
from kernel.settings import Settings, secret_bytes

#: Bytes of the name by which a backup says which key it needs.
ID = 8


class Tampered(PlatformError):
    """A backup is not what was written: a bit flipped, a piece missing, or another's."""


class UnknownKey(PlatformError):
    """A backup is sealed with a key that is not here."""


@dataclass(frozen=True, slots=True)
class Key:
    """One BACKUP_KEY: its name, which gives nothing of it away, and what is derived from it."""

    id: bytes
    _wrapping: bytes = field(repr=False)
    _signing: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> Key:
        """From the 32 bytes of BACKUP_KEY."""
        return cls(*(_derived(secret, use) for use in (b"id", b"wrap", b"sign")))

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self._wrapping, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key that was wrapped. Raises Tampered."""
        try:
            return aes_key_unwrap(self._wrapping, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise Tampered("Its key does not unwrap: its header was changed.") from error

    def sign(self, document: bytes) -> bytes:
        """HMAC-SHA256 (RFC 2104) of *document*."""
        return hmac.digest(self._signing, document, sha256)


class Keys:
    """The key that seals, and those that open: it, and the one before it."""

    def __init__(self, secret: bytes, previous: bytes | None = None) -> None:
        self.current = Key.derive(secret)
        known = [self.current, *([Key.derive(previous)] if previous else [])]
        self._known = {key.id: key for key in known}

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        """Those of the settings. Raises SettingsError where there is none."""
        if not settings.backup_key:
            raise SettingsError(
                "BACKUP_KEY is not set, and backups are sealed with it: "
                "`openssl rand -base64 32` makes one. Keep it in another place than the backups."
            )
        previous = settings.backup_key_previous
        return cls(
            secret_bytes("BACKUP_KEY", settings.backup_key),
            secret_bytes("BACKUP_KEY_PREVIOUS", previous) if previous else None,
        )

    def named(self, key_id: bytes) -> Key:
        """The key of that id. Raises UnknownKey, saying what is needed."""
        if key_id not in self._known:
            raise UnknownKey(
                f"It is sealed with the key {key_id.hex()}, and BACKUP_KEY is "
                f"{self.current.id.hex()}: set BACKUP_KEY, or BACKUP_KEY_PREVIOUS, to the key "
                "of that time."
            )
        return self._known[key_id]


def _derived(secret: bytes, use: bytes) -> bytes:
    length = ID if use == b"id" else 32
    info = b"nutrition backup " + use
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
