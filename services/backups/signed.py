"""Signed: a document of one line, and on the next `{"key", "signature"}` over its very bytes.

So nothing of it is read before it is known to be ours.
"""

from __future__ import annotations

import hmac

import msgspec

from kernel import codec
from services.backups.keys import Keys, Tampered


def sign(document: bytes, keys: Keys) -> bytes:
    """The document as it is stored."""
    key = keys.current
    signed = {"key": key.id.hex(), "signature": key.sign(document).hex()}
    return document + b"\n" + codec.dumps(signed) + b"\n"


def verified(stored: bytes, keys: Keys, what: str) -> bytes:
    """The document that was stored. what: it, as an error names it.

    Raises Tampered, UnknownKey.
    """
    document, _, rest = stored.partition(b"\n")
    try:
        signed = msgspec.json.decode(rest, type=dict[str, str])
        key_id, signature = bytes.fromhex(signed["key"]), bytes.fromhex(signed["signature"])
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise Tampered(f"{what} is not signed, cut off or damaged.") from error
    if not hmac.compare_digest(keys.named(key_id).sign(document), signature):
        raise Tampered(f"{what} is not as it was signed.")
    return document
