"""Streams belong to who opened them, as they stand now, and nobody has them all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from services.accounts import keyring
from services.notifications import notify
from tests.processes import eventually
from tests.web.client import PANCAKES, Caller
from web import streams
from web.app import create_app
from web.context import Slots

STREAM = "/v1/notifications/stream"


@pytest.fixture
def ada(new_person: Callable[..., Caller]) -> Caller:
    return new_person()


@pytest.fixture
def tell(database: Database, ada: Caller) -> Callable[[str], None]:
    """Notifies Ada."""
    account = uuid.UUID(ada.get("/v1/me").json["id"])  # type: ignore[index]

    def told(key: str) -> None:
        with database.transaction() as session:
            notify(session, [account], "announcement", {"title": key, "body": "…"}, key)

    return told


@pytest.fixture
def sharing(settings: Settings) -> Iterator[Flask]:
    """An application in which an account has one waiter and one stream at a time."""
    made = create_app(replace(settings, max_per_account=1))
    yield made
    made.extensions["platform"].close()


def opened(answer: TestResponse) -> Iterator[bytes]:
    """What a stream brings, after its first line."""
    assert answer.status_code == 200, answer.text
    pieces = answer.iter_encoded()
    assert next(pieces).startswith(b"retry:")
    return pieces


@pytest.mark.parametrize("credential", ["key", "sign-in"])
@pytest.mark.parametrize("news", [True, False], ids=["news", "silence"])
def test_a_stream_ends_with_the_credential_that_opened_it(
    app: Flask,
    ada: Caller,
    tell: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    credential: str,
    news: bool,
) -> None:
    made = ada.post("/v1/api-keys", json={"name": "a key"}).json
    assert made is not None
    who = Caller(app.test_client(), made["api_key"]) if credential == "key" else ada
    tell("before")
    answer = who.get(STREAM)
    pieces = opened(answer)
    assert b"before" in next(pieces)

    if credential == "key":
        ada.delete(f"/v1/api-keys/{made['id']}")
    else:
        ada.post("/v1/auth/logout")
    _forget(app)
    if news:
        tell("after")
    else:
        monkeypatch.setattr(streams, "SILENCE", 0.0)

    for number, piece in enumerate(pieces):
        assert b"event:" not in piece
        assert number < 5, "it goes on"
    answer.close()
    assert app.extensions["platform"].hub.listened() == 0


def test_a_stream_outlives_a_database_that_cannot_say_whose_it_is(
    app: Flask, ada: Caller, tell: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And shows nothing meanwhile."""
    ring = app.extensions["platform"].keyring
    again, asked = ring.again, []

    def away_at_first(who: object) -> object:
        asked.append(who)
        if len(asked) == 1:
            raise Unavailable("away")
        return again(who)

    monkeypatch.setattr(ring, "again", away_at_first)
    answer = ada.get(STREAM)
    pieces = opened(answer)
    tell("news")

    assert b"news" in next(pieces)
    assert len(asked) == 2
    answer.close()


def test_an_account_has_its_share_of_streams_and_no_more(
    sharing: Flask, new_key: Callable[..., str]
) -> None:
    mine, other = (Caller(sharing.test_client(), new_key(name)) for name in ("mine", "other"))
    first = mine.get(STREAM)
    opened(first)

    refused = mine.get(STREAM)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Your account has 1 streams open here" in refused.text
    others = other.get(STREAM)
    opened(others)
    first.close()
    again = mine.get(STREAM)
    opened(again)
    for answer in (others, again):
        answer.close()


def test_an_account_has_its_share_of_waiters_and_no_more(
    sharing: Flask, new_key: Callable[..., str], meanwhile: Callable[..., object]
) -> None:
    mine = [Caller(sharing.test_client(), new_key("mine")) for _ in range(2)]
    other = Caller(sharing.test_client(), new_key("other"))
    platform = sharing.extensions["platform"]
    long, short = ({"Prefer": f"wait={seconds}"} for seconds in (30, 0))
    meanwhile(lambda: mine[0].post("/v1/analyses", json=PANCAKES, headers=long))
    eventually("somebody waits", lambda: platform.hub.listened() == 1)

    declined = mine[1].post("/v1/analyses", json=PANCAKES, headers=short)
    granted = other.post("/v1/analyses", json=PANCAKES, headers=short)
    platform.hub.close()

    assert (declined.status_code, "Preference-Applied" in declined.headers) == (202, False)
    assert granted.headers["Preference-Applied"] == "wait=0"


def test_places_are_bounded_for_all_and_for_each() -> None:
    slots = Slots(3, each=2)

    assert [slots.take(holder) for holder in "aaabc"] == [True, True, False, True, False]
    assert slots.held("a") == 2
    slots.leave("a")
    assert slots.take("c")
    with slots.place("a") as full:
        assert not full
    slots.leave("c")
    with slots.place("a") as granted:
        assert granted
    assert slots.held("a") == 1


def _forget(app: Flask) -> None:
    """What the process remembers of callers is past its time."""
    ring = app.extensions["platform"].keyring
    later = ring._clock() + keyring.REMEMBER
    ring._clock = lambda: later
