"""Signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
#: Bytes of a secret. The standard asks for 24 to 64.
LENGTH = 32


def new_secret() -> str:
    """A fresh secret, as receivers enter it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def headers(keys: Sequence[str], *, message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """The three headers of a signed message. timestamp: seconds since 1970.

    keys: secrets; while one replaces another there are two, and a signature by each, so that a
    receiver who knows either accepts.
    """
    content = f"{message_id}.{timestamp}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_sign(key, content)}" for key in keys),
    }


def _sign(key: str, content: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
