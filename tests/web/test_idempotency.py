"""Idempotency-Key: a repeated request gets the first answer, and makes nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from kernel.database import Database
from tests.web.client import PANCAKES, Caller

KEY = {"Idempotency-Key": "an-order-once"}


def _jobs(database: Database) -> int:
    with database.transaction() as session:
        return int(session.scalars(text("SELECT count(*) FROM jobs")).one())


def test_the_same_request_is_answered_alike_and_makes_one_job(
    caller: Caller, database: Database
) -> None:
    first = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    again = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert _jobs(database) == 1


def test_a_replay_tells_of_the_acceptance_however_far_the_job_is(
    caller: Caller, work: Callable[[], None]
) -> None:
    first = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    work()

    again = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    waited = caller.post("/v1/analyses", json=PANCAKES, headers=KEY | {"Prefer": "wait=5"})

    assert again.json == first.json
    assert waited.status_code == 200
    assert waited.json["id"] == first.json["id"]


def test_quotes_around_the_key_make_no_difference(caller: Caller) -> None:
    first = caller.post("/v1/analyses", json=PANCAKES, headers={"Idempotency-Key": "abc"})
    again = caller.post("/v1/analyses", json=PANCAKES, headers={"Idempotency-Key": '"abc"'})

    assert again.json == first.json


def test_another_request_under_the_key_is_refused(caller: Caller, database: Database) -> None:
    caller.post("/v1/analyses", json=PANCAKES, headers=KEY)

    other = caller.post("/v1/analyses", json=PANCAKES | {"servings": 5}, headers=KEY)

    assert other.status_code == 422
    assert "Idempotency-Key" in other.json["detail"]
    assert _jobs(database) == 1


def test_while_the_first_request_runs_a_second_is_a_conflict(
    caller: Caller, database: Database
) -> None:
    with database.transaction() as session:
        # The lock that a request in progress holds, whoever's it is.
        session.execute(
            text("""
                SELECT pg_advisory_xact_lock(hashtextextended(
                    concat_ws(' ', 'idempotency', CAST(account_id AS text),
                              'key:' || CAST(id AS text), 'an-order-once'), 0)) FROM api_keys
            """)
        )
        meanwhile = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    afterwards = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)

    assert meanwhile.status_code == 409
    assert afterwards.status_code == 202
    assert "Idempotency-Replayed" not in afterwards.headers


def test_keys_of_different_callers_do_not_meet(caller: Caller, stranger: Caller) -> None:
    mine = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    theirs = stranger.post("/v1/analyses", json=PANCAKES, headers=KEY)

    assert theirs.status_code == 202
    assert theirs.json["id"] != mine.json["id"]


def test_a_refused_request_spends_no_key(caller: Caller) -> None:
    refused = caller.post("/v1/analyses", json={"ingredients": []}, headers=KEY)
    mended = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)

    assert refused.status_code == 422
    assert mended.status_code == 202


def test_after_a_day_a_key_is_new_again(caller: Caller, database: Database) -> None:
    first = caller.post("/v1/analyses", json=PANCAKES, headers=KEY)
    with database.transaction() as session:
        session.execute(text("UPDATE idempotency_keys SET expires_at = now()"))

    other = caller.post("/v1/analyses", json=PANCAKES | {"servings": 5}, headers=KEY)

    assert other.status_code == 202
    assert other.json["id"] != first.json["id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ключ"])
def test_what_is_no_key_is_malformed(caller: Caller, key: str) -> None:
    answer = caller.post("/v1/analyses", json=PANCAKES, headers={"Idempotency-Key": key})

    assert answer.status_code == 400


def test_a_batch_is_made_once_too(caller: Caller, database: Database) -> None:
    lines = b'{"ingredients": ["1 egg"]}\n' * 3
    first = caller.post("/v1/batches", data=lines, content_type="application/x-ndjson", headers=KEY)
    again = caller.post("/v1/batches", data=lines, content_type="application/x-ndjson", headers=KEY)
    other = caller.post(
        "/v1/batches", data=lines * 2, content_type="application/x-ndjson", headers=KEY
    )

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.json == first.json
    assert _jobs(database) == 2  # the chunk, and the batch's own
