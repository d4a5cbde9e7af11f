"""Preferences: what an account wants to hear of, and by which way; else the topic says."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Invalid
from services.notifications.channels import CHANNELS
from services.notifications.topics import TOPICS, Topic, check_channel, topic_named

#: By topic and channel: whether it is wanted.
Wishes = dict[str, dict[str, bool]]

_OF_TOPIC = text("""
    SELECT account_id, channel, wanted FROM notification_preferences
    WHERE account_id = ANY(CAST(:accounts AS uuid[])) AND topic = :topic
""")
_ALL = text("""
    SELECT topic, channel, wanted FROM notification_preferences WHERE account_id = :account
""")
_FORGET = text("DELETE FROM notification_preferences WHERE account_id = :account")
_SET = text("""
    INSERT INTO notification_preferences (account_id, topic, channel, wanted)
    SELECT :account, * FROM unnest(
        CAST(:topics AS text[]), CAST(:channels AS text[]), CAST(:wanted AS boolean[]))
    ON CONFLICT (account_id, topic, channel)
        DO UPDATE SET wanted = excluded.wanted, changed_at = now()
""")


def of_topic(
    session: Session, topic: Topic, accounts: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[str, bool]]:
    """By account and channel, what each has said on *topic*."""
    found: dict[uuid.UUID, dict[str, bool]] = {}
    rows = session.execute(_OF_TOPIC, {"accounts": list(accounts), "topic": topic.name})
    for row in rows:
        found.setdefault(row.account_id, {})[row.channel] = row.wanted
    return found


def standing(session: Session, account: uuid.UUID) -> Wishes:
    """What holds for *account*: every topic and channel."""
    said = {(row.topic, row.channel): row.wanted for row in _said(session, account)}
    return {
        topic.name: {
            channel: topic.must(channel)
            or said.get((topic.name, channel), channel in topic.channels)
            for channel in CHANNELS
        }
        for topic in TOPICS.values()
    }


def mandatory() -> dict[str, list[str]]:
    """By topic, the channels that cannot be muted, where there are any."""
    return {topic.name: list(topic.channels) for topic in TOPICS.values() if topic.mandatory}


def put(session: Session, account: uuid.UUID, wishes: Mapping[str, Mapping[str, bool]]) -> Wishes:
    """Have exactly these hold; where nothing is said, the topic's own way. Answers what holds.

    Raises Invalid, by field, for what does not exist and for what must be heard.
    """
    errors: dict[str, Sequence[str]] = {}
    for topic_name, channels in wishes.items():
        path = f"preferences.{topic_name[:80]}"
        try:
            topic = topic_named(topic_name, path)
            for channel, wanted in channels.items():
                check_channel(channel, f"{path}.{channel[:80]}")
                if topic.must(channel) and not wanted:
                    errors[f"{path}.{channel}"] = ["It is mandatory, and cannot be muted."]
        except Invalid as error:
            errors |= error.errors
    if errors:
        path, reasons = next(iter(errors.items()))
        raise Invalid(f"{path}: {reasons[0]}", errors)
    session.execute(_FORGET, {"account": account})
    _set(session, account, wishes)
    return standing(session, account)


def mute(session: Session, account: uuid.UUID, topic_name: str, channel: str) -> None:
    """Have *account* hear no more of a topic through a channel. Again is the same.

    Raises Invalid where there is no such topic or channel, Conflict where it is mandatory.
    """
    topic = topic_named(topic_name)
    check_channel(channel, "channel")
    if topic.must(channel):
        raise Conflict(f"{topic.name} is mandatory, and cannot be muted.")
    _set(session, account, {topic.name: {channel: False}})


def _said(session: Session, account: uuid.UUID) -> Sequence[Any]:
    return session.execute(_ALL, {"account": account}).all()


def _set(session: Session, account: uuid.UUID, wishes: Mapping[str, Mapping[str, bool]]) -> None:
    said = [
        (topic, channel, wanted)
        for topic, channels in wishes.items()
        for channel, wanted in channels.items()
    ]
    if said:
        topics, channels, wanted = map(list, zip(*said, strict=True))
        session.execute(
            _SET, {"account": account, "topics": topics, "channels": channels, "wanted": wanted}
        )
