"""Endpoints belong to their owner, who makes, changes, rotates and removes them."""

from __future__ import annotations

import pytest

from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import new_id
from services.webhooks import endpoints, events

URL = "https://hooks.example.com/in"


def test_an_endpoint_is_made_with_a_secret_of_its_own_and_listens_to_everything(session, owner):
    made = endpoints.create(session, owner, URL)

    assert endpoints.find(session, owner, made.id) == made
    assert (made.url, made.events, made.enabled) == (URL, ["*"], True)
    assert endpoints.secret_of(session, owner, made.id).secret.startswith("whsec_")


def test_a_url_comes_once_for_one_owner_and_again_for_another(session, owner):
    endpoints.create(session, owner, URL)
    with pytest.raises(Conflict, match="already"):
        endpoints.create(session, owner, URL)
    endpoints.create(session, new_id(), URL)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://127.0.0.1/", "nonsense"])
def test_an_endpoint_that_cannot_be_called_is_refused_at_once(session, owner, url):
    with pytest.raises(Invalid):
        endpoints.create(session, owner, url)


def test_an_unknown_event_is_met_with_the_nearest(session, owner):
    with pytest.raises(Invalid) as refused:
        endpoints.create(session, owner, URL, ["batch.suceeded"])
    assert "batch.succeeded" in refused.value.errors["events.0"][0]


def test_endpoints_are_bounded(session, owner, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST", 2)
    for number in range(2):
        endpoints.create(session, owner, f"{URL}/{number}")
    with pytest.raises(Conflict, match="no account has more"):
        endpoints.create(session, owner, URL)


def test_endpoints_are_listed_newest_first_and_a_stranger_sees_none(session, owner):
    made = [endpoints.create(session, owner, f"{URL}/{number}") for number in range(3)]

    assert endpoints.listing(session, owner) == made[::-1]
    assert endpoints.listing(session, owner, before=made[1].id) == made[:1]
    assert endpoints.listing(session, new_id()) == []


def test_a_stranger_finds_changes_and_removes_nothing(session, owner):
    made, stranger = endpoints.create(session, owner, URL), new_id()
    for act in (
        lambda: endpoints.find(session, stranger, made.id),
        lambda: endpoints.change(session, stranger, made.id, {"enabled": False}),
        lambda: endpoints.secret_of(session, stranger, made.id),
        lambda: endpoints.rotate(session, stranger, made.id),
        lambda: endpoints.remove(session, stranger, made.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert endpoints.find(session, owner, made.id) == made


def test_what_is_changed_is_changed_and_nothing_else(session, owner):
    made = endpoints.create(session, owner, URL, ["batch.*"], description="Ours")

    changed = endpoints.change(session, owner, made.id, {"events": ["*", "*"], "enabled": False})

    assert (changed.events, changed.enabled, changed.disabled_reason) == (["*"], False, "asked")
    assert (changed.url, changed.description) == (URL, "Ours")


def test_a_url_cannot_be_changed_to_one_that_is_taken(session, owner):
    endpoints.create(session, owner, URL)
    other = endpoints.create(session, owner, f"{URL}/other")
    with pytest.raises(Conflict):
        endpoints.change(session, owner, other.id, {"url": URL})
    assert endpoints.find(session, owner, other.id).url == f"{URL}/other"


def test_a_secret_is_replaced_and_the_old_one_goes_on_for_a_day(session, owner):
    made = endpoints.create(session, owner, URL)
    old = endpoints.secret_of(session, owner, made.id)

    new = endpoints.rotate(session, owner, made.id)

    assert new.secret != old.secret
    assert new == endpoints.secret_of(session, owner, made.id)
    assert new.previous_until - made.created_at == endpoints.OVERLAP


def test_an_endpoint_that_is_removed_is_gone(session, owner):
    made = endpoints.create(session, owner, URL)
    endpoints.remove(session, owner, made.id)
    with pytest.raises(NotFound):
        endpoints.find(session, owner, made.id)


def test_a_callback_makes_an_endpoint_once_that_listens_to_nothing_else(session, owner):
    for _ in range(2):
        endpoints.call_back(session, owner, new_id(), URL)

    (made,) = endpoints.listing(session, owner)
    assert (made.url, made.events) == (URL, [])


def test_a_callback_to_a_disabled_endpoint_is_a_conflict(session, owner):
    made = endpoints.create(session, owner, URL)
    endpoints.change(session, owner, made.id, {"enabled": False})
    with pytest.raises(Conflict, match="disabled"):
        endpoints.call_back(session, owner, new_id(), URL)


@pytest.mark.parametrize(
    ("patterns", "heard"),
    [
        (["*"], True),
        (["batch.*"], True),
        (["batch.failed"], True),
        (["batch.succeeded", "analysis.*"], False),
        ([], False),
    ],
)
def test_patterns_cover_types(patterns, heard):
    assert events.listens(patterns, "batch.failed") is heard
