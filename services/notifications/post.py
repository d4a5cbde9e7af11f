"""Post: many people are told one thing, in the caller's transaction, each once.

A notification under a key, and a delivery for each channel, stand with what they are about. What
our own stores hold (inbox, stream, the hand-over to webhooks) is delivered at once; e-mail gets
jobs, a packet each.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.ids import PLATFORM, new_id
from services.jobs.enqueue import Order, enqueue_many
from services.notifications import people, preferences
from services.notifications.channels import CHANNELS, EMAIL, LIFETIMES, Channel, Letter, Outcome
from services.notifications.channels.inbox import InboxChannel
from services.notifications.channels.stream import StreamChannel
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.jobs import PACKET, DeliverNotifications
from services.notifications.models import Delivery
from services.notifications.topics import Topic

#: Who asked for the deliveries' jobs.
ACTOR = "notifications"
#: The channels that write. The others call the outside, in jobs of their own.
WRITTEN: tuple[Channel, ...] = (InboxChannel(), StreamChannel(), WebhookChannel())
PENDING = Outcome(state="handed")
MUTED = Outcome(state="skipped", reason="Muted by its recipient.")
NO_ADDRESS = Outcome(state="skipped", reason="There is no e-mail address.")
#: E-mails in a day that an account's own doing (its batches, its exports) sends to its address,
#: which nobody has proven to be its owner's. What must be heard, and broadcasts, are not counted.
MAILS_A_DAY = 20
TOO_MANY = Outcome(state="skipped", reason=f"It would be more than {MAILS_A_DAY} e-mails in a day.")

_DELIVERIES = cast(Table, Delivery.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What people are told. key: what makes it one for each of them.

    channels: by which, besides what they muted; None: as topic and recipient say.
    """

    topic: Topic
    parameters: Mapping[str, Any]
    key: str
    channels: Sequence[str] | None = None
    broadcast_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    """A delivery to be. outcome: None where its channel has not been asked yet."""

    letter: Letter
    channel: str
    outcome: Outcome | None = field(default=None)


# By account, in order: whoever tells many locks their inboxes in the same order as others do. Of
# two who tell the same thing at once the second waits for the first's inbox, and then conflicts.
_POST = text("""
    WITH wanted AS MATERIALIZED (
        SELECT account_id, id
        FROM unnest(CAST(:accounts AS uuid[]), CAST(:ids AS uuid[])) AS w (account_id, id)
        WHERE NOT EXISTS (SELECT 1 FROM notifications n
            WHERE n.account_id = w.account_id AND n.key = :key)
        ORDER BY account_id
    ), numbered AS (
        INSERT INTO notification_inboxes AS inbox (account_id, last_number)
        SELECT account_id, 1 FROM wanted ORDER BY account_id
        ON CONFLICT (account_id) DO UPDATE SET last_number = inbox.last_number + 1
        RETURNING account_id, last_number
    )
    INSERT INTO notifications
        (id, account_id, key, number, topic, title, text, path, parameters, broadcast_id)
    SELECT id, account_id, :key, last_number, :topic, :title, :text, :path,
        CAST(:parameters AS jsonb), CAST(:broadcast AS uuid)
    FROM wanted JOIN numbered USING (account_id)
    ON CONFLICT (account_id, key) DO NOTHING
    RETURNING id, account_id, created_at
""")


def post(session: Session, accounts: Sequence[uuid.UUID], message: Message) -> int:
    """Tell each of *accounts* that was not told yet; answers how many that were."""
    ordered = sorted(set(accounts))
    words = message.topic.words(message.parameters)
    made = session.execute(
        _POST,
        {
            "accounts": ordered,
            "ids": [new_id() for _ in ordered],
            "key": message.key,
            "topic": message.topic.name,
            "title": words.title,
            "text": words.text,
            "path": words.path,
            "parameters": codec.dumps(message.parameters).decode(),
            "broadcast": message.broadcast_id,
        },
    ).all()
    if not made:
        return 0
    wishes = preferences.of_topic(session, message.topic, [row.account_id for row in made])
    planned = []
    for row in made:
        chosen = choose(message.topic, message.channels, wishes.get(row.account_id, {}))
        for channel, outcome in chosen.items():
            letter = Letter(
                id=new_id(),
                notification_id=row.id,
                account_id=row.account_id,
                topic=message.topic.name,
                title=words.title,
                text=words.text,
                path=words.path,
                created_at=row.created_at,
                expires_at=row.created_at + LIFETIMES[channel],
            )
            planned.append(_Planned(letter, channel, outcome))
    _deliver(session, planned, message)
    return len(made)


