"""Endpoints: made, read, changed and removed by their owner, and named by jobs that call back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.addresses import target_of
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from services.webhooks.events import check_patterns
from services.webhooks.models import Callback
from services.webhooks.models import Endpoint as EndpointRow
from services.webhooks.signing import new_secret

#: Endpoints of one owner.
MOST = 100
#: How long the secret that was replaced signs too.
OVERLAP = timedelta(hours=24)
_AFTER_ALL = uuid.UUID(int=2**128 - 1)

_ENDPOINTS = cast(Table, EndpointRow.__table__)
_SEEN = [
    _ENDPOINTS.c[name]
    for name in (
        "id",
        "url",
        "description",
        "events",
        "enabled",
        "disabled_reason",
        "failing_since",
        "previous_until",
        "created_at",
    )
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint as its owner sees it; see `services.webhooks.models.Endpoint`."""

    id: uuid.UUID
    url: str
    description: str
    events: list[str]
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What verifies an endpoint's messages now, and until when the one before does too."""

    secret: str
    previous_until: datetime | None


def create(
    session: Session,
    owner: uuid.UUID,
    url: str,
    events: Sequence[str] = ("*",),
    *,
    description: str = "",
    loopback: bool = False,
) -> Endpoint:
    """A new endpoint, with a new secret. loopback: its URL may lead to this machine.

    Raises Invalid for a URL that cannot be called or an unknown event type, Conflict where the
    owner has one with this URL, or has MOST of them.
    """
    target_of(url, loopback=loopback)
    made = _insert(session, owner, url, check_patterns(events), description)
    if made is None:
        raise Conflict(f"There is an endpoint with this URL already: change it. {url}")
    return made


def find(session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID) -> Endpoint:
    """The owner's endpoint. Raises NotFound."""
    row = session.execute(select(*_SEEN).where(*_one(owner, endpoint_id))).mappings().one_or_none()
    if row is None:
        raise _unknown(endpoint_id)
    return Endpoint(**row)


def listing(
    session: Session, owner: uuid.UUID, *, before: uuid.UUID | None = None, limit: int = 50
) -> list[Endpoint]:
    """The owner's endpoints, newest first: those older than *before*, at most *limit*."""
    rows = session.execute(
        select(*_SEEN)
        .where(_ENDPOINTS.c.owner_id == owner, _ENDPOINTS.c.id < (before or _AFTER_ALL))
        .order_by(_ENDPOINTS.c.id.desc())
        .limit(limit)
    ).mappings()
    return [Endpoint(**row) for row in rows]


def change(
    session: Session,
    owner: uuid.UUID,
    endpoint_id: uuid.UUID,
    changes: dict[str, Any],
    *,
    loopback: bool = False,
) -> Endpoint:
    """Set any of `url`, `events`, `description`, `enabled`. To enable one forgives its failures.

    Raises NotFound, Invalid, or Conflict where another has this URL.
    """
    values = dict(changes)
    if "url" in values:
        target_of(values["url"], loopback=loopback)
    if "events" in values:
        values["events"] = check_patterns(values["events"])
    if "enabled" in values:
        values |= {"disabled_reason": None if values["enabled"] else "asked"}
        values |= {"failing_since": None, "hold_until": None}
    if not values:
        return find(session, owner, endpoint_id)
    try:
        with session.begin_nested():
            row = (
                session.execute(
                    update(_ENDPOINTS)
                    .where(*_one(owner, endpoint_id))
                    .values(**values)
                    .returning(*_SEEN)
                )
                .mappings()
                .one_or_none()
            )
    except IntegrityError as error:
        raise Conflict("Another of your endpoints has this URL.") from error
    if row is None:
        raise _unknown(endpoint_id)
    return Endpoint(**row)


def remove(session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID) -> None:
    """Delete an endpoint and its deliveries; what waits is not delivered. Raises NotFound."""
    gone = session.scalar(
        delete(_ENDPOINTS).where(*_one(owner, endpoint_id)).returning(_ENDPOINTS.c.id)
    )
    if gone is None:
        raise _unknown(endpoint_id)


def secret_of(session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID) -> Secret:
    """The endpoint's secret. Raises NotFound."""
    row = session.execute(
        select(_ENDPOINTS.c.secret, _ENDPOINTS.c.previous_until).where(*_one(owner, endpoint_id))
    ).one_or_none()
    if row is None:
        raise _unknown(endpoint_id)
    return Secret(secret=row.secret, previous_until=row.previous_until)


def rotate(session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID) -> Secret:
    """Give the endpoint a new secret. The old one signs too for OVERLAP, and no older one does.

    Raises NotFound.
    """
    row = session.execute(
        update(_ENDPOINTS)
        .where(*_one(owner, endpoint_id))
        .values(
            secret=new_secret(),
            previous_secret=_ENDPOINTS.c.secret,
            previous_until=func.now() + OVERLAP,
        )
        .returning(_ENDPOINTS.c.secret, _ENDPOINTS.c.previous_until)
    ).one_or_none()
    if row is None:
        raise _unknown(endpoint_id)
    return Secret(secret=row.secret, previous_until=row.previous_until)


_NAMED = text("SELECT id, enabled FROM webhook_endpoints WHERE owner_id = :owner AND url = :url")


def call_back(
    session: Session, owner: uuid.UUID, job_id: uuid.UUID, url: str, *, loopback: bool = False
) -> None:
    """Have the end of a job told to *url*, in the transaction that makes the job.

    Where the owner has no endpoint with this URL, one is made that is called only when it is named.
    Raises Invalid for a URL that cannot be called, Conflict where its endpoint is disabled.
    """
    target_of(url, loopback=loopback)
    named = session.execute(_NAMED, {"owner": owner, "url": url}).one_or_none()
    if named is None:
        _insert(session, owner, url, [], "Made for a callback_url.")
        # Ours, or that of a request which was faster.
        named = session.execute(_NAMED, {"owner": owner, "url": url}).one()
    if not named.enabled:
        raise Conflict(f"The webhook endpoint {named.id} with this callback_url is disabled.")
    session.execute(insert(Callback).values(job_id=job_id, endpoint_id=named.id))


def _insert(
    session: Session, owner: uuid.UUID, url: str, events: list[str], description: str
) -> Endpoint | None:
    """A new row; None where the owner has one with this URL."""
    held = session.scalar(
        select(func.count()).select_from(_ENDPOINTS).where(_ENDPOINTS.c.owner_id == owner)
    )
    if held is not None and held >= MOST:
        raise Conflict(f"There are {held} endpoints already, and no account has more than {MOST}.")
    row = (
        session.execute(
            insert(_ENDPOINTS)
            .values(
                id=new_id(),
                owner_id=owner,
                url=url,
                events=events,
                description=description,
                secret=new_secret(),
            )
            .on_conflict_do_nothing(index_elements=["owner_id", "url"])
            .returning(*_SEEN)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Endpoint(**row)


def _one(owner: uuid.UUID, endpoint_id: uuid.UUID) -> tuple[Any, ...]:
    return _ENDPOINTS.c.id == endpoint_id, _ENDPOINTS.c.owner_id == owner


def _unknown(endpoint_id: uuid.UUID) -> NotFound:
    return NotFound(f"There is no webhook endpoint {endpoint_id}.")
