"""A deploy rolls, and rolls back: whichever half is of the previous release, every job ends."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.conftest import ROOT
from tests.deploys.conftest import Ledger, recipes
from tests.deploys.release import Release
from tests.processes import eventually

RECIPE = {"servings": 4, "ingredients": ["2 cups flour", "1 egg", "100 g sugar"]}
RECIPES = 120  # three chunks


def analyse(http: httpx2.Client) -> str:
    answer = http.post("/v1/analyses", json=RECIPE)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def submit(http: httpx2.Client) -> str:
    answer = http.post(
        "/v1/batches",
        content=recipes(RECIPES),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def assert_whole(http: httpx2.Client, batch_id: str) -> None:
    """The batch answers with every recipe once, and none of them failed."""
    batch: dict[str, Any] = http.get(f"/v1/batches/{batch_id}").json()
    assert batch["state"] == "succeeded"
    lines = http.get(f"/v1/batches/{batch_id}/results").text.splitlines()
    assert len(lines) == RECIPES
    assert '"failed"' not in "".join(line[:200] for line in lines)


def test_the_archive_runs_its_own_code(old: Release, new: Release) -> None:
    """Or all that follows would prove nothing."""
    for module in ("worker.app", "services.jobs.plan", "nutrition", "beat_schedule"):
        assert ROOT not in old.origin(module).parents, module
        assert ROOT in new.origin(module).parents, module


def test_the_previous_release_lives_on_the_new_schema(
    old: Release, key: str, ledger: Ledger
) -> None:
    """Migrations go first: until the last process is replaced all of the old ones must work."""
    old.start("web", "dispatcher", "worker")
    http = old.client(key)

    analysis, batch = analyse(http), submit(http)

    ledger.await_state(analysis, "succeeded")
    ledger.await_state(batch, "succeeded")
    assert_whole(http, batch)
    assert http.get(f"/v1/analyses/{analysis}").json()["label"]
    ready = http.get("/readyz")
    assert ready.json()["checks"]["schema"]["status"] == "ok", ready.text


def test_what_the_previous_release_left_half_done_this_one_ends(
    old: Release, new: Release, key: str, ledger: Ledger
) -> None:
    """Killed in mid-work: rows queued, dispatched and running, as the old code wrote them."""
    old.start("web", "dispatcher", "worker")
    batch = submit(old.client(key))
    ledger.await_working("batches.chunk")
    old.kill_all()

    new.start("web", "dispatcher", "worker")

    ledger.await_state(batch, "succeeded")
    assert_whole(new.client(key), batch)


def test_what_this_release_left_half_done_the_previous_one_ends(
    old: Release, new: Release, key: str, ledger: Ledger
) -> None:
    """A deploy that is taken back, in the worst way."""
    new.start("web", "dispatcher", "worker")
    batch = submit(new.client(key))
    ledger.await_working("batches.chunk")
    new.kill_all()

    old.start("web", "dispatcher", "worker")

    ledger.await_state(batch, "succeeded")
    assert_whole(old.client(key), batch)


def test_a_new_dispatcher_feeds_old_workers_and_an_old_one_new(
    old: Release, new: Release, key: str, ledger: Ledger
) -> None:
    """In the middle of a deploy: messages of one release are read by the other."""
    new.start("web", "dispatcher")
    old.start("worker")
    http = new.client(key)
    first = analyse(http), submit(http)
    for job in first:
        row = ledger.await_state(job, "succeeded")
        assert (row.failures, row.lost) == (0, 0)

    old.start("dispatcher")
    new.stop("dispatcher")
    new.start("worker")
    old.stop("worker")
    second = analyse(http), submit(http)
    for job in second:
        row = ledger.await_state(job, "succeeded")
        assert (row.failures, row.lost) == (0, 0)
    assert_whole(http, first[1])
    assert_whole(http, second[1])


def test_two_beats_of_two_releases_fire_a_slot_once(
    old: Release, new: Release, ledger: Ledger
) -> None:
    old.start("beat")
    new.start("beat")

    def both_beat() -> bool:
        (row,) = ledger.rows("SELECT count(*) FROM processes WHERE role = 'beat'")
        return bool(row[0] == 2)

    eventually("two beats live", both_beat)
    slots = ledger.rows("""
        SELECT metadata->>'entry' AS entry, metadata->>'slot' AS slot, count(*) AS fired
        FROM jobs WHERE actor = 'beat' GROUP BY 1, 2
    """)
    assert slots
    assert {row.fired for row in slots} == {1}
