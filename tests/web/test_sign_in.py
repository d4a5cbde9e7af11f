"""Signing in: one answer whoever exists, tokens that end in time, and nobody locked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from kernel.database import Database
from services.accounts import keyring, passwords
from services.accounts.passwords import Hasher
from services.accounts.tokens import Signer
from tests.web.client import Caller
from web import sign_in_limits
from web.app import create_app

ADA = {"email": "Ada@Example.org", "password": "pans, and pots 7"}


@pytest.fixture(autouse=True)
def fresh(cheap: None, app: Flask) -> Iterator[None]:
    """Nobody has tried before, and time stands still for the limits."""
    limiter = app.extensions["platform"].limiter
    limiter._clock = lambda: 30.0
    app.extensions["platform"].redis.redis.flushdb()
    yield
    app.extensions["platform"].redis.redis.flushdb()


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Argon2 computed so far: `hash` or `verify`."""
    done: list[str] = []
    real = Hasher._argon_hash, Hasher._argon_verify
    monkeypatch.setattr(Hasher, "_argon_hash", lambda s, p: done.append("hash") or real[0](s, p))
    monkeypatch.setattr(
        Hasher, "_argon_verify", lambda s, h, p: done.append("verify") or real[1](s, h, p)
    )
    return done


def register(client: FlaskClient, **more: Any) -> Any:
    return client.post("/v1/auth/register", json=ADA | more)


def login(client: FlaskClient, address: str = "192.0.2.1", **more: Any) -> Any:
    return client.post("/v1/auth/login", json=ADA | more, environ_base={"REMOTE_ADDR": address})


def test_a_person_registers_signs_in_refreshes_and_signs_out(
    app: Flask, anonymous: FlaskClient
) -> None:
    made = register(anonymous)
    assert (made.status_code, made.json) == (201, {"email": "ada@example.org"})

    tokens = login(anonymous).json
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    me = Caller(app.test_client(), tokens["access_token"]).get("/v1/me").json
    assert me is not None
    assert (me["email"], me["role"]) == ("ada@example.org", "user")

    after = anonymous.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json
    ada = Caller(app.test_client(), after["access_token"])
    assert ada.get("/v1/me").status_code == 200

    assert ada.post("/v1/auth/logout").status_code == 204
    _forget(app)
    assert ada.get("/v1/me").status_code == 401
    spent = anonymous.post("/v1/auth/refresh", json={"refresh_token": after["refresh_token"]})
    assert spent.status_code == 401


def test_a_refresh_token_signs_out_too(anonymous: FlaskClient) -> None:
    register(anonymous)
    token = {"refresh_token": login(anonymous).json["refresh_token"]}

    assert anonymous.post("/v1/auth/logout", json=token).status_code == 204
    assert anonymous.post("/v1/auth/refresh", json=token).status_code == 401
    # Unknown ones are no error (RFC 7009), and nothing at all is nobody.
    unknown = {"refresh_token": "npr_unknown"}
    assert anonymous.post("/v1/auth/logout", json=unknown).status_code == 204
    assert anonymous.post("/v1/auth/logout").status_code == 401


def test_a_token_that_is_used_twice_ends_its_sign_in(
    app: Flask, anonymous: FlaskClient, database: Database
) -> None:
    register(anonymous)
    stolen = {"refresh_token": login(anonymous).json["refresh_token"]}
    following = anonymous.post("/v1/auth/refresh", json=stolen).json
    with database.transaction() as session:
        session.execute(text("UPDATE refresh_tokens SET spent_at = spent_at - interval '1 minute'"))

    assert anonymous.post("/v1/auth/refresh", json=stolen).status_code == 401

    _forget(app)
    own = {"refresh_token": following["refresh_token"]}
    assert anonymous.post("/v1/auth/refresh", json=own).status_code == 401
    assert Caller(app.test_client(), following["access_token"]).get("/v1/me").status_code == 401


def test_registering_a_known_address_tells_and_changes_nothing(
    anonymous: FlaskClient, database: Database
) -> None:
    first = register(anonymous)
    second = register(anonymous, password="something else 99")

    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert login(anonymous).status_code == 200
    assert login(anonymous, password="something else 99").status_code == 401
    with database.transaction() as session:
        assert session.scalar(text("SELECT claimed_at FROM people")) is not None
        assert session.scalar(text("SELECT count(*) FROM accounts")) == 1


def test_unknown_wrong_and_disabled_are_one_answer_after_one_hash(
    anonymous: FlaskClient, database: Database, computed: list[str]
) -> None:
    register(anonymous)
    login(anonymous)  # the first, whoever it is, makes the hash that is nobody's
    del computed[:]
    asked: list[str] = []
    statements = anonymous.application.extensions["platform"].database.engine
    event.listen(statements, "before_cursor_execute", lambda *args: asked.append(args[2]))

    answers = [login(anonymous, email="nobody@example.org")]
    of_unknown = list(asked)
    answers.append(login(anonymous, password="wrong wrong wrong"))
    assert asked == of_unknown * 2
    with database.transaction() as session:
        session.execute(text("UPDATE people SET disabled_at = now()"))
    answers.append(login(anonymous))

    assert computed == ["verify"] * 3
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json["detail"] for answer in answers}) == 1


