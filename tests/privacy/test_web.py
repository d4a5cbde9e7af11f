"""Over HTTP: take everything along; be forgotten, by nobody's mistake and nobody else's wish."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

import tasks.privacy  # noqa: F401 - registers the handlers
from tests.web.client import Caller
from tests.web.conftest import *  # noqa: F403
from web.app import create_app

PASSWORD = "a kettle of fish"


@pytest.fixture
def signed_in(app):
    """Somebody who signs in with a password."""
    client = app.test_client()
    login = {"email": "anna@example.org", "password": PASSWORD}
    assert client.post("/v1/auth/register", json=login).status_code == 201
    answer = client.post("/v1/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return Caller(client, answer.json["access_token"])


@pytest.fixture
def elsewhere(settings, database):
    """Another web process, that has seen nobody yet."""
    made = create_app(settings)
    yield made
    made.extensions["platform"].close()


def test_an_export_is_a_job_whose_result_is_a_zip_for_its_owner_alone(signed_in, stranger, work):
    asked = signed_in.post("/v1/me/export", headers={"Idempotency-Key": "one"})
    assert asked.status_code == 202, asked.text
    again = signed_in.post("/v1/me/export", headers={"Idempotency-Key": "one"})
    assert again.json["id"] == asked.json["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    archive = asked.json["links"]["result"]
    assert signed_in.get(archive).status_code == 404

    work("analytics")

    job = signed_in.get(asked.headers["Location"]).json
    assert job["state"] == "succeeded"
    assert job["result"]["expires_at"]
    answer = signed_in.get(job["links"]["result"])
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    assert answer.headers["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        (person,) = json.loads(opened.read("tables/people.json"))
        whole = b"".join(opened.read(name) for name in opened.namelist())
    assert person["email"] == "anna@example.org"
    assert b"$argon2" not in whole
    assert stranger.get(archive).status_code == 404


def test_who_may_not_write_to_the_account_takes_nothing_along(app, new_key):
    reader = Caller(app.test_client(), new_key(scopes=["account:read"]))

    assert reader.post("/v1/me/export").status_code == 403
    assert reader.delete("/v1/me", json={}).status_code == 403


def test_without_the_password_nobody_is_erased(signed_in):
    for body, field in (
        ({}, "password"),
        ({"password": "not it at all"}, "password"),
        ({"password": PASSWORD, "really": True}, "really"),
        ({"password": 7}, "password"),
        ({"account_id": "mine"}, "account_id"),
    ):
        answer = signed_in.delete("/v1/me", json=body)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]
    assert signed_in.get("/v1/me").status_code == 200


def test_a_persons_key_cannot_erase_the_person(signed_in, app):
    made = signed_in.post("/v1/api-keys", json={"name": "a script"})
    assert made.status_code == 201, made.text
    key = Caller(app.test_client(), made.json["api_key"])
    me = key.get("/v1/me").json["id"]

    for body in ({"password": PASSWORD}, {"account_id": me}):
        assert key.delete("/v1/me", json=body).status_code == 403


def test_with_the_password_access_ends_for_every_credential(signed_in, app, elsewhere):
    secret = signed_in.post("/v1/api-keys", json={"name": "a script"}).json["api_key"]

    me = signed_in.get("/v1/me").json["id"]

    answer = signed_in.delete("/v1/me", json={"password": PASSWORD})

    assert answer.status_code == 202, answer.text
    assert set(answer.json) == {"id", "state"}
    # The job has not run: yet no backup that is restored from now on brings them back.
    objects = app.extensions["platform"].objects
    assert f"tombstones/{me}.json" in set(objects.keys("tombstones"))
    for credential in (secret, signed_in.secret):
        assert Caller(elsewhere.test_client(), credential).get("/v1/me").status_code == 401
    login = {"email": "anna@example.org", "password": PASSWORD}
    assert app.test_client().post("/v1/auth/login", json=login).status_code == 401


def test_an_account_that_nobody_signs_in_to_is_named_to_be_erased(
    app, new_key, caller, stranger, elsewhere
):
    """By an administrator of it: an everyday key that leaks does not end the keys of all others."""
    me, other = caller.get("/v1/me").json["id"], stranger.get("/v1/me").json["id"]
    for role in ("user", "operator"):
        key = Caller(app.test_client(), new_key(scopes=None, role=role))
        assert key.delete("/v1/me", json={"account_id": me}).status_code == 403
    user, caller = caller, Caller(app.test_client(), new_key(scopes=None, role="admin"))

    for body in ({}, {"account_id": other}, {"password": PASSWORD}):
        answer = caller.delete("/v1/me", json=body)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["account_id"]
    assert caller.delete("/v1/me", json={"account_id": me}).status_code == 202
    for ended in (caller, user):
        assert Caller(elsewhere.test_client(), ended.secret).get("/v1/me").status_code == 401
    assert stranger.get("/v1/me").status_code == 200
