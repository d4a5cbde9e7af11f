"""What ends is told: once to every endpoint that listens, in the transaction that ends it."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from kernel.ids import new_id
from services import webhooks
from services.batches.jobs import ConcludeBatch
from services.jobs.end import CANCELLED, EXPIRED, SUCCESS, end
from services.jobs.ended import Ended
from services.jobs.enqueue import Order, enqueue
from services.jobs.kinds import NOTIFICATIONS
from services.kinds import KINDS
from services.webhooks import deliveries, endpoints
from services.webhooks.events import STEMS
from tests.analyses.claiming import dispatch

URL = "https://hooks.example.com/in"


def _ended(owner: uuid.UUID, **more) -> Ended:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    fields = {
        "id": new_id(),
        "kind": "batches.conclude",
        "owner_id": owner,
        "state": "succeeded",
        "reason": None,
        "error": None,
        "created_at": now,
        "finished_at": now,
    }
    return Ended(**(fields | more))


def _batch(session, owner: uuid.UUID, **more) -> uuid.UUID:
    """A batch's own job."""
    job_id = new_id()
    payload = ConcludeBatch(batch_id=job_id)
    return enqueue(session, Order(payload=payload, owner=owner, actor="key:1", **more))


def _archived(session, owner: uuid.UUID, how=SUCCESS, **more) -> uuid.UUID:
    """One that has really ended, so that all listeners were called."""
    job_id = _batch(session, owner, **more)
    end(session, [job_id], how)
    return job_id


def _of(session, owner, endpoint):
    return deliveries.listing(session, owner, endpoint.id)


def test_every_endpoint_of_the_owner_that_listens_is_told_once(session, owner):
    everything = endpoints.create(session, owner, f"{URL}/1")
    batches = endpoints.create(session, owner, f"{URL}/2", ["batch.*"])
    analyses = endpoints.create(session, owner, f"{URL}/3", ["analysis.*"])
    others = endpoints.create(session, new_id(), f"{URL}/4")

    made = [
        webhooks.announce(session, owner, "batch.succeeded", {"id": "7"}, "key") for _ in range(2)
    ]

    assert made == [2, 0]
    assert [len(_of(session, owner, one)) for one in (everything, batches, analyses)] == [1, 1, 0]
    assert session.scalar(text("SELECT count(*) FROM webhook_deliveries")) == 2
    assert others.enabled


def test_a_disabled_endpoint_is_told_nothing(session, owner):
    made = endpoints.create(session, owner, URL)
    endpoints.change(session, owner, made.id, {"enabled": False})

    assert webhooks.announce(session, owner, "batch.succeeded", {}, "key") == 0


def test_a_delivery_is_a_job_in_the_lane_of_its_host(session, owner):
    endpoints.create(session, owner, "https://hooks.example.com:8443/in")
    webhooks.announce(session, owner, "batch.succeeded", {}, "key")

    job = session.execute(text("SELECT kind, queue, limit_key, owner_id FROM jobs")).one()
    assert tuple(job) == ("webhooks.deliver", "notifications", "hooks.example.com", owner)


def test_a_host_has_four_calls_at_once_and_holds_up_no_other(database, owner):
    with database.transaction() as session:
        for host in ("slow", "quick"):
            endpoints.create(session, owner, f"https://{host}.example.com/")
        for number in range(10):
            webhooks.announce(session, owner, "batch.succeeded", {}, f"key {number}")

    dispatched = {message.job_id for message in dispatch(database, NOTIFICATIONS, free=50)}

    with database.transaction() as session:
        lanes = session.execute(text("SELECT id, limit_key FROM jobs")).all()
    taken = Counter(lane for job_id, lane in lanes if job_id in dispatched)
    assert taken == {"slow.example.com": 4, "quick.example.com": 4}
    assert dispatch(database, NOTIFICATIONS, free=50) == []


