"""`nutrition webhooks` says over HTTP what /v1/webhooks says."""

from __future__ import annotations

import json

from cli.exits import Exit
from tests.cli.stage import Answer, document, problem

ID = "01900000-0000-7000-8000-0000000000aa"
DELIVERY = "01900000-0000-7000-8000-0000000000bb"
ENDPOINT = {
    "id": ID,
    "url": "https://hooks.example.com/in",
    "events": ["batch.*"],
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
}
DELIVERED = {
    "id": DELIVERY,
    "type": "batch.failed",
    "state": "pending",
    "attempts": 2,
    "created_at": "2026-01-02T03:04:05.678Z",
    "next_attempt_at": "2026-01-02T03:09:05.678Z",
}


def test_endpoints_are_listed_with_how_they_stand(nutrition, stage):
    gone = ENDPOINT | {"id": DELIVERY, "enabled": False, "disabled_reason": "gone", "events": []}
    stage.on("GET", "/v1/webhooks", document({"items": [ENDPOINT, gone], "next": None}))

    result = nutrition("webhooks", "list")

    for part in (ID, ENDPOINT["url"], "batch.*", "enabled", "disabled: gone", "when named"):
        assert part in result.out


def test_an_endpoint_is_added_and_its_secret_printed(nutrition, stage):
    stage.on("POST", "/v1/webhooks", document(ENDPOINT | {"secret": "whsec_x"}, 201))

    result = nutrition("webhooks", "add", ENDPOINT["url"], "--events", "batch.*, analysis.failed")

    assert result.out == "whsec_x\n"
    (request,) = stage.requests
    assert json.loads(request.body)["events"] == ["batch.*", "analysis.failed"]
    assert request.headers["Idempotency-Key"]


def test_a_refused_endpoint_says_why(nutrition, stage):
    errors = {"url": ["Must be an address of the public internet; 10.0.0.1 is private."]}
    stage.on("POST", "/v1/webhooks", problem(422, "url: no", errors=errors))

    result = nutrition("webhooks", "add", "http://10.0.0.1/")

    assert result.code != Exit.OK
    assert "10.0.0.1 is private" in result.err


def test_deliveries_are_listed_with_their_next_attempt(nutrition, stage):
    path = f"/v1/webhooks/{ID}/deliveries"
    stage.on("GET", path, document({"items": [DELIVERED], "next": None}))

    result = nutrition("webhooks", "deliveries", ID, "--state", "pending")

    for part in (DELIVERY, "batch.failed", "pending", "2", "2026-01-02 03:09:05Z"):
        assert part in result.out
    assert stage.requests[0].query == "limit=20&state=pending"


def test_a_delivery_is_shown_with_its_attempts_and_nothing_commands_the_terminal(nutrition, stage):
    log = [
        {
            "number": 1,
            "at": "2026-01-02T03:04:05.678Z",
            "seconds": 0.5,
            "status": 500,
            "error": None,
            "excerpt": "so \x1b[2Jsorry",
        }
    ]
    shown = DELIVERED | {"log": log, "payload": {"type": "batch.failed"}}
    stage.on("GET", f"/v1/webhooks/{ID}/deliveries/{DELIVERY}", document(shown))

    result = nutrition("webhooks", "show", ID, DELIVERY)

    assert "500 so" in result.out
    assert "\x1b" not in result.out
    assert '"type": "batch.failed"' in result.out


def test_what_is_delivered_again_says_how_it_stands(nutrition, stage):
    path = f"/v1/webhooks/{ID}/deliveries/{DELIVERY}/redeliver"
    stage.on("POST", path, document(DELIVERED, 202))

    assert "is pending" in nutrition("webhooks", "redeliver", ID, DELIVERY).out


def test_a_secret_is_rotated_once_even_where_the_platform_is_busy(nutrition, stage, pauses):
    busy = problem(503, "away")
    stage.on("POST", f"/v1/webhooks/{ID}/rotate", busy)

    assert nutrition("webhooks", "rotate", ID).code != Exit.OK
    assert len(stage.requests) == 1


def test_an_endpoint_is_pinged_enabled_and_removed(nutrition, stage):
    stage.on("POST", f"/v1/webhooks/{ID}/ping", document(DELIVERED, 202))
    stage.on("PATCH", f"/v1/webhooks/{ID}", document(ENDPOINT))
    stage.on("DELETE", f"/v1/webhooks/{ID}", Answer(204))

    assert nutrition("webhooks", "ping", ID).code == Exit.OK
    assert "is enabled" in nutrition("webhooks", "enable", ID).out
    assert "is removed" in nutrition("webhooks", "remove", ID).out
