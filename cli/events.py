"""A job's events as they happen: server-sent events that survive a broken connection.

Every event has a number; a new connection names the last one seen, and the platform replays from
there: none is missed, none is seen twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from cli.api import BUSY, LONGEST, Api, retry_after, unreachable
from cli.problems import refusal

FINAL = frozenset({"succeeded", "failed", "dead", "cancelled"})
#: Failed connections in a row before the platform counts as gone: about two minutes.
TRIES = 14
FIRST, CAP = 0.5, 15.0
#: The platform sends a comment every 15 s; silence for three of them is a dead connection.
SILENCE = httpx2.Timeout(45, connect=5)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One event: id is its number as text; name is a state, `progress` or `cancelling`."""

    id: str
    name: str
    data: dict[str, Any] = field(default_factory=dict)


def follow(api: Api, job_id: str) -> Iterator[JobEvent]:
    """The job's events from its first to its final one.

    Where the platform grants no stream, the job itself is asked now and then. Raises CommandFailed
    where the job is unknown, the key is refused, or the platform stays away.
    """
    place = _Place()
    failed = 0
    while not place.ended:
        try:
            for event in _connection(api, job_id, place):
                failed = 0
                yield event
                place.ended = place.ended or event.name in FINAL
        except httpx2.TransportError as error:
            failed += 1
            if failed >= TRIES:
                raise unreachable(api.url, error) from None
        else:
            failed = 0
        if not place.ended:
            api.sleep(max(place.pause, min(FIRST * 2**failed, CAP)))


@dataclass(slots=True)
class _Place:
    """Where a follower is: the last event's number, the pause it was asked for, and the end."""

    last: str = ""
    pause: float = 0.0
    ended: bool = False


def _connection(api: Api, job_id: str, place: _Place) -> Iterator[JobEvent]:
    """What one connection brings, until it ends; *place* is kept up to date."""
    headers = {"Last-Event-ID": place.last} if place.last else {}
    path = f"/v1/jobs/{job_id}/events"
    with api.client.sse(path, headers=headers, timeout=SILENCE) as source:
        response = source.response
        place.pause = retry_after(response)
        if response.status_code == 204:  # nothing comes after what was seen
            place.ended = True
        elif response.status_code in BUSY:
            yield _asked(api, job_id)
        elif response.status_code != 200:
            response.read()
            raise refusal(response)
        else:
            for message in source:
                place.last = message.id or place.last
                if message.retry is not None:
                    place.pause = min(message.retry / 1000, LONGEST)
                if message.data:
                    yield JobEvent(message.id, message.event, _data(message))


def _asked(api: Api, job_id: str) -> JobEvent:
    job = api.get(f"/v1/jobs/{job_id}")
    if job["state"] in FINAL or not job.get("progress"):
        return JobEvent("", job["state"])
    return JobEvent("", "progress", job["progress"])


def _data(message: httpx2.ServerSentEvent) -> dict[str, Any]:
    try:
        data = message.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
