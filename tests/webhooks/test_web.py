"""Webhooks over HTTP: made, changed, pinged, looked into; and jobs that name where to call back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.settings import Settings
from services.jobs.cancel import cancel
from tests.web.client import PANCAKES, Caller
from web.app import create_app

URL = "https://hooks.example.com/in"
NDJSON = {"Content-Type": "application/x-ndjson"}


def _made(caller: Caller, **more) -> dict:
    answer = caller.post("/v1/webhooks", json={"url": URL} | more)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_an_endpoint_is_made_shown_and_listed(caller):
    answer = caller.post("/v1/webhooks", json={"url": URL, "events": ["batch.*"]})

    assert answer.status_code == 201
    made = answer.json
    assert made["secret"].startswith("whsec_")
    assert answer.headers["Location"] == made["links"]["self"]
    shown = caller.get(made["links"]["self"]).json
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert caller.get("/v1/webhooks").json == {"items": [shown], "next": None}
    assert caller.get(made["links"]["secret"]).json["secret"] == made["secret"]


def test_an_etag_spares_an_answer(caller):
    here = _made(caller)["links"]["self"]
    tag = caller.get(here).headers["ETag"]

    assert caller.get(here, headers={"If-None-Match": tag}).status_code == 304


def test_a_request_that_is_repeated_makes_one_endpoint(caller):
    key = {"Idempotency-Key": "once"}
    first = caller.post("/v1/webhooks", json={"url": URL}, headers=key)
    again = caller.post("/v1/webhooks", json={"url": URL}, headers=key)

    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert caller.post("/v1/webhooks", json={"url": URL}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": None}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": "http://user:secret@example.com/"}, "url"),
        ({"url": URL, "events": ["batch.exploded"]}, "events.0"),
        ({"url": URL, "events": "*"}, "events"),
        ({"url": URL, "description": "x" * 201}, "description"),
        ({"url": URL, "description": "\0"}, "description"),
        ({"url": URL, "evnts": []}, "evnts"),
        ({"url": URL, "enabled": False}, "enabled"),
        ([], "body"),
    ],
)
def test_a_bad_endpoint_is_refused_with_field_and_reason(caller, body, field):
    answer = caller.post("/v1/webhooks", json=body)

    assert answer.status_code == 422
    assert answer.json["errors"][field][0]
    assert caller.get("/v1/webhooks").json["items"] == []


def test_an_endpoint_is_changed_and_only_as_told(caller):
    here = _made(caller, description="Ours")["links"]["self"]

    changed = caller.send("PATCH", here, json={"enabled": False})

    assert changed.status_code == 200
    assert (changed.json["enabled"], changed.json["disabled_reason"]) == (False, "asked")
    assert changed.json["description"] == "Ours"
    assert caller.send("PATCH", here, json={"enabled": 1}).status_code == 422
    assert caller.send("PATCH", here, json={"url": "http://10.0.0.1/"}).status_code == 422


def test_a_secret_is_replaced(caller):
    made = _made(caller)
    new = caller.post(f"{made['links']['self']}/rotate").json

    assert new["secret"] != made["secret"]
    assert new["previous_until"]
    assert caller.get(made["links"]["secret"]).json == new


def test_an_endpoint_is_deleted(caller):
    here = _made(caller)["links"]["self"]

    assert caller.delete(here).status_code == 204
    assert caller.get(here).status_code == 404
    assert caller.delete(here).status_code == 404


def test_a_stranger_finds_nothing(caller, stranger):
    made = _made(caller)
    here = made["links"]["self"]
    delivery = caller.post(f"{here}/ping").json["links"]["self"]

    for method, path in (
        ("GET", here),
        ("PATCH", here),
        ("DELETE", here),
        ("GET", f"{here}/secret"),
        ("POST", f"{here}/rotate"),
        ("POST", f"{here}/ping"),
        ("GET", f"{here}/deliveries"),
        ("GET", delivery),
        ("POST", f"{delivery}/redeliver"),
    ):
        body = {"json": {"enabled": False}} if method == "PATCH" else {}
        assert stranger.send(method, path, **body).status_code == 404, path
    assert caller.get(here).json["enabled"]


def test_who_may_only_read_sees_no_secret(app, new_key, caller):
    made = _made(caller)
    reader = Caller(app.test_client(), new_key(scopes=["webhooks:read"]))

    assert reader.get(made["links"]["self"]).status_code == 200
    assert reader.get(made["links"]["secret"]).status_code == 403
    assert made["secret"] not in reader.get("/v1/webhooks").text


def test_a_ping_is_a_delivery_that_can_be_looked_at(caller):
    here = _made(caller)["links"]["self"]
    sent = caller.post(f"{here}/ping")

    assert sent.status_code == 202
    assert (sent.json["type"], sent.json["state"], sent.json["log"]) == (
        "webhook.ping",
        "pending",
        [],
    )
    assert sent.json["payload"]["type"] == "webhook.ping"
    assert caller.get(sent.json["links"]["self"]).json == sent.json
    (listed,) = caller.get(f"{here}/deliveries").json["items"]
    assert listed["id"] == sent.json["id"]
    assert caller.get(f"{here}/deliveries?state=failed").json["items"] == []
    assert caller.get(f"{here}/deliveries?state=lost").status_code == 422
    again = caller.post(f"{sent.json['links']['self']}/redeliver")
    assert again.status_code == 409  # still being tried


def test_a_disabled_endpoint_is_not_pinged(caller):
    here = _made(caller)["links"]["self"]
    caller.send("PATCH", here, json={"enabled": False})

    assert caller.post(f"{here}/ping").status_code == 409


def _callback_endpoints(caller: Caller) -> list[str]:
    return [one["url"] for one in caller.get("/v1/webhooks").json["items"] if not one["events"]]


def _end_everything(database: Database) -> None:
    """End all jobs, children first, as cancelled."""

    with database.transaction() as session:
        jobs = session.execute(
            text("SELECT id, owner_id FROM jobs WHERE parent_id IS NULL AND kind NOT LIKE 'webh%'")
        ).all()
        for job in jobs:
            cancel(session, job.id, job.owner_id)


def test_an_analysis_calls_back(caller, database):
    submitted = caller.post("/v1/analyses", json=PANCAKES | {"callback_url": URL})
    assert submitted.status_code == 202, submitted.text
    assert _callback_endpoints(caller) == [URL]

    _end_everything(database)

    (endpoint,) = caller.get("/v1/webhooks").json["items"]
    (delivery,) = caller.get(endpoint["links"]["deliveries"]).json["items"]
    assert delivery["type"] == "analysis.cancelled"
    told = caller.get(delivery["links"]["self"]).json["payload"]["data"]
    assert told["id"] == submitted.json["id"]


def test_a_batch_calls_back(caller, database):
    line = json.dumps({"ingredients": ["1 egg"]}) + "\n"
    submitted = caller.post(f"/v1/batches?callback_url={URL}", data=line, headers=NDJSON)
    assert submitted.status_code == 202, submitted.text

    _end_everything(database)

    (endpoint,) = caller.get("/v1/webhooks").json["items"]
    (delivery,) = caller.get(endpoint["links"]["deliveries"]).json["items"]
    assert delivery["type"] == "batch.cancelled"


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "nonsense", "", 7, None])
def test_a_callback_that_cannot_be_called_is_refused_before_anything_is_made(caller, url):
    answers = [caller.post("/v1/analyses", json=PANCAKES | {"callback_url": url})]
    if isinstance(url, str):
        line = json.dumps({"ingredients": ["1 egg"]}) + "\n"
        answers.append(caller.post(f"/v1/batches?callback_url={url}", data=line, headers=NDJSON))
    for answer in answers:
        assert answer.status_code == 422
        assert answer.json["errors"]["callback_url"]
    assert caller.get("/v1/jobs").json["items"] == []


def test_a_request_that_is_repeated_with_another_callback_is_another(caller):
    line = json.dumps({"ingredients": ["1 egg"]}) + "\n"
    headers = NDJSON | {"Idempotency-Key": "once"}
    caller.post(f"/v1/batches?callback_url={URL}", data=line, headers=headers)

    assert caller.post("/v1/batches", data=line, headers=headers).status_code == 422


def test_this_machine_may_be_called_under_the_setting(
    settings: Settings,
    new_key,
):
    made = create_app(replace(settings, outbound_loopback=True))
    caller = Caller(made.test_client(), new_key())

    answer = caller.post("/v1/webhooks", json={"url": "http://127.0.0.1:8123/hook"})

    made.extensions["platform"].close()
    assert answer.status_code == 201
