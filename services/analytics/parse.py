"""What may be sent as an event: the rules of POST /v1/events. Pure.

The limits are named here so that the HTTP schema states the same.
"""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kernel import codec
from kernel.errors import Invalid

#: Events of one request.
EVENTS = 1_000
#: What an event can be called: it is a column of reports, not a place for data.
NAME = r"^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$"
_NAME = re.compile(NAME[:-1] + r"\Z")
#: RFC 3339, with seconds and an offset.
TIME = r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
_TIME = re.compile(TIME[:-1] + r"\Z", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.IGNORECASE)
#: Entries of an event's properties, bytes of their JSON, and objects and lists in one another.
PROPERTIES = 50
BYTES = 4_096
DEPTH = 4

FIELDS = ("id", "name", "time", "properties")
#: Reasons that one answer names: a thousand bad events have as many, and the first few suffice.
REASONS = 50

Errors = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Event:
    """A valid event. index: its place in the request."""

    index: int
    id: uuid.UUID
    name: str
    time: datetime
    properties: Mapping[str, Any]


def parse_events(body: object) -> list[Event]:
    """The events that *body*, decoded JSON, carries; of those with one id, the first.

    Raises Invalid with what is wrong by path (``events.3.time``): then none of them counts.
    """
    if not isinstance(body, Mapping):
        raise Invalid("Events come as an object: {events: [{id, name, time, properties}]}.")
    errors: Errors = {}
    _unknown(body, ("events",), "", errors)
    given = body.get("events")
    if not isinstance(given, list) or not 1 <= len(given) <= EVENTS:
        number = f"; it has {len(given)}" if isinstance(given, list) else ""
        errors["events"] = [f"Must be a list of 1 to {EVENTS:,} events{number}."]
        given = []
    found: dict[uuid.UUID, Event] = {}
    for index, entry in enumerate(given):
        event = _event(entry, index, errors)
        if event is not None:
            found.setdefault(event.id, event)
    if errors:
        raise refusal(errors)
    return list(found.values())


def refusal(errors: Errors) -> Invalid:
    """The error that names what is wrong, the first of it in words."""
    path, reasons = next(iter(errors.items()))
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Invalid(f"{path}: {reasons[0]}{more}", dict(list(errors.items())[:REASONS]))


def _event(entry: object, index: int, errors: Errors) -> Event | None:
    path, before = f"events.{index}", len(errors)
    if not isinstance(entry, Mapping):
        errors[path] = ["Must be an object with id, name and time."]
        return None
    _unknown(entry, FIELDS, f"{path}.", errors)
    event_id, name, time = entry.get("id"), entry.get("name"), entry.get("time")
    if not isinstance(event_id, str) or not _ID.match(event_id):
        errors[f"{path}.id"] = ["Must be a UUID of your own making, the same if it is sent again."]
    if not isinstance(name, str) or not _NAME.match(name):
        errors[f"{path}.name"] = [f"Must be a name of up to 64 characters that matches {NAME}."]
    moment = _moment(time)
    if moment is None:
        errors[f"{path}.time"] = ["Must be a time with its offset, such as 2026-11-24T20:15:00Z."]
    properties = entry.get("properties", {})
    if (reason := _unfit(properties)) is not None:
        errors[f"{path}.properties"] = [reason]
    if len(errors) > before:
        return None
    assert moment is not None
    return Event(index, uuid.UUID(event_id), str(name), moment, properties)


def _moment(time: object) -> datetime | None:
    if not isinstance(time, str) or not _TIME.match(time):
        return None
    try:
        # Digits beyond microseconds are more than we keep.
        cut = re.sub(r"(\.\d{6})\d+", r"\1", time.upper())
        return datetime.fromisoformat(cut).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _unfit(properties: object) -> str | None:
    """Why something cannot be an event's properties."""
    if not isinstance(properties, Mapping):
        return "Must be an object."
    if not properties:
        return None
    if len(properties) > PROPERTIES:
        return f"Must have at most {PROPERTIES} entries; it has {len(properties)}."
    if _depth(properties) > DEPTH:
        return f"Must not have objects and lists more than {DEPTH} deep."
    written = codec.dumps(properties)
    if len(written) > BYTES:
        return f"Must have at most {BYTES:,} bytes of JSON; it has {len(written):,}."
    if b"\\u0000" in written and _has_nul(properties):
        return "Must not contain NUL characters."  # PostgreSQL stores none
    return None


def _depth(value: object) -> int:
    """Objects and lists within one another; web has bounded it already."""
    if isinstance(value, Mapping):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_has_nul, value))


def _unknown(given: Mapping[Any, Any], known: tuple[str, ...], prefix: str, errors: Errors) -> None:
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            errors[f"{prefix}{str(name)[:40]}"] = [f"Unknown field.{hint}"]
