"""`callback_url`: where the end of one job is told, given with its submission."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from kernel.addresses import target_of
from kernel.errors import Invalid
from services import webhooks
from services.accounts.keys import Caller
from web.context import platform


def take_callback(body: Any) -> tuple[Any, str | None]:
    """The body without its `callback_url`, and that. Raises Invalid for one that is none."""
    if not isinstance(body, dict) or "callback_url" not in body:
        return body, None
    rest = {name: value for name, value in body.items() if name != "callback_url"}
    return rest, check_callback(body["callback_url"])


def check_callback(given: Any) -> str:
    """The URL. Raises Invalid where it cannot be called."""
    if not isinstance(given, str):
        raise _invalid(["Must be a text."])
    try:
        target_of(given, loopback=platform().settings.outbound_loopback)
    except Invalid as error:
        raise _invalid(error.errors["url"]) from None
    return given


def call_back(session: Session, caller: Caller, job_id: uuid.UUID, url: str | None) -> uuid.UUID:
    """Have the end of a job told to *url*, where there is one; answers the job's id."""
    if url is not None:
        loopback = platform().settings.outbound_loopback
        webhooks.call_back(session, caller.account_id, job_id, url, loopback=loopback)
    return job_id


def _invalid(reasons: list[str]) -> Invalid:
    return Invalid(f"callback_url: {reasons[0]}", {"callback_url": reasons})
