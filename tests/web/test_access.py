"""Access: nothing is open but health and documentation; a key reaches as far as its scopes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kernel.settings import Settings
from tests.web.client import PANCAKES, Caller
from web import policy
from web.app import create_app

OPEN = {
    "GET /livez",
    "GET /readyz",
    "GET /docs",
    "GET /docs/style.css",
    "GET /v1/openapi.json",
    "GET /v1/unsubscribe/<token>",
    "POST /v1/unsubscribe/<token>",
    "POST /v1/auth/register",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
}


def _routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    assert _routes(app) == set(policy.POLICY)


def test_only_health_documentation_and_sign_up_are_open() -> None:
    assert {route for route, scope in policy.POLICY.items() if scope == policy.OPEN} == OPEN


def test_a_route_without_a_rule_is_nobodys(settings: Settings, new_key: Callable[..., str]) -> None:
    app = create_app(settings)
    app.add_url_rule("/v1/new", view_func=lambda: "hello", methods=["GET"])
    answer = Caller(app.test_client(), new_key()).get("/v1/new")
    app.extensions["platform"].close()

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "npk_x",
        "Bearer npk_" + "0" * 49,
        "Bearer npk_" + "0" * 100_0,
        "Bearer \u00fc",
    ],
)
def test_what_is_no_key_of_ours_is_refused(anonymous: FlaskClient, header: str) -> None:
    answer = anonymous.get("/v1/jobs", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_key_without_the_scope_is_refused_by_its_name(
    app: Flask, new_key: Callable[..., str]
) -> None:
    reader = Caller(app.test_client(), new_key(scopes=["jobs:read"]))

    assert reader.get("/v1/jobs").status_code == 200
    refused = reader.post("/v1/analyses", json=PANCAKES)
    assert refused.status_code == 403
    assert "analyses:write" in refused.json["detail"]


def test_an_expired_key_is_refused(app: Flask, new_key: Callable[..., str]) -> None:
    late = Caller(app.test_client(), new_key(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))

    assert late.get("/v1/jobs").status_code == 401


def test_answers_say_what_is_left_of_a_limit_and_refuse_what_is_above(
    strict_settings: Settings, new_key: Callable[..., str]
) -> None:
    app = create_app(strict_settings)
    caller = Caller(app.test_client(), new_key())
    # The window is the clock's: fixed here, so that none ends between two requests.
    app.extensions["platform"].limiter._clock = lambda: 59.5

    answers = [caller.get("/v1/jobs") for _ in range(4)]
    anonymous = [app.test_client().get("/v1/jobs") for _ in range(2)]
    probe = app.test_client().get("/livez")
    app.extensions["platform"].redis.redis.flushdb()
    app.extensions["platform"].close()

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=5;w=60, "key";q=3;w=60'
    assert answers[0].headers["RateLimit"] == '"address";r=4;t=1, "key";r=2;t=1'
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].json["type"].endswith("#quota-exceeded")
    assert answers[3].json["violated-policies"] == ["key"]
    assert [answer.status_code for answer in anonymous] == [401, 429]
    assert probe.status_code == 200


def test_every_answer_forbids_what_a_browser_need_not_do(caller: Caller) -> None:
    for path in ("/v1/jobs", "/livez", "/docs", "/nowhere"):
        headers = caller.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in headers["Permissions-Policy"]


def test_a_browser_that_came_by_https_is_told_to_stay_there(settings: Settings) -> None:
    from dataclasses import replace

    app = create_app(replace(settings, trusted_proxies="127.0.0.1"))
    proxied = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}

    def told(peer: str) -> str | None:
        environ = {"REMOTE_ADDR": peer}
        answer = app.test_client().get("/livez", headers=proxied, environ_base=environ)
        return answer.headers.get("Strict-Transport-Security")

    assert told("127.0.0.1") == "max-age=31536000"
    assert told("198.51.100.7") is None  # whoever it is, no proxy of ours
    app.extensions["platform"].close()


def test_request_ids_are_taken_where_they_are_harmless_and_returned(caller: Caller) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    mine = caller.get("/livez", headers={"X-Request-Id": "abc-1", "traceparent": parent})
    hostile = caller.get("/livez", headers={"X-Request-Id": "a b", "traceparent": "00-0-0-0"})

    assert mine.headers["X-Request-Id"] == "abc-1"
    assert mine.headers["traceparent"][:36] == parent[:36]
    assert mine.headers["traceparent"] != parent
    assert hostile.headers["X-Request-Id"] != "a b"
    assert len(hostile.headers["traceparent"]) == 55


def test_a_trusted_proxys_client_is_who_is_counted(
    strict_settings: Settings, new_key: Callable[..., str]
) -> None:
    from dataclasses import replace

    app = create_app(replace(strict_settings, trusted_proxies="127.0.0.1", rate_limit_key=1000))
    client = app.test_client()

    def left(forwarded: str, peer: str = "127.0.0.1") -> str:
        answer = client.get(
            "/v1/jobs", headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": peer}
        )
        return answer.headers["RateLimit"].split(";t=")[0]

    app.extensions["platform"].limiter._clock = lambda: 30.0
    assert left("192.0.2.1") == '"address";r=4'
    assert left("192.0.2.2") == '"address";r=4'
    # What a client writes itself stands left of what the proxy adds.
    assert left("192.0.2.9, 192.0.2.2") == '"address";r=3'
    # Not a proxy of ours: it speaks for itself.
    assert left("192.0.2.2", peer="198.51.100.7") == '"address";r=4'
    app.extensions["platform"].redis.redis.flushdb()
    app.extensions["platform"].close()
