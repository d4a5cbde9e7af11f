"""A kind of job: one value from which queues, routes, limits, tasks and documentation derive.

A kind is declared once, in its capability's `jobs.py`, beside its payload: a frozen dataclass of
plain JSON types. `services/kinds.py` lists them all.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from services.jobs.retry import Permanent, Retries

#: The queues, and what waits in each. A worker that consumes one is named in supervisord.conf.
INTERACTIVE = "nutrition.interactive"  # a person waits
BULK = "nutrition.bulk"  # batch chunks
NOTIFICATIONS = "notifications"  # calls to the outside, in threads
MAINTENANCE = "maintenance"  # partitions, retention, joins
ANALYTICS = "analytics"  # events, rollups, exports
BACKUPS = "backups"  # dumps, restores, drills: long, one at a time
CACHE = "cache"  # warming

P = TypeVar("P")
#: From a payload of one version to that of the next. Pure, and never changed once released.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class NewerPayload(Exception):
    """The payload was written by a newer release; a worker of that release must take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[P]):
    """One kind of job.

    name: what clients, operators and Flower see. version: of the payload's form.
    upcasters: from an older version to a function that makes its payload one of the next.
    oldest: the oldest version that says all of a payload, by default the present one. A payload is
    written in that, so that workers of the release before take what did not change for them.
    soft_limit, hard_limit: seconds until the handler is interrupted, and until its process is
    killed.
    group: jobs that one message may carry under backlog; above 1 the handler is one of small jobs
    without outside effects (`worker.handlers.handles_small`).
    per_key: jobs with one limit key in the broker and at work at once, whoever owns them.
    tells: its end is told to those who listen (`services/jobs/ended.py`).
    """

    name: str
    payload: type[P]
    queue: str
    retry: Retries
    version: int = 1
    soft_limit: float = 30
    hard_limit: float = 45
    group: int = 1
    per_key: int | None = None
    tells: bool = False
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    oldest: Callable[[P], int] | None = None

    def __post_init__(self) -> None:
        if self.hard_limit <= self.soft_limit:
            raise ValueError(
                f"{self.name}: hard_limit ({self.hard_limit} s) must exceed soft_limit "
                f"({self.soft_limit} s), or the handler is killed before it can stop"
            )
        missing = sorted(set(range(1, self.version)) - set(self.upcasters))
        if missing:
            raise ValueError(
                f"{self.name} is at version {self.version} and has no upcaster from {missing}: "
                "jobs that an older release accepted could not be read"
            )
        if self.name in _BY_NAME or self.payload in _BY_PAYLOAD:
            raise ValueError(f"{self.name} or its payload {self.payload.__name__} is taken")
        _BY_NAME[self.name] = self
        _BY_PAYLOAD[self.payload] = self

    def written(self, payload: P) -> dict[str, Any]:
        """The payload as it is stored, and what a worker needs to read it."""
        return {
            "kind": self.name,
            "version": self.version if self.oldest is None else self.oldest(payload),
            "queue": self.queue,
            "payload": msgspec.to_builtins(payload),
        }

    def decode(self, payload: dict[str, Any], version: int) -> P:
        """The payload as its class. Raises NewerPayload, or Permanent where it does not fit."""
        if version > self.version:
            raise NewerPayload(f"{self.name} v{version}; this release reads v{self.version}")
        for old in range(version, self.version):
            payload = self.upcasters[old](payload)
        try:
            return msgspec.convert(payload, self.payload)
        except msgspec.ValidationError as error:
            raise Permanent(f"The payload of {self.name} does not fit: {error}") from error


_BY_NAME: dict[str, Kind[Any]] = {}
_BY_PAYLOAD: dict[type, Kind[Any]] = {}


def kind_named(name: str) -> Kind[Any]:
    """The kind of that name. Raises LookupError with the nearest names."""
    try:
        return _BY_NAME[name]
    except KeyError:
        near = difflib.get_close_matches(name, _BY_NAME) or sorted(_BY_NAME)
        raise LookupError(f"No kind {name!r}. Did you mean {', '.join(near)}?") from None


def kind_of(payload: object) -> Kind[Any]:
    """The kind whose payload *payload* is. Raises LookupError for an object that is none."""
    return kind_with(type(payload))


def kind_with(payload: type) -> Kind[Any]:
    """The kind with that payload class. Raises LookupError for a class that is none."""
    try:
        return _BY_PAYLOAD[payload]
    except KeyError:
        raise LookupError(f"{payload.__name__} is no payload of a job kind") from None


def all_kinds() -> tuple[Kind[Any], ...]:
    """Every kind declared by the modules imported so far, by name (see `services/kinds.py`)."""
    return tuple(_BY_NAME[name] for name in sorted(_BY_NAME))
