"""One click mutes what a link names, and nothing else; a GET changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kernel.database import Database
from kernel.errors import NotFound
from kernel.settings import Settings
from services.accounts import keys
from services.notifications import preferences
from services.notifications.unsubscribe import LONGEST, Subscription, Unsubscriber
from tests.web.conftest import app  # noqa: F401 - a fixture

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
NEWS = Subscription(account_id=uuid.UUID(int=7), topic="announcement", channel="email")


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:  # noqa: F811
    """A mail program, and a person with a browser: neither signs in."""
    return app.test_client()


@pytest.fixture
def account(database: Database) -> uuid.UUID:
    with database.transaction() as session:
        return keys.create_account(session, "kitchen").id


@pytest.fixture
def link(settings: Settings) -> Callable[..., str]:
    def make(account: uuid.UUID, topic: str = "announcement", channel: str = "email") -> str:
        named = Subscription(account_id=account, topic=topic, channel=channel)
        return "/v1/unsubscribe/" + Unsubscriber([settings.jwt_secret]).token(named)

    return make


@pytest.fixture
def wanted(database: Database, account: uuid.UUID) -> Callable[[], dict[str, bool]]:
    """What the account hears of news."""

    def ask() -> dict[str, bool]:
        with database.transaction() as session:
            return preferences.standing(session, account)["announcement"]

    return ask


@given(st.uuids(), st.text(max_size=30).filter(lambda text: "\n" not in text))
def test_a_token_says_what_it_was_made_of(account, topic):
    ours = Unsubscriber(["secret"])
    named = Subscription(account_id=account, topic=topic, channel="email")
    if len(token := ours.token(named)) <= LONGEST:
        assert ours.read(token) == named


@given(st.text(max_size=300))
def test_what_we_did_not_make_is_no_token(text):
    with pytest.raises(NotFound):
        Unsubscriber(["secret"]).read(text)


@given(st.integers(0, 500), st.characters())
def test_a_changed_token_is_no_token(place, character):
    ours = Unsubscriber(["secret"])
    token = ours.token(NEWS)
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]
    try:
        # The last character has bits that say nothing; all others count.
        assert ours.read(changed) == NEWS
        assert place == len(token) - 1 or changed == token
    except NotFound:
        pass


def test_a_token_outlives_one_rotation_of_the_secret():
    token = Unsubscriber(["old"]).token(NEWS)
    assert Unsubscriber(["new", "old"]).read(token) == NEWS
    with pytest.raises(NotFound):
        Unsubscriber(["newer", "new"]).read(token)


def test_without_a_secret_nothing_is_believed():
    with pytest.raises(NotFound):
        Unsubscriber(["", ""]).read(Unsubscriber(["x"]).token(NEWS))


def test_one_click_mutes_and_may_be_repeated(anonymous, account, link, wanted):
    for _ in range(2):
        answer = anonymous.post(link(account), data=ONE_CLICK)
        assert answer.status_code == 200, answer.text
        assert "Done" in answer.text
    assert wanted() == {"inbox": True, "stream": True, "email": False, "webhook": True}


def test_a_form_in_parts_is_a_form_too(anonymous, account, link, wanted):
    answer = anonymous.post(link(account), data=ONE_CLICK, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert not wanted()["email"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(anonymous, account, link, wanted, method):
    answer = anonymous.open(link(account), method=method)
    assert answer.status_code == 200
    assert wanted()["email"]
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    if method == "GET":
        assert '<form method="post">' in answer.text
        assert "script" not in answer.text


def test_made_up_and_gone_have_the_same_answer(anonymous, link):
    answers = [
        anonymous.post(path, data=ONE_CLICK)
        for path in (
            "/v1/unsubscribe/made-up",
            "/v1/unsubscribe/npu_made-up",
            f"/v1/unsubscribe/{Unsubscriber(['guessed']).token(NEWS)}",
            link(uuid.UUID(int=7)),
            link(uuid.UUID(int=7), topic="no.such"),
        )
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    told = [_without_ids(answer.json) for answer in answers]
    assert told == [told[0]] * 5


def test_what_everybody_must_hear_of_says_so(anonymous, account, link):
    path = link(account, topic="service.notice")
    assert "cannot be muted" in anonymous.get(path).text
    answer = anonymous.post(path, data=ONE_CLICK)
    assert answer.status_code == 409
    assert "mandatory" in answer.json["detail"]


def test_another_body_is_refused_and_nothing_changes(anonymous, account, link, wanted):
    refused: list[tuple[dict[str, Any], int, str | None]] = [
        ({"data": {}}, 415, None),
        ({"data": {"List-Unsubscribe": "no"}}, 422, "List-Unsubscribe"),
        ({"data": {"x": "y"}}, 422, "x"),
        ({"data": ONE_CLICK | {"extra": "1"}}, 422, "extra"),
        ({"json": ONE_CLICK}, 415, None),
        ({"data": "x" * 5_000, "content_type": "application/x-www-form-urlencoded"}, 413, None),
    ]
    for sent, status, named in refused:
        answer = anonymous.post(link(account), **sent)
        assert answer.status_code == status, answer.text
        if named:
            assert named in answer.json["errors"]
    assert wanted()["email"]
    missing = anonymous.post(link(account), data={"x": "y"}).json["errors"]
    assert missing["List-Unsubscribe"] == ["Missing data for required field."]


def _without_ids(problem: Any) -> dict[str, Any]:
    return {k: v for k, v in problem.items() if k not in {"instance", "request_id"}}
