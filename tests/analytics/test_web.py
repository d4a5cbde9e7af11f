"""Over HTTP: who may send, who sees whose counts, and in which form."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kernel.database import Database
from services.analytics import report
from tests.analytics.conftest import LONG_AGO, Counter, event
from tests.web.client import Caller
from tests.web.conftest import anonymous, app, new_key, operator, stranger, work
from tests.web.conftest import caller as caller

__all__ = ["anonymous", "app", "new_key", "operator", "stranger", "work"]

SPAN = {"from": LONG_AGO.isoformat(), "to": (LONG_AGO + timedelta(hours=2)).isoformat()}


def send(caller: Caller, *events: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.post("/v1/events", json={"events": list(events)}, headers=named)


def counted(caller: Caller, what: str = "events", **query: Any) -> Any:
    answer = caller.get(f"/v1/analytics/{what}", query_string=SPAN | query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_is_sent_is_counted_for_its_account_alone(
    caller: Caller, stranger: Caller, operator: Caller, counter: Counter
) -> None:
    answer = send(caller, event(), event(name="other"))
    assert answer.status_code == 202
    assert answer.json == {
        "accepted": 2,
        "not_tracked": 0,
        "reason": None,
        "links": {"job": answer.headers["Location"]},
    }
    assert caller.get(answer.headers["Location"]).status_code == 200
    counter.ingest()
    counter.roll_up()

    mine = counted(caller, bucket="hour")
    assert [bucket["count"] for bucket in mine["buckets"]] == [2, 0]
    assert mine["buckets"][0]["start"] == LONG_AGO.isoformat().replace("+00:00", "Z")
    assert mine["scope"] == "own"
    assert mine["complete_until"] is not None
    assert [one["count"] for one in counted(caller, name="other")["buckets"]] == [1]
    assert [one["count"] for one in counted(stranger)["buckets"]] == [0]
    everybody = counted(operator)
    assert (everybody["scope"], everybody["buckets"][0]["count"]) == ("all", 2)
    assert counted(operator, scope="own")["buckets"][0]["count"] == 0


def test_counts_of_everybody_are_for_operators(caller: Caller) -> None:
    answer = caller.get("/v1/analytics/events", query_string={"scope": "all"})

    assert answer.status_code == 403
    assert "admin:read" in answer.json["detail"]  # type: ignore[index]


def test_one_bad_event_and_none_is_kept(caller: Caller, database: Database) -> None:
    late = event(LONG_AGO - timedelta(days=40))
    ahead = event(LONG_AGO + timedelta(days=3))

    answer = send(caller, event(), late, ahead)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["events.1.time", "events.2.time"]
    with database.transaction() as session:
        for table in ("event_batches", "event_names", "jobs"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_names_beyond_what_an_account_may_have_are_refused_by_field(caller: Caller) -> None:
    assert send(caller, *(event(name=f"n{number}") for number in range(500))).status_code == 202

    answer = send(caller, event(name="n7"), event(name="one-more"))

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["events.1.name"]
    assert send(caller, event(name="n7")).status_code == 202


@pytest.mark.parametrize("header", ["DNT", "Sec_GPC"])
def test_nothing_is_kept_of_who_is_not_to_be_tracked(
    caller: Caller, database: Database, header: str
) -> None:
    answer = send(caller, event(), **{header: "1"})

    assert answer.status_code == 202
    assert answer.json == {
        "accepted": 0,
        "not_tracked": 1,
        "reason": "do-not-track",
        "links": {},
    }
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM event_batches")) == 0


@pytest.mark.parametrize("consents", [False, True])
def test_a_persons_events_are_kept_with_their_consent_alone(
    caller: Caller, database: Database, consents: bool
) -> None:
    with database.transaction() as session:
        session.execute(
            text("""
                INSERT INTO people (account_id, email, password_hash, analytics_consent)
                SELECT id, 'someone@example.com', '-', :consents FROM accounts
            """),
            {"consents": consents},
        )

    answer = send(caller, event())

    assert answer.status_code == 202
    assert (answer.json["accepted"], answer.json["reason"]) == (
        (1, None) if consents else (0, "no-consent")
    )


def test_nothing_of_the_connection_is_kept(
    caller: Caller, counter: Counter, database: Database
) -> None:
    agent = "Tracking Browser 7"
    send(caller, event(), User_Agent=agent, X_Forwarded_For="203.0.113.9")
    counter.ingest()

    with database.transaction() as session:
        for table in ("events", "event_ids", "event_marks", "event_counts"):
            rows = session.execute(text(f"SELECT to_jsonb(one)::text FROM {table} AS one")).all()
            assert not [row for row in rows if agent in row[0] or "203.0.113" in row[0]]
            assert not [row for row in rows if "127.0.0.1" in row[0]]


def test_fewer_than_five_people_are_withheld_with_a_reason(
    caller: Caller, operator: Caller, counter: Counter
) -> None:
    send(caller, event())
    counter.ingest()
    counter.roll_up()

    for asking in (caller, operator):
        (bucket,) = counted(asking, "active-users")["buckets"]
        assert bucket["count"] is None
        assert bucket["reason"] == "Fewer than 5 people."
    for _ in range(4):
        counter.send(uuid.uuid4(), event())
    counter.ingest()
    counter.roll_up()
    (bucket,) = counted(operator, "active-users")["buckets"]
    assert (bucket["count"], "reason" in bucket) == (5, False)


def test_the_most_analysed_foods_are_those_of_stored_analyses(
    caller: Caller, operator: Caller, work: Callable[[], None], counter: Counter, database: Database
) -> None:
    for _ in range(2):
        caller.submit()
        work()
    two = {"ingredients": ["100 g butter", "2 tbsp butter, softened", "1 cup moonrock"]}
    caller.post("/v1/analyses", json=two)
    work()
    counter.roll_up()

    found = caller.get("/v1/analytics/foods").json["foods"]  # type: ignore[index]
    # Butter stands in two lines of one analysis, and what is unknown is no food.
    assert sorted(food["count"] for food in found) == [1, 2, 2, 2]
    assert all(food["name"] for food in found)
    assert operator.get("/v1/analytics/foods?limit=1").json["foods"] == found[:1]  # type: ignore[index]
    with database.transaction() as session:
        session.execute(
            text("""
                INSERT INTO people (account_id, email, password_hash)
                SELECT id, 'someone@example.com', '-' FROM accounts WHERE name = 'kitchen'
            """)
        )
    assert operator.get("/v1/analytics/foods").json["foods"] == []  # type: ignore[index]
    assert caller.get("/v1/analytics/foods").json["foods"] == found  # type: ignore[index]


@pytest.mark.parametrize("asked", [{"format": "csv"}, {"headers": {"Accept": "text/csv"}}])
def test_a_table_is_there_for_spreadsheets(
    caller: Caller, counter: Counter, asked: dict[str, Any]
) -> None:
    send(caller, event())
    counter.ingest()
    counter.roll_up()
    headers = asked.pop("headers", {})

    answer = caller.get("/v1/analytics/events", query_string=SPAN | asked, headers=headers)

    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [["start", "count"], [LONG_AGO.isoformat().replace("+00:00", "Z"), "1"]]


def test_an_answer_is_kept_until_more_is_counted(caller: Caller, counter: Counter) -> None:
    counter.roll_up()
    first = caller.get("/v1/analytics/events", query_string=SPAN)
    again = caller.get("/v1/analytics/events", query_string=SPAN)
    assert "hit" not in first.headers["Cache-Status"]
    assert "hit" in again.headers["Cache-Status"]
    unchanged = caller.get(
        "/v1/analytics/events",
        query_string=SPAN,
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert unchanged.status_code == 304

    send(caller, event())
    counter.ingest()
    counter.roll_up()

    assert [bucket["count"] for bucket in counted(caller)["buckets"]] == [1]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_name_that_looks_like_a_formula_is_text_in_a_table(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    used = report.FoodUsed(uuid.uuid4(), name, 3)
    monkeypatch.setattr(report, "foods", lambda *_: [used])

    answer = caller.get("/v1/analytics/foods?format=csv")

    assert list(csv.reader(io.StringIO(answer.text)))[1][1] == f"'{name}"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-24T00:00:00"}, "from"),
        ({"from": "2026-11-24T00:00:00Z", "to": "2026-11-24T00:00:00Z"}, "from"),
        ({"from": "2020-01-01T00:00:00Z", "bucket": "hour"}, "from"),
        ({"to": "9999-12-31T23:59:59Z"}, "from"),
        ({"to": "0001-01-01T00:00:00Z"}, "from"),
        ({"bucket": "week"}, "bucket"),
        ({"name": "=1"}, "name"),
        ({"format": "xml"}, "format"),
        ({"scope": "mine"}, "scope"),
        ({"since": "2026-11-24T00:00:00Z"}, "since"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_field(
    caller: Caller, query: dict[str, str], field: str
) -> None:
    answer = caller.get("/v1/analytics/events", query_string=query)

    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [field]  # type: ignore[index]
