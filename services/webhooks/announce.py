"""Announce: what has happened becomes a delivery, and its job, for every endpoint that listens.

Always in the transaction of what happened, so that neither stands without the other.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import codec
from kernel.addresses import target_of
from kernel.errors import Conflict
from kernel.ids import new_id
from services.jobs.ended import Ended, listen
from services.jobs.enqueue import Order, enqueue_many
from services.webhooks import deliveries
from services.webhooks.events import PING, RESULTS, STEMS, listens
from services.webhooks.jobs import DELIVER, DeliverWebhook
from services.webhooks.models import Delivery

#: Who asked for the deliveries' jobs.
ACTOR = "webhooks"

# One round trip for all that ended together: most owners have no endpoint.
_LISTENERS = text("""
    WITH named AS (
        DELETE FROM webhook_callbacks WHERE job_id = ANY(:jobs) RETURNING job_id, endpoint_id
    )
    SELECT id, owner_id, url, events, now() AS at,
        ARRAY(SELECT job_id FROM named WHERE endpoint_id = webhook_endpoints.id) AS named
    FROM webhook_endpoints WHERE enabled AND owner_id = ANY(:owners)
""")
_ONE = text("""
    SELECT id, owner_id, url, enabled, now() AS at FROM webhook_endpoints
    WHERE id = :id AND owner_id = :owner
""")
_CAME_WITH = text("""
    SELECT id, metadata, correlation_id, traceparent FROM jobs_archive WHERE id = ANY(:jobs)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An event of one owner's. key: what makes it one: no endpoint is told the same twice."""

    owner: uuid.UUID
    type: str
    data: Mapping[str, Any]
    key: str


def announce(
    session: Session, owner: uuid.UUID, event_type: str, data: Mapping[str, Any], key: str
) -> int:
    """Have an event told to each endpoint of *owner* that listens to its type.

    key: what makes the event one: the same again is told to no endpoint twice. Answers how many
    deliveries were made.
    """
    found = session.execute(_LISTENERS, {"jobs": [], "owners": [owner]}).all()
    listening = [endpoint for endpoint in found if listens(endpoint.events, event_type)]
    return len(_deliver(session, listening, event_type, data, key))


def announce_many(session: Session, announcements: Sequence[Announcement]) -> list[int]:
    """The same for many events, in few statements; answers how many endpoints hear each.

    They are counted whether or not they had been told it before.
    """
    owners = list({each.owner for each in announcements})
    endpoints: defaultdict[uuid.UUID, list[Row[Any]]] = defaultdict(list)
    for endpoint in session.execute(_LISTENERS, {"jobs": [], "owners": owners}):
        endpoints[endpoint.owner_id].append(endpoint)
    told: list[_Told] = []
    heard = []
    for each in announcements:
        listening = [one for one in endpoints[each.owner] if listens(one.events, each.type)]
        heard.append(len(listening))
        told += [_told(endpoint, each.type, each.data, each.key) for endpoint in listening]
    _insert(session, told)
    return heard


def ping(
    session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID, key: str
) -> deliveries.Delivery:
    """Have a test event delivered to one endpoint, once for each *key*.

    Raises NotFound, or Conflict where the endpoint is disabled.
    """
    endpoint = session.execute(_ONE, {"id": endpoint_id, "owner": owner}).one_or_none()
    if endpoint is None:
        raise deliveries.unknown_endpoint(endpoint_id)
    if not endpoint.enabled:
        raise Conflict("The endpoint is disabled: enable it first.")
    key = f"ping:{key}"
    _deliver(session, [endpoint], PING, {"endpoint_id": str(endpoint_id)}, key)
    return deliveries.keyed(session, owner, endpoint_id, key)


@listen
def tell_ended(session: Session, ended: Sequence[Ended]) -> None:
    """Jobs have ended: tell whoever listens, and close the deliveries whose own jobs they were."""
    deliveries.close(
        session, [job.id for job in ended if job.kind == DELIVER.name and job.state != "succeeded"]
    )
    jobs = [job for job in ended if job.kind in STEMS]
    if not jobs:
        return
    parameters = {"jobs": [job.id for job in jobs], "owners": list({job.owner_id for job in jobs})}
    endpoints = session.execute(_LISTENERS, parameters).all()
    heard = [(job, listening) for job in jobs if (listening := _who_hears(job, endpoints))]
    if not heard:
        return
    came_with = {
        row.id: row
        for row in session.execute(_CAME_WITH, {"jobs": [job.id for job, _ in heard]}).all()
    }
    for job, listening in heard:
        row = came_with[job.id]
        # The delivery's job carries the ids of the request that this one came with.
        with structlog.contextvars.bound_contextvars(
            request_id=row.correlation_id, traceparent=row.traceparent
        ):
            # A job that was replayed ends again, and that is news.
            key = f"{job.id}:{job.finished_at.isoformat()}"
            data = _job_data(job, row.metadata)
            _deliver(session, listening, _type_of(job), data, key, at=job.finished_at)


def _who_hears(job: Ended, endpoints: Sequence[Row[Any]]) -> list[Row[Any]]:
    return [
        endpoint
        for endpoint in endpoints
        if endpoint.owner_id == job.owner_id
        and (job.id in endpoint.named or listens(endpoint.events, _type_of(job)))
    ]


def _type_of(job: Ended) -> str:
    return f"{STEMS[job.kind]}.{job.state}"


def _job_data(job: Ended, metadata: dict[str, str]) -> dict[str, Any]:
    """The end of a job, as receivers see it. The result itself is fetched where the links say."""
    document = asdict(job)
    del document["owner_id"]
    links = {
        "job": f"/v1/jobs/{job.id}",
        "result": RESULTS[STEMS[job.kind]].format(job.id),
    }
    return document | {"metadata": metadata, "links": links}


def _deliver(
    session: Session,
    endpoints: Iterable[Row[Any]],
    event_type: str,
    data: Mapping[str, Any],
    key: str,
    at: datetime | None = None,
) -> list[uuid.UUID]:
    """Insert a delivery and its job for each endpoint that has none under *key*; their ids."""
    return _insert(session, [_told(endpoint, event_type, data, key, at) for endpoint in endpoints])


#: A delivery's row, and the order for its job.
_Told = tuple[dict[str, Any], Order]


def _told(
    endpoint: Row[Any],
    event_type: str,
    data: Mapping[str, Any],
    key: str,
    at: datetime | None = None,
) -> _Told:
    delivery_id = new_id()
    order = Order(
        payload=DeliverWebhook(delivery_id=delivery_id),
        owner=endpoint.owner_id,
        actor=ACTOR,
        limit_key=target_of(endpoint.url, loopback=True).host,
    )
    message = {"type": event_type, "timestamp": at or endpoint.at, "data": data}
    row = {
        "id": delivery_id,
        "owner_id": endpoint.owner_id,
        "endpoint_id": endpoint.id,
        "key": key,
        "type": event_type,
        "body": codec.dumps(message).decode(),
        "job_id": order.id,
    }
    return row, order


def _insert(session: Session, told: Sequence[_Told]) -> list[uuid.UUID]:
    """Insert the deliveries that are new under their keys, and their jobs; their ids."""
    if not told:
        return []
    rows = [row for row, _ in told]
    made = session.scalars(
        insert(Delivery).values(rows).on_conflict_do_nothing().returning(Delivery.id)
    ).all()
    if made:
        orders = {row["id"]: order for row, order in told}
        enqueue_many(session, [orders[delivery_id] for delivery_id in made])
    return list(made)
