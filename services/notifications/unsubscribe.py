"""Unsubscribe: a link that mutes one topic in one channel, without signing in (RFC 8058).

The token says whom, what and where, and proves by an HMAC that we said so. It does not expire: a
mail lies in a mailbox for years. It dies with the second rotation of JWT_SECRET after it was made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from services.notifications import preferences
from services.notifications.channels import CHANNELS
from services.notifications.topics import TOPICS, Topic

#: Characters of a token that is looked at at all; ours have about 80.
LONGEST = 256
#: So that it is recognised, and redacted, wherever it appears.
PREFIX = "npu_"
_PURPOSE = b"nutrition-platform unsubscribe v1"
# Locked, so that nobody erases the account between here and the commit.
_KNOWN = text("SELECT id FROM accounts WHERE id = :account FOR KEY SHARE")
#: Bytes of the proof: 128 bits, as many as a guess can be kept from.
_PROOF = 16
_ID = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a token names: a topic that an account hears of through a channel."""

    account_id: uuid.UUID
    topic: str
    channel: str


class Unsubscriber:
    """Makes tokens and reads them. secrets: ours (JWT_SECRET) first, then those that still count.

    Its keys are derived: no token proves anything to who checks another thing of the same secret.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [
            hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256) for secret in secrets if secret
        ]

    def token(self, subscription: Subscription) -> str:
        """A token for a link: ASCII, safe in a path. There must be a secret."""
        said = _said(subscription)
        proof = _prove(self._keys[0], said)
        return PREFIX + base64.urlsafe_b64encode(proof + said).decode().rstrip("=")

    def read(self, token: str) -> Subscription:
        """What a token names. Raises NotFound, always in the same words, where it is none of ours.

        What it names may be gone meanwhile.
        """
        said = self._proven(token)
        if said is None:
            raise unknown()
        topic, channel = said[_ID:].decode().split("\n")
        return Subscription(account_id=uuid.UUID(bytes=said[:_ID]), topic=topic, channel=channel)

    def _proven(self, token: str) -> bytes | None:
        """What a token says, where we said so."""
        if len(token) > LONGEST or not token.startswith(PREFIX):
            return None
        token = token.removeprefix(PREFIX)
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        proof, said = raw[:_PROOF], raw[_PROOF:]
        # Each is compared, whichever fits: how long it takes tells nothing.
        fits = [hmac.compare_digest(_prove(key, said), proof) for key in self._keys]
        return said if any(fits) else None


def named(session: Session, subscription: Subscription) -> Topic:
    """The topic of a subscription. Raises NotFound where it, or the account, is gone."""
    topic = TOPICS.get(subscription.topic)
    known = session.execute(_KNOWN, {"account": subscription.account_id}).one_or_none()
    if topic is None or known is None or subscription.channel not in CHANNELS:
        raise unknown()
    return topic


def unsubscribe(session: Session, subscription: Subscription) -> Topic:
    """Mute it; again is no other. Answers the topic.

    Raises NotFound as `named` does, and Conflict where everybody must hear of the topic.
    """
    topic = named(session, subscription)
    preferences.mute(session, subscription.account_id, topic.name, subscription.channel)
    return topic


def unknown() -> NotFound:
    """For a token that is none of ours, and for one that names what is gone: the same answer."""
    return NotFound("This link is not valid, or not any more. Sign in to choose what you hear of.")


def _said(subscription: Subscription) -> bytes:
    names = f"{subscription.topic}\n{subscription.channel}"
    return subscription.account_id.bytes + names.encode()


def _prove(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)[:_PROOF]
