"""`nutrition top`: one look and many, for people and for machines."""

from __future__ import annotations

import json
import time
import uuid

import pytest
from sqlalchemy import text

from cli.exits import Exit
from cli.standings import age
from kernel.database import Database
from kernel.settings import Settings
from services.accounts import keys
from services.jobs import processes
from tests.cli.conftest import Command
from tests.jobs.dying import die, order


def test_one_look_shows_queues_kinds_owners_and_processes(
    operator: Command, database: Database
) -> None:
    with database.transaction() as session:
        account = keys.create_account(session, "kitchen").id
        me = processes.Identity(role="worker", queues=["tests"], slots=3)
        processes.beat(session, me)
    order(database, account)
    die(database, account)

    shown = operator("top", "--once").out

    lines = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert lines["tests"][1] == "1"
    assert lines["tests"][7] == "3"  # slots
    assert lines["tests.stir"][1] == "1"
    assert lines[str(account)][1] == "kitchen"
    assert lines["worker"][1:3] == [me.host, str(me.pid)]
    # A kind with nothing to do takes no line.
    assert "upkeep.retention" not in lines


def test_a_silent_process_is_told_from_a_living_one(operator: Command, database: Database) -> None:
    with database.transaction() as session:
        processes.beat(session, processes.Identity(role="worker", queues=["tests"], slots=3))
        session.execute(text("UPDATE processes SET beat_at = now() - interval '1 minute'"))

    assert "silent: taken for dead" in operator("top", "--once").out


def test_one_look_for_a_machine_is_what_the_interface_answers(
    operator: Command, database: Database
) -> None:
    order(database, uuid.UUID(int=7))

    seen = operator("top", "--once", "--json").json

    assert set(seen) == {"at", "queues", "kinds", "owners", "processes"}
    assert {one["name"]: one["depth"] for one in seen["queues"]}["tests"] == 1


def _stop_after(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    left = looks

    def sleep(_: float) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)


def test_many_looks_for_a_machine_are_a_line_each(
    operator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stop_after(monkeypatch, 3)

    result = operator("top", "--json")

    assert result.code == Exit.INTERRUPTED
    assert len([json.loads(line) for line in result.out.splitlines()]) == 3


def test_ctrl_c_ends_the_watch_and_is_no_failure(
    operator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stop_after(monkeypatch, 2)

    assert operator("top").code == Exit.OK


def test_a_watch_outlives_the_database(
    settings: Settings,
    operator: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    _stop_after(monkeypatch, 2)

    result = operator("top")

    assert result.code == Exit.OK
    assert "out of reach" in result.out


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.04, "0.0s"),
        (9.96, "10.0s"),
        (59.9, "59s"),
        (185, "3m05s"),
        (7_800, "2h10m"),
        (4 * 86_400, "4d"),
    ],
)
def test_ages_are_said_shortly(seconds: float | None, said: str) -> None:
    assert age(seconds) == said
