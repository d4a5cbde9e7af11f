"""Broadcasts: what an administrator tells many people, each of them once.

The audience is who is there, and may sign in, when the broadcast is accepted. It is cut by account
id into parts, each a job that tells its people and ends in one transaction; when all have ended,
one more looks for anybody who was left out. So a crash, anywhere, leaves nobody out.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import new_id
from services import webhooks
from services.audit import record
from services.jobs import cancel as jobs
from services.jobs.ended import Ended
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.run import advance
from services.notifications.channels import CHANNELS, WEBHOOK
from services.notifications.jobs import CONCLUDE, ConcludeBroadcast, FanOut
from services.notifications.models import Broadcast as BroadcastRow
from services.notifications.post import Message, post
from services.notifications.topics import TOPICS, check_channel, topic_named

#: People whom one job tells: some 300 ms of one transaction.
PART = 500
#: Above every id: the last part has no end, and who signed up meanwhile is none of the audience.
_AFTER_ALL = uuid.UUID(int=2**128 - 1)
STATES = ("sending", "finished", "cancelled")
CANCELLED = "The broadcast was cancelled."

_BROADCASTS = cast(Table, BroadcastRow.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be told. user_ids: whom; None: everyone."""

    topic: str
    title: str
    body: str
    user_ids: Sequence[uuid.UUID] | None
    channels: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast and how it stands. deliveries: by state, one for each person and channel.

    recipients: people as counted when it was accepted, and exactly once it has finished.
    """

    id: uuid.UUID
    topic: str
    title: str
    body: str
    everyone: bool
    channels: list[str]
    state: str
    recipients: int
    deliveries: dict[str, int]
    actor: str
    created_at: datetime
    ended_at: datetime | None


# Who is meant, of `people p`. users: NULL for everyone.
_AUDIENCE = """
    p.disabled_at IS NULL AND p.created_at <= :at
        AND (CAST(:users AS uuid[]) IS NULL OR p.account_id = ANY(CAST(:users AS uuid[])))
"""
_PARTS = text(f"""
    SELECT account_id, total FROM (
        SELECT p.account_id, row_number() OVER (ORDER BY p.account_id) - 1 AS n,
            count(*) OVER () AS total
        FROM people p WHERE {_AUDIENCE}
    ) AS numbered
    WHERE n % :size = 0 ORDER BY account_id
""")
_PRESENT = text(f"SELECT p.account_id FROM people p WHERE {_AUDIENCE}")
_COUNT = text(f"SELECT count(*) FROM people p WHERE {_AUDIENCE}")
_COUNT_MUTED = text(f"""
    SELECT count(*) FROM notification_preferences w JOIN people p USING (account_id)
    WHERE w.topic = :topic AND w.channel = ANY(CAST(:channels AS text[])) AND NOT w.wanted
        AND {_AUDIENCE}
""")
_PART = text(f"""
    SELECT p.account_id FROM people p
    WHERE {_AUDIENCE} AND p.account_id >= :first AND p.account_id < :until ORDER BY p.account_id
""")
_LEFT_OUT = text(f"""
    SELECT p.account_id FROM people p
    WHERE {_AUDIENCE} AND NOT EXISTS (
        SELECT 1 FROM notifications n WHERE n.account_id = p.account_id AND n.key = :key)
    ORDER BY p.account_id LIMIT :limit
""")
_FIND = text("SELECT * FROM broadcasts WHERE id = :id")
_COUNTS = text("""
    SELECT state, count(*) AS deliveries FROM notification_deliveries
    WHERE broadcast_id = :id GROUP BY state
""")
# Each recipient has a delivery for each channel.
_FINISH = text("""
    UPDATE broadcasts SET state = 'finished', ended_at = now(), user_ids = NULL,
        recipients = (SELECT count(DISTINCT notification_id) FROM notification_deliveries
                      WHERE broadcast_id = :id)
    WHERE id = :id AND state = 'sending'
""")
_CANCEL = text("""
    UPDATE broadcasts SET state = 'cancelled', ended_at = now(), user_ids = NULL
    WHERE id = :id AND state <> 'cancelled'
