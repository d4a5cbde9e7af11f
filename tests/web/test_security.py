"""Every route of the document, walked by those who should stay out. New routes are found here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kernel.database import Database
from services.accounts import keys
from services.accounts.scopes import role_for, scopes_of
from services.accounts.secrets import new_secret
from services.accounts.tokens import AUDIENCE, ISSUER, Signer
from tests.web.client import PANCAKES, Caller
from web import policy

SOME_ID = "01a20e4c-78c3-74a9-98d3-f6b293a77e60"
#: Every route that somebody must be let in to, with the scope it needs.
GUARDED = sorted((route, scope) for route, scope in policy.POLICY.items() if scope != policy.OPEN)


def _path(rule: str, **ids: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids.get(found[1], SOME_ID), rule)


def _walk(caller: Caller | FlaskClient, routes: list[str], **more: Any) -> dict[str, int]:
    """The status of each route for *caller*. Nothing useful is sent, and streams are not read."""
    statuses = {}
    for route in routes:
        method, _, rule = route.partition(" ")
        ask = caller.send if isinstance(caller, Caller) else None
        if ask is not None:
            answer = ask(method, _path(rule), **more)
        else:
            assert isinstance(caller, FlaskClient)
            answer = caller.open(_path(rule), method=method, **more)
        statuses[route] = answer.status_code
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="nutrition"', route
        answer.close()
    return statuses


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _token(secret: str, head: dict[str, Any], **claims: Any) -> str:
    """A token put together by hand, as no library would."""
    now = int(time.time())
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": SOME_ID, "sid": SOME_ID}
    body |= {"iat": now, "exp": now + 900} | claims
    signed = f"{_part(head)}.{_part({k: v for k, v in body.items() if v is not None})}"
    if head.get("alg") == "none":
        return f"{signed}."
    mac = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.fixture
def forged(app: Flask, new_person: Callable[..., Caller]) -> dict[str, str]:
    """Credentials that all but open: what is wrong with each, and the credential."""
    settings = app.extensions["platform"].settings
    good = new_person("somebody@example.org").secret
    head = json.loads(base64.urlsafe_b64decode(good.split(".")[0] + "=="))
    body = json.loads(base64.urlsafe_b64decode(good.split(".")[1] + "=="))
    own = {"sub": body["sub"], "sid": body["sid"]}
    secret, other = settings.jwt_secret, "another secret, and long enough to be one"
    other_kid = Signer(other).access_token(uuid.uuid4(), uuid.uuid4()).split(".")[0]
    past = int(time.time()) - 3600
    return {
        "made-up key": new_secret(),
        "made-up refresh token": new_secret("npr_"),
        "no signature": _token(secret, head | {"alg": "none"}, **own),
        "no algorithm at all": _token(secret, {k: v for k, v in head.items() if k != "alg"}, **own),
        "another algorithm's name": _token(secret, head | {"alg": "HS512"}, **own),
        "unknown kid": _token(secret, head | {"kid": "0" * 12}, **own),
        "no kid": _token(secret, {k: v for k, v in head.items() if k != "kid"}, **own),
        "kid of no text": _token(secret, head | {"kid": ["x"]}, **own),
        "another secret": _token(other, head, **own),
        "another secret and its kid": f"{other_kid}." + _token(other, head, **own).split(".", 1)[1],
        "another kind of token": _token(secret, head | {"typ": "JWT"}, **own),
        "expired": _token(secret, head, **own, iat=past, exp=past + 900),
        "from the future": _token(secret, head, **own, iat=past + 7200, exp=past + 9000),
        "no expiry": _token(secret, head, **own, exp=None),
        "expiry of no number": _token(secret, head, **own, exp="tomorrow"),
        "another issuer": _token(secret, head, **own, iss="https://example.org"),
        "another audience": _token(secret, head, **own, aud="elsewhere"),
        "nobody's sign-in": _token(secret, head, sub=own["sub"], sid=str(uuid.uuid4())),
        "another's sign-in": _token(secret, head, sub=str(uuid.uuid4()), sid=own["sid"]),
        "sign-in of no id": _token(secret, head, sub=own["sub"], sid="1 OR 1=1"),
        "changed by a bit": good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "endless": good + "A" * 10_000,
    }


def test_every_route_refuses_who_brings_nothing(anonymous: FlaskClient) -> None:
    statuses = _walk(anonymous, [route for route, _ in GUARDED])

    assert {route for route, status in statuses.items() if status != 401} == set()


def test_a_forged_credential_opens_nothing(app: Flask, forged: dict[str, str]) -> None:
    for wrong, credential in forged.items():
        answer = Caller(app.test_client(), credential).get("/v1/me")
        assert answer.status_code == 401, wrong


def test_every_route_refuses_a_made_up_key_and_a_forged_token(
    app: Flask, forged: dict[str, str]
) -> None:
    for wrong in ("made-up key", "no signature", "another secret", "expired"):
        statuses = _walk(Caller(app.test_client(), forged[wrong]), [route for route, _ in GUARDED])
        assert {route for route, status in statuses.items() if status != 401} == set(), wrong


def test_every_route_refuses_whose_scopes_are_all_but_its_own(
    app: Flask, new_key: Callable[..., str]
) -> None:
    for scope in sorted({scope for _, scope in GUARDED} - {policy.ANYBODY}):
        others = [one for one in scopes_of("admin") if one != scope]
        caller = Caller(app.test_client(), new_key(scopes=others, role="admin"))
        statuses = _walk(caller, [route for route, needed in GUARDED if needed == scope])
        assert {route for route, status in statuses.items() if status != 403} == set(), scope


@pytest.mark.parametrize("role", ["user", "operator"])
def test_a_person_reaches_no_route_of_a_higher_role(
    new_person: Callable[..., Caller], role: str
) -> None:
    above = [
        route
        for route, scope in GUARDED
        if scope != policy.ANYBODY and scope not in scopes_of(role)
    ]

    statuses = _walk(new_person(role=role), above)

    assert above
    assert {route for route, status in statuses.items() if status != 403} == set()


def test_a_key_whose_scopes_exceed_its_role_gains_nothing(
    app: Flask, database: Database, new_key: Callable[..., str]
) -> None:
    """A row that somebody tampered with, or that an older release wrote."""
    from sqlalchemy import text

    caller = Caller(app.test_client(), new_key())
    with database.transaction() as session:
        session.execute(
            text("UPDATE api_keys SET scopes = :all"), {"all": list(scopes_of("admin"))}
        )
    above = [r for r, scope in GUARDED if scope != policy.ANYBODY and role_for(scope) != "user"]

    assert set(_walk(caller, above).values()) == {403}


def test_what_is_somebody_elses_is_not_there_for_a_stranger(
    caller: Caller, stranger: Caller, new_person: Callable[..., Caller]
) -> None:
    """Each route with ids in it: with ids that exist, and belong to another account."""
    ids = _belongings(caller)
    routes = [
        route
        for route, _ in GUARDED
        if "<" in route
        and not route.partition(" ")[2].startswith("/v1/admin/")
        # Foods are everybody's.
        and "/v1/foods/" not in route
    ]
    for other in (stranger, new_person("stranger@example.org")):
        for route in routes:
            method, _, rule = route.partition(" ")
            answer = other.send(method, _path(rule, **ids), json={})
            # 422: what was sent makes no sense there, whoever's it is.
            assert answer.status_code in {404, 422}, (route, answer.status_code)
            assert not any(
                one in answer.text.replace(_path(rule, **ids), "") for one in _words()
            ), route


def _words() -> list[str]:
    """What only the owner may read."""
    return ["Pancakes", "whsec_", "https://example.com/hook"]


def _belongings(caller: Caller) -> dict[str, str]:
    """One of everything that routes name by id, by the name of its parameter."""
    job = caller.submit()
    line = json.dumps(PANCAKES).encode()
    batch = caller.post("/v1/batches", data=line, content_type="application/x-ndjson").json
    hook = caller.post("/v1/webhooks", json={"url": "https://example.com/hook"}).json
    caller.post(f"/v1/webhooks/{hook['id']}/ping")  # type: ignore[index]
    sent = caller.get(f"/v1/webhooks/{hook['id']}/deliveries").json  # type: ignore[index]
    key = caller.post("/v1/api-keys", json={"name": "mine"}).json
    return {
        "job_id": job,
        "analysis_id": job,
        "batch_id": batch["id"],  # type: ignore[index]
        "endpoint_id": hook["id"],  # type: ignore[index]
        "delivery_id": sent["items"][0]["id"],  # type: ignore[index]
        "key_id": key["id"],  # type: ignore[index]
    }


def test_a_key_and_a_token_of_one_account_see_the_same(
    app: Flask, new_person: Callable[..., Caller], database: Database
) -> None:
    person = new_person()
    account = uuid.UUID(person.get("/v1/me").json["id"])  # type: ignore[index]
    with database.transaction() as session:
        _, secret = keys.create(session, account, "a program")
    key = Caller(app.test_client(), secret)

    job = person.submit()

    assert key.get(f"/v1/jobs/{job}").status_code == 200
    assert key.get("/v1/me").json["email"] == "ada@example.org"  # type: ignore[index]
