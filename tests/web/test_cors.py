"""CORS: one origin's pages may call us, and their preflights are answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kernel.errors import SettingsError
from kernel.settings import Settings
from web.app import create_app

OURS = "https://app.example.org"
ASKED = {"Access-Control-Request-Method": "PATCH"}


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(replace(settings, frontend_domain="app.example.org"))
    yield app.test_client()
    app.extensions["platform"].close()


def test_our_pages_may_call_and_read_the_headers_that_we_send(client: FlaskClient) -> None:
    asked = client.options("/v1/me", headers=ASKED | {"Origin": OURS})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == OURS
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]

    answer = client.get("/v1/me", headers={"Origin": OURS})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    # A page must hold a credential to send it: a browser never adds one by itself.
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.org.evil.example",
        "http://app.example.org",
        "https://example.org",
        "null",
        "*",
        "https://app.example.org:8443",
    ],
)
def test_no_other_origins_pages_may(client: FlaskClient, origin: str) -> None:
    for answer in (
        client.options("/v1/me", headers=ASKED | {"Origin": origin}),
        client.get("/v1/me", headers={"Origin": origin}),
    ):
        assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118
        assert "Origin" in answer.headers["Vary"]


def test_where_no_frontend_is_named_nobodys_pages_may(anonymous: FlaskClient) -> None:
    for answer in (
        anonymous.options("/v1/me", headers=ASKED | {"Origin": OURS}),
        anonymous.get("/livez", headers={"Origin": OURS}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_options_is_no_method_of_a_route(client: FlaskClient) -> None:
    assert client.options("/v1/me").status_code == 405


@pytest.mark.parametrize("named", ["*", "https://a.b/path", "https://a.b, https://c.d", "ftp://a"])
def test_a_frontend_that_is_no_origin_does_not_start(settings: Settings, named: str) -> None:
    with pytest.raises(SettingsError, match="FRONTEND_DOMAIN"):
        replace(settings, frontend_domain=named)


@pytest.mark.parametrize("named", ["*", "proxy.internal", "0.0.0.0/0", "::/0", "10.0.0.1, *"])
def test_trusting_everybody_or_a_mere_name_does_not_start(settings: Settings, named: str) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        replace(settings, trusted_proxies=named)