def choose(
    topic: Topic, channels: Sequence[str] | None, wishes: Mapping[str, bool]
) -> dict[str, Outcome | None]:
    """By channel: None where it goes that way, or why it does not. In the order of CHANNELS.

    channels: asked for; None: the topic's own, and those that the recipient switched on.
    wishes: by channel, what the recipient said on the topic. What must be, is.
    """
    if channels is None:
        channels = [name for name in CHANNELS if name in topic.channels or wishes.get(name)]
    return {
        name: None if topic.must(name) or wishes.get(name, True) else MUTED
        for name in CHANNELS
        if name in channels
    }


def _deliver(session: Session, planned: Sequence[_Planned], message: Message) -> None:
    """Deliver what can be here, order jobs for the rest, and write every delivery down."""
    ended: list[tuple[_Planned, Outcome, uuid.UUID | None]] = [
        (each, each.outcome, None) for each in planned if each.outcome is not None
    ]
    for channel in WRITTEN:
        open_ = [each for each in planned if each.channel == channel.name and each.outcome is None]
        if open_:
            outcomes = channel.deliver([each.letter for each in open_], lambda: _same(session))
            ended += [(each, said, None) for each, said in zip(open_, outcomes, strict=True)]
    mails = [each for each in planned if each.channel == EMAIL and each.outcome is None]
    if message.broadcast_id is None and not message.topic.must(EMAIL):
        named = [each.letter.account_id for each in mails]
        full = people.mailed(session, named, MAILS_A_DAY) if named else set()
        ended += [(each, TOO_MANY, None) for each in mails if each.letter.account_id in full]
        mails = [each for each in mails if each.letter.account_id not in full]
    ended += _order(session, mails)
    session.execute(insert(_DELIVERIES), [_row(*each, message.broadcast_id) for each in ended])


def _order(
    session: Session, mails: Sequence[_Planned]
) -> list[tuple[_Planned, Outcome, uuid.UUID | None]]:
    """Order packets of e-mail to those who have an address."""
    if not mails:
        return []
    reachable = people.addresses(session, [each.letter.account_id for each in mails])
    ready = [each for each in mails if each.letter.account_id in reachable]
    planned: list[tuple[_Planned, Outcome, uuid.UUID | None]] = [
        (each, NO_ADDRESS, None) for each in mails if each.letter.account_id not in reachable
    ]
    orders = []
    for start in range(0, len(ready), PACKET):
        packet = ready[start : start + PACKET]
        order = Order(
            payload=DeliverNotifications(
                channel=EMAIL, delivery_ids=[each.letter.id for each in packet]
            ),
            # One person's own, or nobody's: a packet outlives each of its recipients.
            owner=packet[0].letter.account_id if len(packet) == 1 else PLATFORM,
            actor=ACTOR,
            limit_key=EMAIL,
            expires_at=max(each.letter.expires_at for each in packet),
        )
        orders.append(order)
        planned += [(each, PENDING, order.id) for each in packet]
    enqueue_many(session, orders)
    return planned


def _row(
    planned: _Planned, outcome: Outcome, job: uuid.UUID | None, broadcast: uuid.UUID | None
) -> dict[str, Any]:
    pending = outcome.state == "handed"
    ended: datetime | None = None if pending else planned.letter.created_at
    return {
        "id": planned.letter.id,
        "notification_id": planned.letter.notification_id,
        "account_id": planned.letter.account_id,
        "broadcast_id": broadcast,
        "channel": planned.channel,
        "state": "pending" if pending else outcome.state,
        "reason": outcome.reason,
        "job_id": job,
        "created_at": planned.letter.created_at,
        "expires_at": planned.letter.expires_at,
        "ended_at": ended,
    }


@contextmanager
def _same(session: Session) -> Iterator[Session]:
    """The transaction that is open already."""
    yield session
