"""`nutrition dead`: found, shown with their history, and replayed by name or by search."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cli.dead import Moment
from cli.exits import Exit
from kernel.database import Database
from services import audit
from services.accounts import keys
from tests.cli.conftest import Command
from tests.jobs.dying import PERMANENT, column, die, order

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def owner() -> uuid.UUID:
    return uuid.UUID(int=7)


def ids(operator: Command, *words: str) -> list[str]:
    lines = operator("dead", "list", "--json", *words).out.splitlines()
    return [json.loads(line)["id"] for line in lines]


def test_dead_jobs_are_listed_newest_first_as_far_as_asked(
    operator: Command, database: Database, owner: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.dead.PAGE", 2)
    made = [str(die(database, owner)) for _ in range(5)]

    assert ids(operator) == made[::-1]
    assert ids(operator, "--limit", "3") == made[:1:-1]
    shown = operator("dead", "list").out
    assert all(job in shown for job in made)
    assert "ValueError: The pot boiled over." in shown


def test_a_search_narrows_the_list(operator: Command, database: Database, owner: uuid.UUID) -> None:
    exhausted, permanent = str(die(database, owner)), str(die(database, owner, PERMANENT))
    with database.transaction() as session:
        account = keys.create_account(session, "kitchen").id
    theirs = str(die(database, account))

    assert ids(operator, "--state", "failed") == [permanent]
    assert ids(operator, "--reason", "exhausted") == [theirs, exhausted]
    assert ids(operator, "--text", "no such POT") == [permanent]
    assert ids(operator, "--owner", "kitchen") == [theirs]
    assert ids(operator, "--owner", str(owner)) == [permanent, exhausted]
    assert ids(operator, "--since", "1h", "--kind", "tests.stir", "--limit", "1") == [theirs]
    assert ids(operator, "--until", "2020-01-01") == []
    assert operator("dead", "list", "--owner", "nobody").code == Exit.NOT_FOUND


def test_they_are_counted_by_kind_and_reason(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    for how in ({}, {}, {"how": PERMANENT}):
        die(database, owner, **how)

    lines = operator("dead", "list", "--counts", "--json").out.splitlines()

    assert [(one["reason"], one["jobs"]) for one in map(json.loads, lines)] == [
        ("exhausted", 2),
        ("permanent", 1),
    ]


def test_one_is_shown_with_its_errors_and_log(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    job = die(database, owner)

    shown = operator("dead", "show", job).out

    assert "ValueError: The pot boiled over." in shown
    assert "attempt 3 failed" in shown
    assert "| boiling over" in shown
    assert operator("dead", "show", job, "--json").json["history"][0]["outcome"] == "failed"
    assert operator("dead", "show", NOBODY).code == Exit.NOT_FOUND


def test_named_jobs_are_replayed_and_audited_and_the_others_told(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    job, live = die(database, owner), order(database, owner)

    result = operator("dead", "replay", job, live, NOBODY)

    assert result.code == Exit.FAILED
    assert "Queued again: 1 job." in result.out
    assert "is queued" in result.err
    assert f"There is no job {NOBODY}" in result.err
    assert column(database, job, "state") == ("queued",)
    with database.transaction() as session:
        (entry,) = audit.entries(session)
    assert entry.actor.startswith("cli:")
    assert entry.target == f"job:{job}"


def test_a_search_is_replayed_at_a_rate(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    made = [die(database, owner) for _ in range(3)]
    other = die(database, owner, PERMANENT)

    result = operator("dead", "replay", "--reason", "exhausted", "--rate", "0.1", "--json")

    assert (result.json["replayed"], result.json["skipped"]) == (3, 0)
    first, *_, last = [column(database, job, "next_at").next_at for job in made]
    assert last - first == timedelta(seconds=20)
    assert datetime.fromisoformat(result.json["until"]) == last
    assert ids(operator) == [str(other)]


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    job = die(database, owner)

    named = operator("dead", "replay", job, "--dry-run")
    found = operator("dead", "replay", "--kind", "tests.stir", "--dry-run")

    assert "1 job would be replayed" in named.out
    assert "1 job would be replayed" in found.out
    assert "tests.stir" in found.err
    assert ids(operator) == [str(job)]
    with database.transaction() as session:
        assert audit.entries(session) == []


def test_everything_is_replayed_only_where_that_is_said(
    operator: Command, database: Database, owner: uuid.UUID
) -> None:
    job = die(database, owner)

    for words in ((), ("--all", "--kind", "tests.stir"), (job, "--all")):
        assert operator("dead", "replay", *words).code == Exit.USAGE
    assert operator("dead", "replay", "--all").code == Exit.OK
    assert ids(operator) == []


def test_a_rate_that_makes_no_sense_is_a_usage_error(operator: Command) -> None:
    result = operator("dead", "replay", "--all", "--rate", "0")

    assert result.code == Exit.USAGE
    assert "makes no sense" in result.err


def test_a_moment_is_a_date_a_time_or_how_long_ago() -> None:
    moment = Moment()

    assert moment.convert("2026-11-24", None, None) == datetime(2026, 11, 24, tzinfo=UTC)
    assert moment.convert("2026-11-24T18:00:00Z", None, None).hour == 18
    assert moment.convert("90m", None, None) < moment.convert("1h", None, None)


def test_what_is_no_moment_is_refused(operator: Command) -> None:
    result = operator("dead", "list", "--since", "yesterday")

    assert result.code == Exit.USAGE
    assert "write 2026-11-24" in result.err
