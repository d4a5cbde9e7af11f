"""Operators over HTTP: how queues stand, rules, and dead jobs of everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kernel.database import Database
from services import audit
from services.jobs.end import Ending, end
from tests.analyses.claiming import claim_next
from tests.web.client import PANCAKES, Caller
from tests.web.test_jobs import Event, events, follow

QUEUE = "/v1/admin/rules/queue/nutrition.interactive"
DEAD = Ending(state="dead", reason="exhausted", error={"type": "Odd", "message": "It boiled over."})


@pytest.fixture
def die(database: Database) -> Callable[..., str]:
    """Has a caller submit a job that ends as dead; answers its id."""

    def submit(caller: Caller, how: Ending = DEAD) -> str:
        job = caller.submit()
        with database.transaction() as session:
            end(session, [job], how)
        return job

    return submit


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [
        ("user", None, 403),
        ("operator", ["jobs:read"], 403),
        ("operator", ["admin:read"], 200),
        ("admin", None, 200),
    ],
)
def test_operators_routes_take_an_operators_key(
    app: Flask, new_key: Callable[..., str], role: str, scopes: list[str] | None, status: int
) -> None:
    someone = Caller(app.test_client(), new_key(role=role, scopes=scopes))

    assert someone.get("/v1/admin/queues").status_code == status
    if scopes == ["admin:read"]:
        assert someone.send("PUT", QUEUE, json={"paused": True}).status_code == 403


def test_queues_kinds_owners_and_processes_are_shown(operator: Caller, caller: Caller) -> None:
    caller.submit()

    seen = operator.get("/v1/admin/queues").json

    queue = {one["name"]: one for one in seen["queues"]}["nutrition.interactive"]
    assert (queue["depth"], queue["running"], queue["slots"], queue["paused"]) == (1, 0, 0, False)
    assert {one["name"]: one["depth"] for one in seen["kinds"]}["analyses.analyze"] == 1
    assert [one["depth"] for one in seen["owners"]] == [1]
    assert seen["processes"] == []


def test_a_rule_is_put_shown_listed_and_cleared(operator: Caller) -> None:
    nothing = operator.get(QUEUE).json
    assert (nothing["paused"], nothing["concurrency"], nothing["changed_by"]) == (False, None, None)

    put = operator.send("PUT", QUEUE, json={"paused": True, "concurrency": 3, "per_second": 0.5})
    assert put.status_code == 200
    assert put.json == operator.get(QUEUE).json
    assert put.json["changed_by"].startswith("key:")
    assert [rule["name"] for rule in operator.get("/v1/admin/rules").json["items"]] == [
        "nutrition.interactive"
    ]

    # A put says all that holds.
    assert operator.send("PUT", QUEUE, json={"concurrency": 3}).json["paused"] is False
    assert operator.delete(QUEUE).status_code == 204
    assert operator.get("/v1/admin/rules").json["items"] == []


def test_every_change_of_a_rule_is_in_the_audit_log(operator: Caller, database: Database) -> None:
    operator.send("PUT", QUEUE, json={"paused": True})
    operator.delete(QUEUE)
    with database.transaction() as session:
        found = audit.entries(session, target="queue:nutrition.interactive")

    assert [entry.action for entry in found] == ["queue.cleared", "queue.changed"]
    assert all(entry.actor.startswith("key:") for entry in found)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("queue/nutrition.interactiv", "Did you mean nutrition.interactive"),
        ("kind/analyses.analyse", "Did you mean analyses.analyze"),
        ("owner/kitchen", "is no owner's id"),
        ("queues/nutrition.bulk", "Did you mean queue?"),
    ],
)
def test_a_rule_for_what_is_not_there_is_not_found(operator: Caller, path: str, said: str) -> None:
    answer = operator.send("PUT", f"/v1/admin/rules/{path}", json={"paused": True})

    assert answer.status_code == 404
    assert said in answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": "3"}, "concurrency"),
        ({"concurrency": 1.5}, "concurrency"),
        ({"per_second": 0}, "per_second"),
        ({"paused": "yes"}, "paused"),
        ({"paused": 1}, "paused"),
        ({"pause": True}, "pause"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_its_field(
    operator: Caller, body: dict[str, object], field: str
) -> None:
    answer = operator.send("PUT", QUEUE, json=body)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_a_drained_queue_is_paused_and_what_was_sent_comes_back(
    operator: Caller, caller: Caller, database: Database
) -> None:
    caller.submit()
    running = claim_next(database, "nutrition.interactive")
    assert running is not None

    first = operator.post(f"{QUEUE}/drain")
    assert (first.status_code, first.headers["Retry-After"]) == (202, "1")
    assert first.json["in_flight"] == {"dispatched": 0, "running": 1}
    assert first.json["paused"] is True

    with database.transaction() as session:
        end(session, [running.run.job.id], DEAD)
    done = operator.post(f"{QUEUE}/drain")
    assert (done.status_code, done.json["in_flight"]["running"]) == (200, 0)


def test_dead_jobs_of_everybody_are_searched_paged_and_shown(
    operator: Caller, caller: Caller, stranger: Caller, die: Callable[..., str]
) -> None:
    made = [die(caller), die(stranger), die(caller)]

    first = operator.get("/v1/admin/dead-jobs?limit=2").json
    rest = operator.get(f"/v1/admin/dead-jobs?limit=2&cursor={first['next']}").json
    assert [job["id"] for page in (first, rest) for job in page["items"]] == made[::-1]
    assert rest["next"] is None

    shown = operator.get(f"/v1/admin/dead-jobs/{made[0]}").json
    assert (shown["state"], shown["reason"]) == ("dead", "exhausted")
    assert shown["error"]["message"] == "It boiled over."
    assert shown["expires_at"] > shown["finished_at"]
    assert "payload" not in shown
    owner = shown["owner_id"]
    mine = operator.get(f"/v1/admin/dead-jobs?owner={owner}&text=BOILED&state=dead").json["items"]
    assert [job["id"] for job in mine] == [made[2], made[0]]
    counts = operator.get("/v1/admin/dead-jobs/counts?kind=analyses.analyze").json["items"]
    assert [(one["reason"], one["jobs"]) for one in counts] == [("exhausted", 3)]


def test_an_operator_replays_one_job_once(
    operator: Caller, caller: Caller, die: Callable[..., str]
) -> None:
    job = die(caller)

    answer = operator.post(f"/v1/admin/dead-jobs/{job}/replay")
    again = operator.post(f"/v1/admin/dead-jobs/{job}/replay")

    assert (answer.status_code, answer.json) == (202, {"id": job, "state": "queued"})
    assert again.status_code == 409
    assert operator.get(f"/v1/admin/dead-jobs/{job}").status_code == 404
    assert caller.get(f"/v1/jobs/{job}").json["state"] == "queued"


def test_an_operator_replays_what_a_search_finds(
    operator: Caller, caller: Caller, die: Callable[..., str]
) -> None:
    jobs = [die(caller) for _ in range(3)]
    replay = "/v1/admin/dead-jobs/replay"

    none = operator.post(replay, json={"kind": "batches.chunk"})
    some = operator.post(replay, json={"reason": "exhausted", "rate": 0.5, "most": 2})

    assert (none.status_code, none.json["replayed"], none.json["until"]) == (202, 0, None)
    assert (some.json["replayed"], some.json["skipped"], some.json["more"]) == (2, 0, True)
    states = [caller.get(f"/v1/jobs/{job}").json["state"] for job in jobs]
    assert states == ["queued", "queued", "dead"]


def test_an_owner_runs_a_dead_job_again(
    caller: Caller, stranger: Caller, die: Callable[..., str], work: Callable[[], None]
) -> None:
    job = die(caller)

    assert stranger.post(f"/v1/jobs/{job}/retry").status_code == 404
    answer = caller.post(f"/v1/jobs/{job}/retry")

    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    assert answer.headers["Location"] == f"/v1/jobs/{job}"
    assert answer.json["history"][-1]["outcome"] == "replayed"
    assert caller.post(f"/v1/jobs/{job}/retry").status_code == 409
    work()
    assert caller.get(f"/v1/jobs/{job}").json["state"] == "succeeded"
    assert caller.get(f"/v1/analyses/{job}").json["title"] == PANCAKES["title"]


def test_the_events_of_a_replayed_job_go_on_after_its_first_end(
    caller: Caller, die: Callable[..., str], work: Callable[[], None]
) -> None:
    job = die(caller)
    caller.post(f"/v1/jobs/{job}/retry")
    work()

    told = events(follow(caller, job).text)

    assert told == [
        Event(1, "queued"),
        Event(2, "dead"),
        Event(3, "queued"),
        Event(4, "running"),
        Event(5, "succeeded"),
    ]