@pytest.mark.parametrize(
    ("how", "event_type"),
    [(SUCCESS, "batch.succeeded"), (CANCELLED, "batch.cancelled"), (EXPIRED, "batch.failed")],
)
def test_the_end_of_a_batch_is_told_as_it_was(session, owner, how, event_type):
    endpoint = endpoints.create(session, owner, URL)
    job_id = _archived(session, owner, how, metadata={"order": "4711"})

    (delivery,) = _of(session, owner, endpoint)
    body = json.loads(delivery.body)
    assert body["type"] == delivery.type == event_type
    assert body["data"]["id"] == str(job_id)
    assert body["data"]["state"] == how.state
    assert body["data"]["error"] == how.error
    assert body["data"]["metadata"] == {"order": "4711"}
    assert body["data"]["links"]["result"] == f"/v1/batches/{job_id}"
    assert body["timestamp"] == body["data"]["finished_at"]


def test_a_delivery_goes_on_under_the_ids_of_the_request_that_it_tells_of(session, owner):
    endpoints.create(session, owner, URL)
    job_id = new_id()
    enqueue(
        session, Order(payload=ConcludeBatch(batch_id=job_id), id=job_id, owner=owner, actor="")
    )
    session.execute(text("UPDATE jobs SET correlation_id = 'request-1', traceparent = '00-a-b-01'"))
    end(session, [job_id], SUCCESS)

    told = session.execute(text("SELECT correlation_id, traceparent FROM jobs")).one()
    assert tuple(told) == ("request-1", "00-a-b-01")


def test_what_nobody_listens_to_makes_nothing(session, owner):
    endpoint = endpoints.create(session, owner, URL, ["analysis.*"])
    _archived(session, owner)

    assert _of(session, owner, endpoint) == []


def test_a_callback_is_told_of_its_job_alone_and_however_that_ends(session, owner):
    job_id = new_id()
    endpoints.call_back(session, owner, job_id, URL)
    (endpoint,) = endpoints.listing(session, owner)
    enqueue(
        session, Order(payload=ConcludeBatch(batch_id=job_id), id=job_id, owner=owner, actor="")
    )
    _archived(session, owner)
    assert _of(session, owner, endpoint) == []

    end(session, [job_id], CANCELLED)

    (delivery,) = _of(session, owner, endpoint)
    assert delivery.type == "batch.cancelled"
    assert session.scalar(text("SELECT count(*) FROM webhook_callbacks")) == 0


def test_an_endpoint_that_listens_and_is_named_is_told_once(session, owner):
    endpoint = endpoints.create(session, owner, URL)
    job_id = _batch(session, owner)
    endpoints.call_back(session, owner, job_id, URL)
    end(session, [job_id], SUCCESS)

    (delivery,) = _of(session, owner, endpoint)
    assert json.loads(delivery.body)["data"]["id"] == str(job_id)


def test_a_job_that_was_replayed_ends_again_and_that_is_news(session, owner):
    endpoint = endpoints.create(session, owner, URL)
    job_id = _archived(session, owner)
    again = _ended(owner, id=job_id, finished_at=datetime(2030, 1, 1, tzinfo=UTC))

    webhooks.tell_ended(session, [again])
    webhooks.tell_ended(session, [again])

    assert len(_of(session, owner, endpoint)) == 2


def test_jobs_of_several_owners_that_end_together_are_told_to_their_own_alone(session, owner):
    other = new_id()
    mine, theirs = endpoints.create(session, owner, URL), endpoints.create(session, other, URL)
    ids = {who: _archived(session, who) for who in (owner, other)}

    told = [_of(session, who, where) for who, where in ((owner, mine), (other, theirs))]

    assert [json.loads(one.body)["data"]["id"] for found in told for one in found] == [
        str(ids[owner]),
        str(ids[other]),
    ]


def test_a_ping_reaches_an_endpoint_that_listens_to_nothing(session, owner):
    endpoint = endpoints.create(session, owner, URL, [])

    delivery = webhooks.ping(session, owner, endpoint.id, "once")

    assert delivery.type == "webhook.ping"
    assert webhooks.ping(session, owner, endpoint.id, "once").id == delivery.id


def test_every_kind_that_is_told_of_is_one_and_tells():
    kinds = {kind.name: kind for kind in KINDS}
    assert {name for name in STEMS if kinds[name].tells} == set(STEMS)


def test_an_ended_job_of_no_concern_asks_the_database_nothing(session, owner):
    def unexpected(*_, **__):
        raise AssertionError("asked")

    quiet = replace(_ended(owner), kind="upkeep.retention")
    session.execute = unexpected
    webhooks.tell_ended(session, [quiet])