""")
# Who cancels meanwhile waits, and then sees who was told.
_HOLD = text("SELECT 1 FROM broadcasts WHERE id = :id FOR SHARE")
_JOB_OWNER = text("SELECT owner_id FROM jobs WHERE id = :id")
_PENDING_WEBHOOKS = text("""
    SELECT id, account_id FROM notification_deliveries
    WHERE broadcast_id = :id AND state = 'pending' AND channel = :webhook
""")
_SKIP = text("""
    UPDATE notification_deliveries SET state = 'skipped', reason = :reason, ended_at = now()
    WHERE id IN (SELECT id FROM notification_deliveries
        WHERE broadcast_id = :id AND state = 'pending' ORDER BY id FOR UPDATE)
""")


def count(session: Session, draft: Draft) -> tuple[int, dict[str, int]]:
    """People whom it would reach, and deliveries by state as they would begin. Writes nothing.

    Raises Invalid as `accept` does.
    """
    _check(session, draft)
    whom = _whom(draft.user_ids, now(session))
    people = session.scalars(_COUNT, whom).one()
    topic = TOPICS[draft.topic]
    muted = session.scalars(
        _COUNT_MUTED,
        whom
        | {
            "topic": draft.topic,
            "channels": [name for name in draft.channels if not topic.must(name)],
        },
    ).one()
    wanted = people * len(set(draft.channels)) - muted
    return people, {"pending": wanted, "delivered": 0, "failed": 0, "skipped": muted}


def accept(session: Session, draft: Draft, *, owner: uuid.UUID, actor: str) -> uuid.UUID:
    """Accept a broadcast; answers its id, which is also that of the job that concludes it.

    The broadcast, its parts and their jobs stand together, or not at all. Raises Invalid, by
    field, for what makes no sense: a topic that is not for broadcasts, a recipient there is not.
    """
    _check(session, draft)
    broadcast_id = new_id()
    whom = _whom(draft.user_ids, now(session))
    parts = session.execute(_PARTS, whom | {"size": PART}).all()
    recipients = parts[0].total if parts else 0
    session.execute(
        insert(_BROADCASTS).values(
            id=broadcast_id,
            actor=actor,
            topic=draft.topic,
            title=draft.title,
            body=draft.body,
            everyone=draft.user_ids is None,
            user_ids=whom["users"],
            channels=[name for name in CHANNELS if name in draft.channels],
            recipients=recipients,
        )
    )
    firsts = [part.account_id for part in parts]
    mine: dict[str, Any] = {"owner": owner, "actor": actor}
    orders = [
        Order(
            payload=FanOut(broadcast_id=broadcast_id, first=first, until=until),
            parent=broadcast_id,
            **mine,
        )
        for first, until in zip(firsts, [*firsts[1:], _AFTER_ALL], strict=False)
    ]
    join = Order(
        payload=ConcludeBroadcast(broadcast_id=broadcast_id),
        id=broadcast_id,
        pending=len(orders),
        progress_total=recipients,
        **mine,
    )
    enqueue_many(session, [join, *orders])
    record(
        session,
        actor=actor,
        action="broadcast.accepted",
        target=f"broadcast:{broadcast_id}",
        details={"topic": draft.topic, "recipients": recipients, "channels": list(draft.channels)},
    )
    return broadcast_id


def fan_out(session: Session, part: FanOut) -> int:
    """Tell the people of one part who were not told yet; answers how many those were.

    In the transaction that ends the part's job.
    """
    broadcast = _row(session, part.broadcast_id)
    if broadcast.state != "sending":
        return 0
    whom = _whom(broadcast.user_ids, broadcast.created_at)
    people = session.scalars(_PART, whom | {"first": part.first, "until": part.until}).all()
    told = post(session, people, _message(broadcast))
    # Last: the row is everybody's, and is held until the commit.
    advance(session, part.broadcast_id, told)
    return told


def catch_up(session: Session, broadcast_id: uuid.UUID) -> int:
    """Tell some of those who were left out, because their part's job died; answers how many."""
    session.execute(_HOLD, {"id": broadcast_id})
    broadcast = _row(session, broadcast_id)
    if broadcast.state != "sending":
        return 0
    message = _message(broadcast)
    whom = _whom(broadcast.user_ids, broadcast.created_at)
    people = session.scalars(_LEFT_OUT, whom | {"key": message.key, "limit": PART}).all()
    return post(session, people, message) if people else 0


