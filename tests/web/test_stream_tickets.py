"""Tickets: one stream, once, within a minute, and never an open door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from services.accounts import keyring
from services.accounts.secrets import new_secret
from tests.web.client import Caller
from web import stream_tickets
from web.app import create_app


@pytest.fixture
def path(caller: Caller) -> str:
    """The stream of a job that was cancelled: it ends by itself."""
    job = caller.submit()
    caller.delete(f"/v1/jobs/{job}")
    return f"/v1/jobs/{job}/events"


def ticket_of(caller: Caller, path: str) -> str:
    made = caller.post("/v1/stream-tickets", json={"path": path})
    assert made.status_code == 201, made.text
    assert made.json["expires_in"] == 60  # type: ignore[index]
    return str(made.json["ticket"])  # type: ignore[index]


def test_a_ticket_opens_its_stream_once_in_any_process(
    app: Flask, caller: Caller, path: str
) -> None:
    other = create_app(app.extensions["platform"].settings)
    ticket = ticket_of(caller, path)

    opened = other.test_client().get(f"{path}?ticket={ticket}")
    assert opened.status_code == 200
    assert "event: cancelled" in opened.text
    assert other.test_client().get(f"{path}?ticket={ticket}").status_code == 401
    other.extensions["platform"].close()


def test_a_ticket_opens_nothing_else(caller: Caller, anonymous: FlaskClient, path: str) -> None:
    other = path.replace(path.split("/")[3], "01a20e4c-78c3-74a9-98d3-f6b293a77e60")

    for elsewhere in (other, path.removesuffix("/events"), "/v1/me"):
        answer = anonymous.get(f"{elsewhere}?ticket={ticket_of(caller, path)}")
        assert answer.status_code == 401, elsewhere
    for made_up in ("", "x", new_secret("npt_"), new_secret()):
        assert anonymous.get(f"{path}?ticket={made_up}").status_code == 401


def test_a_ticket_is_as_good_as_who_asked_for_it(
    app: Flask,
    caller: Caller,
    stranger: Caller,
    anonymous: FlaskClient,
    new_key: Callable[..., str],
    path: str,
) -> None:
    assert anonymous.get(f"{path}?ticket={ticket_of(stranger, path)}").status_code == 404
    without = Caller(app.test_client(), new_key(scopes=["foods:read"]))
    refused = without.post("/v1/stream-tickets", json={"path": path})
    assert (refused.status_code, "jobs:read" in refused.text) == (403, True)


def test_a_ticket_of_who_has_signed_out_meanwhile_opens_nothing(
    app: Flask, anonymous: FlaskClient, new_person: Callable[..., Caller]
) -> None:
    ada = new_person()
    path = f"/v1/jobs/{ada.submit()}/events"
    ticket = ticket_of(ada, path)

    ada.post("/v1/auth/logout")
    ring = app.extensions["platform"].keyring
    later = ring._clock() + keyring.REMEMBER
    ring._clock = lambda: later

    assert anonymous.get(f"{path}?ticket={ticket}").status_code == 401


def test_a_ticket_is_for_a_stream(caller: Caller) -> None:
    for path in ("/v1/jobs", "/v1/me", "//evil.example/v1/jobs/x/events", "x", "", 7):
        answer = caller.post("/v1/stream-tickets", json={"path": path})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["path"])  # type: ignore[index]


def test_redis_keeps_a_minute_and_no_ticket(app: Flask, caller: Caller, path: str) -> None:
    connection = app.extensions["platform"].redis.redis
    connection.flushdb()
    ticket = ticket_of(caller, path)

    (name,) = connection.keys("stream-ticket:*")
    assert 0 < connection.ttl(name) <= stream_tickets.LIFETIME
    assert ticket.encode() not in name + connection.get(name)


def test_without_redis_there_are_no_tickets_and_no_door_is_open(
    app: Flask, caller: Caller, anonymous: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = ticket_of(caller, path)

    def away(*_: object, **__: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(app.extensions["platform"].redis.redis, "execute_command", away)

    for answer in (
        caller.post("/v1/stream-tickets", json={"path": path}),
        anonymous.get(f"{path}?ticket={ticket}"),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert caller.get("/v1/me").status_code == 200
