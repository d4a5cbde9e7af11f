"""The inbox and its stream: everything once, in order, whatever commits late."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from kernel.database import Database
from services.accounts import keys
from services.notifications import inbox, notify
from tests.processes import Platform
from tests.web.client import Caller
from tests.web.conftest import server  # noqa: F401 - a fixture

Rows = Callable[..., list[Any]]


@pytest.fixture
def kitchen(database: Database, caller: Caller) -> uuid.UUID:
    """The caller's account."""
    with database.transaction() as session:
        found = keys.find_account(session, "kitchen")
        assert found is not None
        return found.id


def tell(database: Database, account: uuid.UUID, *keys_: str) -> None:
    for key in keys_:
        with database.transaction() as session:
            words = {"title": key, "body": f"About {key}."}
            notify(session, [account], "announcement", words, key)


def test_the_inbox_pages_newest_first_and_counts_the_unread(
    database: Database, caller: Caller, kitchen: uuid.UUID
) -> None:
    tell(database, kitchen, "one", "two", "three")

    first = caller.get("/v1/notifications?limit=2").json
    second = caller.get(f"/v1/notifications?limit=2&cursor={first['next']}").json

    assert [item["title"] for item in first["items"]] == ["three", "two"]
    assert [item["title"] for item in second["items"]] == ["one"]
    assert (first["unread"], second["next"]) == (3, None)


def test_reading_is_idempotent_and_keeps_the_first_moment(
    database: Database, caller: Caller, kitchen: uuid.UUID
) -> None:
    tell(database, kitchen, "one", "two")
    newest = caller.get("/v1/notifications").json["items"][0]
    url = f"/v1/notifications/{newest['id']}/read"

    assert caller.post(url).status_code == 204
    read_at = caller.get("/v1/notifications").json["items"][0]["read_at"]
    assert caller.post(url).status_code == 204

    after = caller.get("/v1/notifications").json
    assert after["items"][0]["read_at"] == read_at
    assert after["unread"] == 1
    unread = caller.get("/v1/notifications?unread=true").json["items"]
    assert [item["title"] for item in unread] == ["one"]


def test_reading_all_leaves_what_came_meanwhile(
    database: Database, caller: Caller, kitchen: uuid.UUID
) -> None:
    tell(database, kitchen, "one", "two", "three")

    assert caller.post("/v1/notifications/read-all?upto=2").status_code == 204

    assert caller.get("/v1/notifications").json["unread"] == 1


def test_nobody_reads_anothers_inbox(
    database: Database, caller: Caller, stranger: Caller, kitchen: uuid.UUID
) -> None:
    tell(database, kitchen, "one")
    item = caller.get("/v1/notifications").json["items"][0]

    assert stranger.get("/v1/notifications").json == {"items": [], "unread": 0, "next": None}
    assert stranger.post(f"/v1/notifications/{item['id']}/read").status_code == 404
    assert caller.get("/v1/notifications").json["unread"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("unread=perhaps", "unread"), ("cursor=x", "cursor"), ("a=1", "a")],
)
def test_a_query_that_makes_no_sense_is_refused(caller: Caller, query: str, field: str) -> None:
    answer = caller.get(f"/v1/notifications?{query}")

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_a_stream_never_meets_a_number_below_one_that_it_has_seen(
    database: Database, person: uuid.UUID
) -> None:
    """A transaction that took a number and is slow to commit holds back the next one's."""
    slow, told = threading.Event(), threading.Event()

    def tell_slowly() -> None:
        with database.transaction() as session:
            words = {"title": "slow", "body": "."}
            notify(session, [person], "announcement", words, "slow")
            told.set()
            assert slow.wait(30)

    first = threading.Thread(target=tell_slowly)
    second = threading.Thread(target=tell, args=(database, person, "quick"))
    first.start()
    assert told.wait(30)
    second.start()
    with database.transaction() as session:
        seen_before = inbox.after(session, person, 0, 10)
    slow.set()
    first.join()
    second.join()

    with database.transaction() as session:
        seen = inbox.after(session, person, 0, 10)
        latest = inbox.latest(session, [person, uuid.UUID(int=7)])
    assert seen_before == []
    assert [(each.number, each.title) for each in seen] == [(1, "slow"), (2, "quick")]
    assert latest == {person: 2, uuid.UUID(int=7): 0}


def test_a_real_stream_replays_from_the_last_seen_and_goes_on_live(
    database: Database,
    kitchen: uuid.UUID,
    server: Platform,  # noqa: F811
    new_key: Callable[..., str],
) -> None:
    tell(database, kitchen, "one", "two")
    headers = {"Authorization": f"Bearer {new_key()}", "Last-Event-ID": "1"}

    url = f"{server.url}/v1/notifications/stream"

    seen = []
    with httpx2.stream("GET", url, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("id: "):
                seen.append(int(line.removeprefix("id: ")))
                if seen == [2]:
                    tell(database, kitchen, "three")
                if len(seen) == 2:
                    break

    assert seen == [2, 3]


def test_old_notifications_are_deleted_once_nothing_of_them_is_pending(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    tell(database, person, "one", "two")
    rows("""
        UPDATE notification_deliveries d SET state = 'delivered' FROM notifications n
        WHERE n.id = d.notification_id AND n.key = 'one' RETURNING 1
    """)

    with database.transaction() as session:
        assert inbox.delete_expired(session, timedelta(seconds=-60)) == 1

    assert [row.key for row in rows("SELECT key FROM notifications")] == ["two"]