def finish(session: Session, broadcast_id: uuid.UUID) -> dict[str, Any]:
    """Everybody was told: close the broadcast. Answers its counts, the result of its job."""
    session.execute(_FINISH, {"id": broadcast_id})
    found = find(session, broadcast_id)
    return {"recipients": found.recipients, "deliveries": found.deliveries}


def find(session: Session, broadcast_id: uuid.UUID) -> Broadcast:
    """The broadcast and how it stands. Raises NotFound."""
    row = _row(session, broadcast_id)
    deliveries = dict.fromkeys(("pending", "delivered", "failed", "skipped"), 0)
    deliveries |= {
        found.state: found.deliveries for found in session.execute(_COUNTS, {"id": broadcast_id})
    }
    return Broadcast(
        id=row.id,
        topic=row.topic,
        title=row.title,
        body=row.body,
        everyone=row.everyone,
        channels=row.channels,
        state=row.state,
        recipients=row.recipients,
        deliveries=deliveries,
        actor=row.actor,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def cancel(session: Session, broadcast_id: uuid.UUID, actor: str) -> Broadcast:
    """Tell nobody more, and send no more of what is pending. What was delivered stays.

    Again is the same. Raises NotFound, or Conflict where everything was delivered already.
    """
    found = find(session, broadcast_id)
    if found.state == "cancelled":
        return found
    if found.state == "finished" and not found.deliveries["pending"]:
        raise Conflict("The broadcast has finished, and nothing of it is pending.")
    # The jobs before the rows that their transactions write: the order in which they lock.
    owner = session.scalar(_JOB_OWNER, {"id": broadcast_id})
    if owner is not None:
        jobs.cancel(session, broadcast_id, owner)
    _stop(session, broadcast_id)
    record(
        session,
        actor=actor,
        action="broadcast.cancelled",
        target=f"broadcast:{broadcast_id}",
        details=found.deliveries,
    )
    return find(session, broadcast_id)


def hear_ended(session: Session, ended: Sequence[Ended]) -> None:
    """Whoever cancels the job of a broadcast has cancelled the broadcast.

    One whose job died is `sending` still: replayed, the job tells whoever is left.
    """
    for job in ended:
        if job.kind == CONCLUDE.name and job.state == "cancelled":
            _stop(session, job.id)


def _stop(session: Session, broadcast_id: uuid.UUID) -> None:
    """Close the broadcast and send no more of it; then what others told meanwhile is seen, too."""
    session.execute(_CANCEL, {"id": broadcast_id})
    pending = session.execute(_PENDING_WEBHOOKS, {"id": broadcast_id, "webhook": WEBHOOK})
    webhooks.withdraw(session, [(row.account_id, f"notification:{row.id}") for row in pending])
    session.execute(_SKIP, {"id": broadcast_id, "reason": CANCELLED})


def _check(session: Session, draft: Draft) -> None:
    errors: dict[str, Sequence[str]] = {}
    try:
        topic = topic_named(draft.topic)
        if not topic.broadcast:
            open_ = [each.name for each in TOPICS.values() if each.broadcast]
            errors["topic"] = [f"Not for broadcasts; these are: {', '.join(open_)}."]
        for number, name in enumerate(draft.channels):
            check_channel(name, f"channels.{number}")
    except Invalid as error:
        errors |= error.errors
    if draft.user_ids is not None:
        whom = _whom(draft.user_ids, now(session))
        present = set(session.scalars(_PRESENT, whom))
        for number, account in enumerate(draft.user_ids):
            if account not in present:
                errors[f"audience.user_ids.{number}"] = ["There is no such person, or disabled."]
    if errors:
        path, reasons = next(iter(errors.items()))
        raise Invalid(f"{path}: {reasons[0]}", errors)


def _row(session: Session, broadcast_id: uuid.UUID) -> Any:
    row = session.execute(_FIND, {"id": broadcast_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no broadcast {broadcast_id}.")
    return row


def _message(broadcast: Any) -> Message:
    return Message(
        topic=topic_named(broadcast.topic),
        parameters={"title": broadcast.title, "body": broadcast.body},
        key=f"broadcast:{broadcast.id}",
        channels=broadcast.channels,
        broadcast_id=broadcast.id,
    )


def _whom(users: Sequence[uuid.UUID] | None, at: datetime) -> dict[str, Any]:
    return {"users": None if users is None else list(users), "at": at}