def test_registering_computes_one_hash_whoever_exists(
    anonymous: FlaskClient, computed: list[str]
) -> None:
    register(anonymous)
    register(anonymous)

    assert computed == ["hash", "hash"]


def test_a_hash_of_older_parameters_is_made_anew(
    app: Flask, anonymous: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anonymous)
    monkeypatch.setattr(passwords, "PASSES", 2)
    again = create_app(app.extensions["platform"].settings)
    again.extensions["platform"].limiter._clock = lambda: 30.0

    assert login(again.test_client()).status_code == 200
    again.extensions["platform"].close()
    with database.transaction() as session:
        stored: str = session.scalars(text("SELECT password_hash FROM people")).one()
    assert "t=2" in stored
    assert login(anonymous).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "ada@example.org\nBcc: all@example.org"),
        ("email", "a" * 250 + "@b.c"),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "aaaaaaaaaaaa"),
        ("password", "Password123"),
        ("password", "ada@example.org"),
        ("name", "a\0b"),
        ("role", "admin"),
    ],
)
def test_a_registration_that_makes_no_sense_names_its_field(
    anonymous: FlaskClient, field: str, value: str
) -> None:
    answer = register(anonymous, **{field: value})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_guessing_from_one_address_is_refused_and_locks_nobody_else_out(
    anonymous: FlaskClient, no_pause: list[float]
) -> None:
    register(anonymous)

    guesses = [login(anonymous, password=f"guess number {n}").status_code for n in range(12)]

    assert guesses == [401] * 10 + [429] * 2
    assert login(anonymous, address="198.51.100.7").status_code == 200
    # Nor out of their own address, for another person.
    assert login(anonymous, email="bob@example.org").status_code == 401


def test_a_crowd_that_guesses_is_answered_late_and_the_owner_at_home_is_not(
    anonymous: FlaskClient, no_pause: list[float]
) -> None:
    register(anonymous)
    assert login(anonymous, address="198.51.100.7").status_code == 200

    crowd = [
        login(anonymous, address=f"192.0.2.{n}", password="guess guess guess") for n in range(22)
    ]

    assert {answer.status_code for answer in crowd} == {401}
    assert no_pause == [sign_in_limits.LATE] * 3  # the first sign-in was from a new place too
    assert login(anonymous, address="198.51.100.7").status_code == 200
    assert len(no_pause) == 3
    # From a place that is new the owner comes in, late.
    assert login(anonymous, address="203.0.113.9").status_code == 200
    assert len(no_pause) == 4


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that somebody would have had to make."""
    made: list[float] = []
    monkeypatch.setattr(sign_in_limits, "pause", made.append)
    return made


def test_one_address_registers_and_signs_in_so_often_a_minute(
    app: Flask, anonymous: FlaskClient
) -> None:
    answers = [
        login(anonymous, email=f"{n}@example.org").status_code
        for n in range(app.extensions["platform"].settings.rate_limit_sign_in + 1)
    ]

    assert answers[-2:] == [401, 429]


def test_a_token_of_the_previous_secret_is_taken_while_secrets_rotate(
    app: Flask, anonymous: FlaskClient, new_person: Callable[..., Caller]
) -> None:
    from dataclasses import replace

    ada = new_person()
    settings = app.extensions["platform"].settings
    fresh = "a fresh secret, of the length that is needed"
    statuses = []
    for previous in (settings.jwt_secret, ""):
        rotated = create_app(replace(settings, jwt_secret=fresh, jwt_secret_previous=previous))
        statuses.append(Caller(rotated.test_client(), ada.secret).get("/v1/me").status_code)
        rotated.extensions["platform"].close()

    assert statuses == [200, 401]


def test_too_many_at_once_are_told_to_come_again() -> None:
    from kernel.errors import Unavailable

    hasher = Hasher(places=1, waiting=0)

    with hasher._place(), pytest.raises(Unavailable):
        hasher.hash("anything at all")


def test_a_secret_that_is_none_stops_the_start() -> None:
    from kernel.errors import SettingsError

    for secret, previous, named in (
        ("", "", "JWT_SECRET "),
        ("x" * 40, "y", "JWT_SECRET_PREVIOUS"),
    ):
        with pytest.raises(SettingsError, match=named):
            Signer(secret, previous)


def _forget(app: Flask) -> None:
    """Let the seconds pass for which the process remembers whom it saw."""
    ring = app.extensions["platform"].keyring
    now = ring._clock() + keyring.REMEMBER
    ring._clock = lambda: now
