"""Rules: paused, limited, drained and cleared at run time, and every change audited."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import Invalid
from services import audit
from services.jobs import rules
from services.jobs.rules import InFlight, Target
from tests.jobs.conftest import STIR
from tests.jobs.dying import column, order

QUEUE = Target("queue", STIR.queue)


def deeds(database: Database) -> list[tuple[str, str]]:
    """What the audit log says was done, oldest first."""
    with database.transaction() as session:
        return [(entry.action, entry.target) for entry in audit.entries(session)][::-1]


def send(database: Database, job_id: uuid.UUID, state: str = "dispatched") -> None:
    """As the dispatcher does, and with `running` as a worker does."""
    with database.transaction() as session:
        session.execute(
            text("UPDATE jobs SET state = :state, claim = claim + 1 WHERE id = :id"),
            {"id": job_id, "state": state},
        )


def take_back(database: Database, target: Target) -> InFlight:
    with database.transaction() as session:
        return rules.take_back(session, target)


@pytest.mark.parametrize(
    ("scope", "name", "said"),
    [
        ("queue", "test", "no queue 'test'. Did you mean tests?"),
        ("kind", "tests.stri", "Did you mean tests.stir?"),
        ("owner", "somebody", "is no owner's id"),
        ("qeue", "tests", "no scope 'qeue'. Did you mean queue?"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_may_be_meant(scope, name, said):
    with pytest.raises(Invalid, match=said):
        Target(scope, name)


def test_an_owner_is_named_in_one_way_however_it_is_spelt(owner):
    assert Target("owner", owner.hex.upper()).name == str(owner)


def test_a_pause_keeps_limits_and_a_resume_goes_on_within_them(session):
    rules.limit(session, QUEUE, "key:me", concurrency=2, per_second=1.5)

    paused = rules.pause(session, QUEUE, "key:you")
    assert (paused.paused, paused.concurrency, paused.per_second) == (True, 2, 1.5)
    assert paused.changed_by == "key:you"

    resumed = rules.resume(session, QUEUE, "key:me")
    assert (resumed.paused, resumed.concurrency) == (False, 2)


def test_new_limits_replace_the_old_ones_and_leave_a_pause(session):
    rules.pause(session, QUEUE, "key:me")
    rules.limit(session, QUEUE, "key:me", concurrency=2, per_second=None)

    limited = rules.limit(session, QUEUE, "key:me", concurrency=None, per_second=9)

    assert (limited.paused, limited.concurrency, limited.per_second) == (True, None, 9)


def test_a_rule_that_says_nothing_is_gone(session, owner):
    for target in (QUEUE, Target("kind", STIR.name), Target("owner", str(owner))):
        rules.pause(session, target, "key:me")
    assert [rule.scope for rule in rules.listing(session)] == ["queue", "kind", "owner"]

    assert rules.resume(session, QUEUE, "key:me") is None
    rules.clear(session, Target("kind", STIR.name), "key:me")

    assert [rule.scope for rule in rules.listing(session)] == ["owner"]


def test_each_change_is_audited_and_what_holds_already_is_not(database):
    with database.transaction() as session:
        rules.resume(session, QUEUE, "key:me")
        rules.pause(session, QUEUE, "key:me")
        rules.pause(session, QUEUE, "key:me")
        rules.drain(session, QUEUE, "key:me")
        rules.limit(session, QUEUE, "key:me", concurrency=1, per_second=None)
        rules.resume(session, QUEUE, "key:me")
        rules.clear(session, QUEUE, "key:me")
        rules.clear(session, QUEUE, "key:me")
    with database.transaction() as session:
        newest = audit.entries(session)[0]

    assert deeds(database) == [
        (f"queue.{deed}", "queue:tests") for deed in ("paused", "limited", "resumed", "cleared")
    ]
    assert newest.details == {"paused": False, "concurrency": None, "per_second": None}


def test_a_change_that_is_rolled_back_was_never_made(database):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        rules.pause(session, QUEUE, "key:me")
        raise ZeroDivisionError

    assert deeds(database) == []


@pytest.mark.parametrize(
    "limits",
    [
        {"concurrency": 0, "per_second": None},
        {"concurrency": -1, "per_second": None},
        {"concurrency": None, "per_second": 0},
        {"concurrency": None, "per_second": float("nan")},
        {"concurrency": 10**9, "per_second": None},
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(session, limits):
    with pytest.raises(Invalid, match="makes no sense"):
        rules.limit(session, QUEUE, "key:me", **limits)


def test_draining_takes_back_what_was_sent_and_leaves_what_runs(database, owner):
    sent, running = order(database, owner), order(database, owner)
    send(database, sent)
    send(database, running, "running")
    with database.transaction() as session:
        rules.drain(session, QUEUE, "key:me")

    assert take_back(database, QUEUE) == InFlight(dispatched=0, running=1)

    # The claim stays: a message that is about after all is refused once the job is sent anew.
    assert column(database, sent, "state, claim, due") == ("queued", 1, True)
    assert column(database, running, "state") == ("running",)


def test_an_owner_is_drained_alone(database, owner):
    mine, other = order(database, owner), order(database, uuid.UUID(int=9))
    send(database, mine)
    send(database, other)
    target = Target("owner", str(owner))

    assert not take_back(database, target)

    assert column(database, mine, "state") == ("queued",)
    assert column(database, other, "state") == ("dispatched",)


def test_a_kind_is_drained_in_whatever_queue_it_is(database, owner):
    job = order(database, owner)
    send(database, job)

    assert not take_back(database, Target("kind", STIR.name))
    assert column(database, job, "state") == ("queued",)


@pytest.mark.parametrize("scope", ["kind", "owner"])
def test_what_is_paused_is_not_sent_until_it_is_resumed(database, kitchen, owner, scope):
    order(database, owner)
    target = Target(scope, STIR.name if scope == "kind" else str(owner))

    with database.transaction() as session:
        rules.pause(session, target, "key:me")
    assert kitchen.dispatch() == []

    with database.transaction() as session:
        rules.resume(session, target, "key:me")
    assert len(kitchen.dispatch()) == 1


def test_a_message_that_was_taken_back_is_refused_and_the_job_is_sent_anew(
    database, kitchen, owner
):
    order(database, owner)
    (message,) = kitchen.dispatch()

    assert not take_back(database, QUEUE)

    assert kitchen.claim(message) is None
    (again,) = kitchen.dispatch()
    assert again.claim > message.claim
    assert kitchen.claim(again) is not None
