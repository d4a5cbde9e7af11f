"""One's own account: what it shows, how it changes, and the keys that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from kernel.database import Database
from services.accounts import keyring, people
from services.accounts.passwords import Hasher
from services.accounts.scopes import SCOPES, scopes_of
from tests.web.client import Caller

OLD, NEW = "pans, and pots 7", "kettles & ladles"


@pytest.fixture(autouse=True)
def unused(cheap: None, app: Flask) -> Iterator[None]:
    """Limits that nobody has used yet."""
    app.extensions["platform"].redis.redis.flushdb()
    yield
    app.extensions["platform"].redis.redis.flushdb()


@pytest.fixture
def ada(new_person: Callable[..., Caller], database: Database) -> Caller:
    """Somebody who has signed in, and has a password."""
    made = new_person()
    with database.transaction() as session:
        person = people.by_email(session, "ada@example.org")
        assert person is not None
        person.password_hash = Hasher().hash(OLD)
    return made


def test_a_person_sees_and_changes_what_is_theirs(ada: Caller) -> None:
    before = ada.get("/v1/me")
    assert before.json["analytics_consent"] is False  # type: ignore[index]
    assert set(before.json["scopes"]) == set(SCOPES)  # type: ignore[index]
    assert "password_hash" not in before.text

    changed = ada.patch("/v1/me", json={"name": " Ada ", "analytics_consent": True})

    assert (changed.json["name"], changed.json["analytics_consent"]) == ("Ada", True)  # type: ignore[index]
    assert ada.get("/v1/me").json == changed.json
    again = ada.get("/v1/me", headers={"If-None-Match": changed.headers["ETag"]})
    assert again.status_code == 304


def test_a_change_that_was_meant_for_an_older_state_is_refused(ada: Caller) -> None:
    seen = {"If-Match": ada.get("/v1/me").headers["ETag"]}

    assert ada.patch("/v1/me", json={"name": "Ada"}, headers=seen).status_code == 200
    assert ada.patch("/v1/me", json={"name": "Eve"}, headers=seen).status_code == 412
    assert ada.get("/v1/me").json["name"] == "Ada"  # type: ignore[index]


def test_another_password_needs_the_current_one_and_ends_the_other_sign_ins(
    app: Flask, ada: Caller
) -> None:
    login = {"email": "ada@example.org", "password": OLD}
    other = app.test_client().post("/v1/auth/login", json=login).json

    unsaid = ada.patch("/v1/me", json={"password": NEW})
    wrong = ada.patch("/v1/me", json={"password": NEW, "current_password": "a guess"})
    assert (unsaid.status_code, wrong.status_code) == (422, 422)
    assert list(wrong.json["errors"]) == ["current_password"]  # type: ignore[index]

    right = ada.patch("/v1/me", json={"password": NEW, "current_password": OLD})

    assert right.status_code == 200
    _forget(app)
    assert ada.get("/v1/me").status_code == 200
    assert Caller(app.test_client(), other["access_token"]).get("/v1/me").status_code == 401
    assert app.test_client().post("/v1/auth/login", json=login).status_code == 401
    login["password"] = NEW
    assert app.test_client().post("/v1/auth/login", json=login).status_code == 200


def test_guessing_the_current_password_is_as_slow_as_signing_in(ada: Caller) -> None:
    guess = {"password": NEW, "current_password": "a guess"}

    assert [ada.patch("/v1/me", json=guess).status_code for _ in range(11)][-2:] == [422, 429]


def test_an_installations_account_has_nobody_to_change(caller: Caller) -> None:
    shown = caller.get("/v1/me").json
    assert shown is not None
    assert (shown["email"], shown["name"]) == (None, "kitchen")

    assert caller.patch("/v1/me", json={"name": "x"}).status_code == 409
    assert caller.patch("/v1/me", json={"nmae": "x"}).status_code == 422


def test_a_key_can_do_no_more_than_who_makes_it(
    app: Flask, new_key: Callable[..., str], new_person: Callable[..., Caller]
) -> None:
    narrow = Caller(app.test_client(), new_key(scopes=["account:write", "jobs:read"]))

    made = narrow.post("/v1/api-keys", json={"name": "child"}).json
    assert made is not None
    assert made["scopes"] == ["account:write", "jobs:read"]
    for more in ({"scopes": ["foods:read"]}, {"role": "operator"}, {"scopes": ["users:read"]}):
        refused = narrow.post("/v1/api-keys", json={"name": "child"} | more)
        assert refused.status_code == 403, more

    admin = new_person(role="admin")
    assert set(admin.post("/v1/api-keys", json={"name": "all"}).json["scopes"]) == set(  # type: ignore[index]
        scopes_of("admin")
    )
    lower = admin.post("/v1/api-keys", json={"name": "less", "role": "user"}).json
    assert set(lower["scopes"]) == set(SCOPES)  # type: ignore[index]


def test_a_key_works_no_longer_than_the_key_that_makes_it(
    app: Flask, ada: Caller, database: Database
) -> None:
    week = ada.post("/v1/api-keys", json={"name": "a week", "expires_in_days": 7}).json
    assert week is not None
    maker = Caller(app.test_client(), week["api_key"])

    for days in ({}, {"expires_in_days": 30}):
        child = maker.post("/v1/api-keys", json={"name": "child"} | days).json
        assert child["expires_at"] == week["expires_at"]  # type: ignore[index]
    shorter = maker.post("/v1/api-keys", json={"name": "child", "expires_in_days": 1}).json
    assert shorter["expires_at"] < week["expires_at"]  # type: ignore[index]


def test_a_revoked_key_takes_those_with_it_that_it_made(app: Flask, ada: Caller) -> None:
    first = ada.post("/v1/api-keys", json={"name": "stolen"}).json
    other = ada.post("/v1/api-keys", json={"name": "another"}).json
    assert first is not None
    assert other is not None
    second = Caller(app.test_client(), first["api_key"]).post("/v1/api-keys", json={"name": "x"})
    grandchild = Caller(app.test_client(), second.json["api_key"])  # type: ignore[index]

    assert ada.delete(f"/v1/api-keys/{first['id']}").status_code == 204
    assert ada.delete(f"/v1/api-keys/{first['id']}").status_code == 204

    _forget(app)
    assert grandchild.get("/v1/me").status_code == 401
    assert Caller(app.test_client(), other["api_key"]).get("/v1/me").status_code == 200
    listed = ada.get("/v1/api-keys").json
    assert listed is not None
    assert [bool(key["revoked_at"]) for key in listed["items"]] == [True, False, True]
    assert other["api_key"] not in str(listed)


def test_a_disabled_person_is_out_with_every_key_and_comes_in_again(
    app: Flask, ada: Caller, new_person: Callable[..., Caller]
) -> None:
    admin = new_person("admin@example.org", role="admin")
    made = ada.post("/v1/api-keys", json={"name": "mine"}).json
    assert made is not None
    key = Caller(app.test_client(), made["api_key"])
    assert key.get("/v1/me").status_code == 200
    found = admin.get("/v1/admin/users?email=Ada@example.org").json
    assert found is not None
    (user,) = found["items"]

    disabled = admin.post(f"/v1/admin/users/{user['id']}/disable").json
    assert disabled["disabled_at"]  # type: ignore[index]
    _forget(app)
    login = {"email": "ada@example.org", "password": OLD}
    assert [one.get("/v1/me").status_code for one in (ada, key)] == [401, 401]
    assert app.test_client().post("/v1/auth/login", json=login).status_code == 401

    admin.post(f"/v1/admin/users/{user['id']}/enable")
    _forget(app)
    assert [one.get("/v1/me").status_code for one in (ada, key)] == [401, 200]
    assert app.test_client().post("/v1/auth/login", json=login).status_code == 200


def test_people_are_listed_page_by_page(new_person: Callable[..., Caller]) -> None:
    admin = new_person("admin@example.org", role="admin")
    for name in ("b", "c", "d"):
        new_person(f"{name}@example.org")

    first = admin.get("/v1/admin/users?limit=3").json
    assert first is not None
    rest = admin.get(f"/v1/admin/users?limit=3&cursor={first['next']}").json
    assert rest is not None

    emails = [user["email"] for user in first["items"] + rest["items"]]
    assert emails == [f"{name}@example.org" for name in ("d", "c", "b", "admin")]
    assert admin.get("/v1/admin/users?email=nobody@example.org").json["items"] == []  # type: ignore[index]


def _forget(app: Flask) -> None:
    """Let the seconds pass for which the process remembers whom it saw."""
    ring = app.extensions["platform"].keyring
    now = ring._clock() + keyring.REMEMBER
    ring._clock = lambda: now
