"""Topics: what people are told about, in code. Each says in what words, to whom and by which way.

A channel of a mandatory topic's own cannot be muted. What is not named here does not exist.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from services.notifications.channels import CHANNELS, EMAIL, INBOX, STREAM, WEBHOOK


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: one line, plain text, and the path in the API of what it is about."""

    title: str
    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing that people are told about.

    channels: by which it goes where a person has said nothing else. mandatory: these cannot be
    muted. broadcast: administrators may write on it. words: of the parameters that it came with.
    """

    name: str
    about: str
    channels: tuple[str, ...]
    words: Callable[[Mapping[str, Any]], Words]
    mandatory: bool = False
    broadcast: bool = False

    def must(self, channel: str) -> bool:
        """True where nobody can mute it there."""
        return self.mandatory and channel in self.channels


def _batch(parameters: Mapping[str, Any]) -> Words:
    path = f"/v1/batches/{parameters['job_id']}"
    counts = parameters.get("result") or {}
    if parameters["state"] != "succeeded":
        return Words(
            "A batch failed", f"It ended as {parameters['state']}. {_why(parameters)}", path
        )
    recipes, good, bad = (counts.get(name, 0) for name in ("recipes", "succeeded", "failed"))
    text = f"{recipes:,} recipes: {good:,} analysed, {bad:,} could not be."
    return Words("A batch has finished", text, path)


def _export(parameters: Mapping[str, Any]) -> Words:
    if parameters["state"] == "succeeded":
        path = f"/v1/me/exports/{parameters['job_id']}/archive"
        return Words("Your data is ready", "The archive that you asked for can be fetched.", path)
    return Words(
        "Your data could not be gathered",
        f"The archive that you asked for was not made. {_why(parameters)} Please ask again.",
        f"/v1/jobs/{parameters['job_id']}",
    )


def _backup(parameters: Mapping[str, Any]) -> Words:
    what = "A restore test" if parameters["kind"] == "backups.drill" else "A backup"
    return Words(
        f"{what} failed",
        f"{what} ended as {parameters['state']}. {_why(parameters)} "
        "Until one succeeds, the newest good backup grows older.",
        f"/v1/admin/dead-jobs/{parameters['job_id']}",
    )


def _written(parameters: Mapping[str, Any]) -> Words:
    """An administrator's own words."""
    return Words(parameters["title"], parameters["body"])


def _why(parameters: Mapping[str, Any]) -> str:
    said = (parameters.get("error") or {}).get("message")
    return said if said else "Nothing more is known."


BATCH_FINISHED = Topic(
    name="batch.finished",
    about="A batch of recipes has ended.",
    channels=(INBOX, STREAM),
    words=_batch,
)
EXPORT_READY = Topic(
    name="export.ready",
    about="An archive of one's own data can be fetched, or could not be made.",
    channels=(INBOX, STREAM, EMAIL),
    words=_export,
)
BACKUP_FAILED = Topic(
    name="backup.failed",
    about="A backup or a restore test failed. Operators and administrators alone are told.",
    channels=(INBOX, STREAM, EMAIL),
    words=_backup,
    mandatory=True,
)
ANNOUNCEMENT = Topic(
    name="announcement",
    about="News of the platform.",
    channels=(INBOX, STREAM, EMAIL, WEBHOOK),
    words=_written,
    broadcast=True,
)
SERVICE_NOTICE = Topic(
    name="service.notice",
    about="What everybody must know: security, terms, an end of service.",
    channels=(INBOX, EMAIL),
    words=_written,
    mandatory=True,
    broadcast=True,
)

#: Every topic, by name.
TOPICS = {
    topic.name: topic
    for topic in (BATCH_FINISHED, EXPORT_READY, BACKUP_FAILED, ANNOUNCEMENT, SERVICE_NOTICE)
}


def topic_named(name: str, field: str = "topic") -> Topic:
    """The topic. Raises Invalid for none, naming the nearest; field: which one named it."""
    if name not in TOPICS:
        near = difflib.get_close_matches(name, TOPICS, 1) or list(TOPICS)
        raise Invalid(
            f"There is no topic {name[:80]!r}.", {field: [f"Did you mean {', '.join(near)}?"]}
        )
    return TOPICS[name]


def check_channel(name: str, field: str) -> str:
    """The channel's name. Raises Invalid for none."""
    if name not in CHANNELS:
        raise Invalid(
            f"There is no channel {name[:80]!r}.", {field: [f"One of {', '.join(CHANNELS)}."]}
        )
    return name
