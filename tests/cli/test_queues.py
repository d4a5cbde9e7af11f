"""`nutrition queues`: rules made and undone, and a drain that waits until nothing runs."""

from __future__ import annotations

import json
import time
import uuid

import pytest
from sqlalchemy import text

from cli.exits import Exit
from kernel.database import Database
from services import audit
from services.accounts import keys
from services.jobs.end import end
from tests.cli.conftest import Command
from tests.jobs.dying import EXHAUSTED, order

OWNER = uuid.UUID(int=7)


def rules(operator: Command) -> list[dict[str, object]]:
    return [json.loads(line) for line in operator("queues", "list", "--json").out.splitlines()]


def test_a_queue_is_paused_limited_resumed_and_cleared(
    operator: Command, database: Database
) -> None:
    assert "queue:tests is paused" in operator("queues", "pause", "tests").out
    limited = operator("queues", "limit", "tests", "--concurrency", "2", "--per-second", "1.5")
    assert "at most 2 jobs at once and begins at most 1.5 jobs a second" in limited.out
    (rule,) = rules(operator)
    assert (rule["paused"], rule["concurrency"], rule["per_second"]) == (True, 2, 1.5)

    assert operator("queues", "resume", "tests", "--json").json["paused"] is False
    assert operator("queues", "clear", "tests").code == Exit.OK

    assert rules(operator) == []
    with database.transaction() as session:
        done = [entry.action for entry in audit.entries(session)]
    assert done == ["queue.cleared", "queue.resumed", "queue.limited", "queue.paused"]


def test_kinds_and_owners_have_rules_too(operator: Command, database: Database) -> None:
    with database.transaction() as session:
        account = keys.create_account(session, "kitchen").id

    operator("queues", "pause", "--kind", "tests.stir")
    operator("queues", "limit", "--owner", "kitchen", "--concurrency", "1")

    assert [(rule["scope"], rule["name"]) for rule in rules(operator)] == [
        ("kind", "tests.stir"),
        ("owner", str(account)),
    ]


def test_without_a_command_queues_and_rules_are_shown(
    operator: Command, database: Database
) -> None:
    order(database, OWNER)
    operator("queues", "pause", "tests")

    shown = operator("queues").out

    line = next(line for line in shown.splitlines() if line.startswith("tests "))
    assert line.split()[1] == "1"
    assert "paused" in line
    assert "cli:" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("pause", "test"), "Did you mean tests?"),
        (("pause", "--kind", "tests.stri"), "Did you mean tests.stir?"),
        (("pause",), "Name a queue, or one of --kind and --owner."),
        (("pause", "tests", "--kind", "tests.stir"), "Name a queue, or one of"),
        (("limit", "tests", "--per-second", "0"), "makes no sense"),
    ],
)
def test_what_is_not_there_is_refused(
    operator: Command, words: tuple[str, ...], message: str
) -> None:
    result = operator("queues", *words)

    assert result.code == Exit.USAGE
    assert message in result.err


def test_a_drain_waits_until_nothing_runs(
    operator: Command, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, running = order(database, OWNER), order(database, OWNER)
    with database.transaction() as session:
        change = text("UPDATE jobs SET state = :state WHERE id = :id")
        session.execute(change, {"state": "dispatched", "id": sent})
        session.execute(change, {"state": "running", "id": running})
    waits: list[float] = []

    def finish(seconds: float) -> None:
        waits.append(seconds)
        with database.transaction() as session:
            end(session, [running], EXHAUSTED)

    assert "1 jobs still run" in operator("queues", "drain", "tests", "--no-wait").out
    monkeypatch.setattr(time, "sleep", finish)
    result = operator("queues", "drain", "tests")

    assert "queue:tests is drained" in result.out
    assert "1 jobs still run" in result.err
    assert len(waits) == 1
    assert rules(operator)[0]["paused"] is True
