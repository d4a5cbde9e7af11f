"""Ended: whoever wants to know that jobs have ended listens here.

A listener is called in the transaction that ends the jobs, with those whose kind says `tells`. So
what it writes stands if, and only if, they have ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A job that has ended: how, and why where not by success."""

    id: uuid.UUID
    kind: str
    owner_id: uuid.UUID
    state: str
    reason: str | None
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime


Listener = Callable[[Session, Sequence[Ended]], None]

_LISTENERS: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have *listener* called; returns it untouched. Twice is once."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)
    return listener


def tell(session: Session, ended: Sequence[Ended]) -> None:
    """Call every listener."""
    for listener in _LISTENERS:
        listener(session, ended)
