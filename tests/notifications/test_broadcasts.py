"""Broadcasts: everybody once, whoever is killed; counted, cancelled, tried dry."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from kernel.database import Database
from services import webhooks
from services.accounts import people
from services.notifications import broadcasts, preferences
from services.webhooks import endpoints
from tests.processes import eventually
from tests.web.client import Caller

NEWS = {
    "topic": "announcement",
    "title": "New foods",
    "body": "The catalogue has grown.",
    "audience": "everyone",
    "channels": ["inbox", "stream"],
}
URL = "/v1/admin/broadcasts"
WAITING = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
Work = Callable[..., list[str]]
Rows = Callable[..., list[Any]]
NewPeople = Callable[..., list[uuid.UUID]]


def begun(admin: Caller, **changes: Any) -> str:
    """Begin a broadcast; answers its id."""
    answer = admin.post(URL, json=NEWS | changes)
    assert answer.status_code == 202, answer.json
    return str(answer.headers["Location"].rpartition("/")[2])


def shown(admin: Caller, broadcast: str) -> dict[str, Any]:
    answer = admin.get(f"{URL}/{broadcast}")
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_everybody_is_told_once_and_the_counts_add_up(
    admin: Caller, new_people: NewPeople, work: Work, rows: Rows
) -> None:
    everybody = new_people(7)

    broadcast = begun(admin)
    before = shown(admin, broadcast)
    work()

    after = shown(admin, broadcast)
    assert (before["state"], before["recipients"]) == ("sending", 7)
    assert (after["state"], after["recipients"]) == ("finished", 7)
    assert after["deliveries"] == {"pending": 0, "delivered": 14, "failed": 0, "skipped": 0}
    told = rows("SELECT account_id, count(*) AS times FROM notifications GROUP BY account_id")
    assert sorted(row.account_id for row in told) == sorted(everybody)
    assert {row.times for row in told} == {1}
    job = admin.get(f"/v1/jobs/{broadcast}").json
    assert job["state"] == "succeeded"
    assert job["progress"] == {"done": 7, "total": 7}


def test_parts_cover_everybody_once_however_many_there_are(
    admin: Caller, new_people: NewPeople, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "PART", 3)
    new_people(10)

    broadcast = begun(admin)
    kinds = work()

    assert kinds.count("notifications.fan-out") == 4
    assert shown(admin, broadcast)["deliveries"]["delivered"] == 20


def test_whoever_signs_up_meanwhile_is_not_told(
    admin: Caller, new_people: NewPeople, work: Work
) -> None:
    new_people(2)
    broadcast = begun(admin)
    new_people(1)

    work()

    assert shown(admin, broadcast)["recipients"] == 2


def test_whoever_is_disabled_is_not_told(
    admin: Caller, new_people: NewPeople, work: Work, database: Database
) -> None:
    new_people(2)
    gone = new_people(1)[0]
    with database.transaction() as session:
        people.disable(session, gone, actor="test")

    broadcast = begun(admin)
    work()

    assert shown(admin, broadcast)["recipients"] == 2


def test_a_part_that_died_is_made_up_for_when_the_broadcast_is_concluded(
    admin: Caller,
    new_people: NewPeople,
    work: Work,
    rows: Rows,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "PART", 2)
    new_people(5)
    broadcast = begun(admin)
    real, died = broadcasts.fan_out, []

    def dies_first(*args: Any) -> int:
        if not died:
            died.append(True)
            raise LookupError("a job that no attempt mends")
        return real(*args)

    monkeypatch.setattr(broadcasts, "fan_out", dies_first)
    work()
    rows(
        "UPDATE jobs SET failures = 100, next_at = now(), due = true WHERE pending = 0 RETURNING 1"
    )
    died.clear()
    work()

    assert shown(admin, broadcast)["deliveries"]["delivered"] == 10
    assert rows("SELECT count(*) FROM notifications")[0][0] == 5


def test_the_same_part_twice_tells_nobody_twice(
    admin: Caller, new_people: NewPeople, database: Database, rows: Rows
) -> None:
    new_people(3)
    broadcast = uuid.UUID(begun(admin))
    part = broadcasts.FanOut(
        broadcast_id=broadcast, first=uuid.UUID(int=0), until=uuid.UUID(int=2**128 - 1)
    )

    with database.transaction() as session:
        first = broadcasts.fan_out(session, part)
    with database.transaction() as session:
        second = broadcasts.fan_out(session, part)

    assert (first, second) == (3, 0)
    assert rows("SELECT count(*) FROM notification_deliveries")[0][0] == 6


def test_only_the_named_are_told(admin: Caller, new_people: NewPeople, work: Work) -> None:
    named = new_people(2)
    new_people(2)

    broadcast = begun(admin, audience={"user_ids": [str(one) for one in named]})
    work()

    assert shown(admin, broadcast)["recipients"] == 2
    assert shown(admin, broadcast)["audience"] == "user_ids"


def test_the_muted_are_skipped_and_the_mandatory_is_not(
    admin: Caller, new_people: NewPeople, work: Work, database: Database
) -> None:
    one, _ = new_people(2)
    with database.transaction() as session:
        preferences.put(
            session,
            one,
            {"announcement": {"inbox": False}, "service.notice": {"stream": False}},
        )

    news = begun(admin)
    notice = begun(admin, topic="service.notice")
    work()

    assert shown(admin, news)["deliveries"] == {
        "pending": 0, "delivered": 3, "failed": 0, "skipped": 1,
    }  # fmt: skip
    assert shown(admin, notice)["deliveries"]["skipped"] == 1


def test_a_dry_run_counts_and_writes_nothing(
    admin: Caller, new_people: NewPeople, rows: Rows
) -> None:
    new_people(3)

    answer = admin.post(URL, json=NEWS | {"dry_run": True})

    assert answer.status_code == 200
    assert answer.json == {
        "dry_run": True,
        "recipients": 3,
        "deliveries": {"pending": 6, "delivered": 0, "failed": 0, "skipped": 0},
    }
    assert not rows("SELECT 1 FROM broadcasts UNION ALL SELECT 1 FROM jobs")


def test_a_cancelled_broadcast_tells_nobody_more(
    admin: Caller, new_people: NewPeople, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "PART", 2)
    new_people(6)
    broadcast = begun(admin)
    work(most=1)

    answer = admin.delete(f"{URL}/{broadcast}")
    work()

    assert answer.status_code == 200
    after = shown(admin, broadcast)
    assert after["state"] == "cancelled"
    assert after["deliveries"]["delivered"] == 4
    assert admin.get(f"/v1/jobs/{broadcast}").json["state"] == "cancelled"
    assert admin.delete(f"{URL}/{broadcast}").status_code == 200


def test_who_cancels_the_job_of_a_broadcast_cancels_the_broadcast(
    admin: Caller, new_people: NewPeople, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "PART", 2)
    new_people(6)
    broadcast = begun(admin, channels=["inbox", "email"])
    assert work(most=1) == ["notifications.fan-out"]

    assert admin.delete(f"/v1/jobs/{broadcast}").json["state"] == "cancelled"

    after = shown(admin, broadcast)
    assert after["state"] == "cancelled"
    assert after["deliveries"] == {"pending": 0, "delivered": 2, "failed": 0, "skipped": 2}
    assert admin.delete(f"{URL}/{broadcast}").json["ended_at"] == after["ended_at"]


def test_a_cancellation_waits_for_whoever_is_being_told(
    admin: Caller, new_people: NewPeople, database: Database, rows: Rows
) -> None:
    """The conclusion tells some outside the lock of its job: their e-mail is skipped as well."""
    new_people(2)
    broadcast = begun(admin, channels=["email"])
    with database.transaction() as session:
        assert broadcasts.catch_up(session, uuid.UUID(broadcast)) == 2
        cancelling = threading.Thread(target=admin.delete, args=(f"{URL}/{broadcast}",))
        cancelling.start()
        eventually("it waits", lambda: bool(rows(WAITING)) or not cancelling.is_alive())
    cancelling.join()

    assert shown(admin, broadcast)["deliveries"] == {
        "pending": 0, "delivered": 0, "failed": 0, "skipped": 2,
    }  # fmt: skip


def test_what_waits_for_a_webhook_is_withdrawn_with_the_broadcast(
    admin: Caller, new_people: NewPeople, work: Work, database: Database, rows: Rows
) -> None:
    (person,) = new_people(1)
    with database.transaction() as session:
        endpoints.create(session, person, "https://example.com/hook")
    broadcast = begun(admin, channels=["webhook"])
    assert work(most=2) == ["notifications.fan-out", "notifications.conclude"]

    answer = admin.delete(f"{URL}/{broadcast}")

    assert answer.json["deliveries"] == {
        "pending": 0, "delivered": 0, "failed": 0, "skipped": 1,
    }  # fmt: skip
    assert rows("SELECT state FROM webhook_deliveries")[0].state == "skipped"
    work()
    assert rows("SELECT attempts FROM webhook_deliveries")[0].attempts == 0


def test_what_has_finished_cannot_be_cancelled(
    admin: Caller, new_people: NewPeople, work: Work
) -> None:
    new_people(1)
    broadcast = begun(admin)
    work()

    assert admin.delete(f"{URL}/{broadcast}").status_code == 409


def test_a_repeated_request_makes_one_broadcast(
    admin: Caller, new_people: NewPeople, rows: Rows
) -> None:
    new_people(1)
    headers = {"Idempotency-Key": "once"}

    first = admin.post(URL, json=NEWS, headers=headers)
    second = admin.post(URL, json=NEWS, headers=headers)

    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert rows("SELECT count(*) FROM broadcasts")[0][0] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topic": "anouncement"}, "topic"),
        ({"topic": "backup.failed"}, "topic"),
        ({"title": ""}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"body": "nul \x00"}, "body"),
        ({"audience": "everybody"}, "audience"),
        ({"audience": {"user_ids": []}}, "audience.user_ids"),
        ({"audience": {"user_ids": ["nobody"]}}, "audience.user_ids.0"),
        ({"audience": {"user_ids": [str(uuid.UUID(int=7))]}}, "audience.user_ids.0"),
        ({"audience": {"users": []}}, "audience.users"),
        ({"channels": ["pigeon"]}, "channels.0"),
        ({"channels": []}, "channels"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"titel": "x"}, "titel"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_and_nothing_is_written(
    admin: Caller, rows: Rows, changes: dict[str, Any], field: str
) -> None:
    answer = admin.post(URL, json=NEWS | changes)

    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert not rows("SELECT 1 FROM broadcasts UNION ALL SELECT 1 FROM jobs")


def test_operators_look_and_administrators_speak(operator: Caller, admin: Caller) -> None:
    broadcast = begun(admin)

    assert operator.get(f"{URL}/{broadcast}").status_code == 200
    assert operator.post(URL, json=NEWS).status_code == 403
    assert operator.delete(f"{URL}/{broadcast}").status_code == 403
    assert admin.get(f"{URL}/{uuid.UUID(int=7)}").status_code == 404


def test_a_broadcast_to_nobody_finishes(admin: Caller, work: Work) -> None:
    broadcast = begun(admin)

    work()

    assert shown(admin, broadcast)["state"] == "finished"
    assert webhooks.DELIVER.tells, "broadcasts hear of their webhooks' ends"
