"""Dead jobs: found by what is known of them, told with their history, and brought back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import new_id
from services import audit
from services.jobs import dead, events, read
from services.jobs.dead import Search
from services.jobs.end import SUCCESS, end
from services.jobs.replay import Bulk, replay
from services.jobs.settle import Fenced
from tests.jobs.conftest import STIR
from tests.jobs.dying import DEPENDENCY, EXHAUSTED, PERMANENT, column, die, order

KEEP = timedelta(days=30)
ANY = Search()


def found(database: Database, search: Search = ANY, **more: object) -> list[uuid.UUID]:
    with database.transaction() as session:
        return [job.id for job in dead.listing(session, search, KEEP, **more)]


def all_of(database: Database, bulk: Bulk) -> Bulk:
    while not bulk.done:
        with database.transaction() as session:
            bulk.step(session)
    return bulk


def audited(database: Database) -> list[audit.Entry]:
    with database.transaction() as session:
        return audit.entries(session)


def test_dead_jobs_are_found_newest_first_and_paged_without_a_gap(database, owner):
    made = [die(database, owner, how) for how in (EXHAUSTED, PERMANENT, EXHAUSTED)]
    order(database, owner)

    assert found(database) == made[::-1]
    assert found(database, limit=2) == made[:0:-1]
    assert found(database, limit=2, before=made[1]) == made[:1]


@pytest.mark.parametrize(
    ("search", "finds"),
    [
        (Search(state="failed"), True),
        (Search(state="dead"), False),
        (Search(reason="permanent"), True),
        (Search(reason="exhausted"), False),
        (Search(kind="tests.stir"), True),
        (Search(kind="tests.else"), False),
        (Search(owner=uuid.UUID(int=5)), False),
        (Search(text="NO SUCH pot"), True),
        (Search(text="permanent"), True),
        (Search(text="50%"), True),
        (Search(text="5_%"), False),
        (Search(since=datetime(2020, 1, 1, tzinfo=UTC)), True),
        (Search(until=datetime(2020, 1, 1, tzinfo=UTC)), False),
        (Search(state="failed", kind="tests.stir", text="pot"), True),
    ],
)
def test_a_search_finds_what_meets_all_of_it(database, owner, search, finds):
    job = die(database, owner, PERMANENT)

    assert found(database, search) == ([job] if finds else [])


def test_a_dead_job_is_told_with_its_history_and_when_it_will_vanish(database, owner):
    job_id = die(database, owner)
    with database.transaction() as session:
        job = dead.find(session, job_id, KEEP)
        assert dead.find(session, new_id(), KEEP) is None

    assert (job.kind, job.state, job.reason) == ("tests.stir", "dead", "exhausted")
    assert job.error == {"type": "ValueError", "message": "The pot boiled over."}
    (attempt,) = job.history
    assert attempt["log"] == ["stirring", "boiling over"]
    assert attempt["error"]["type"] == "ValueError"
    assert "seconds" in attempt


def test_it_vanishes_with_the_partition_of_the_day_it_was_made():
    noon = uuid.UUID(int=int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000) << 80)

    assert dead.vanishes(noon, timedelta(days=30)) == datetime(2026, 4, 1, tzinfo=UTC)


def test_dead_jobs_are_counted_by_kind_and_reason(database, owner):
    for how in (EXHAUSTED, PERMANENT, EXHAUSTED):
        die(database, owner, how)
    with database.transaction() as session:
        counted = dead.counts(session, Search())
        capped = dead.counts(session, Search(), most=2)

    assert [(one.kind, one.state, one.reason, one.jobs, one.capped) for one in counted] == [
        ("tests.stir", "dead", "exhausted", 2, False),
        ("tests.stir", "failed", "permanent", 1, False),
    ]
    assert sum(one.jobs for one in capped) == 2
    assert all(one.capped for one in capped)
    with database.transaction() as session:
        assert dead.by_kind(session) == {"tests.stir": 3}
        assert dead.by_kind(session, most=2) == {"tests.stir": 2}


def test_a_replayed_job_lives_again_under_its_id_and_keeps_its_claim(database, owner):
    """The claim is the fencing token: whoever still holds an old one must stay out."""
    job_id = die(database, owner)

    with database.transaction() as session:
        replay(session, job_id, "key:me")

    row = column(
        database,
        job_id,
        "state, claim, attempts, failures, lost, due, reason, expires_at, process_id, history",
    )
    assert row[:9] == ("queued", 7, 3, 0, 0, True, None, None, None)
    assert [entry["outcome"] for entry in row.history] == ["failed", "replayed"]
    assert row.history[1]["by"] == "key:me"
    assert found(database) == []
    with database.transaction() as session:
        told = events.after(session, job_id, 5)
        assert read.find(session, job_id, owner).finished_at is None
    assert [(event.seq, event.name) for event in told] == [(6, "dead"), (7, "queued")]
    assert told[1].data["reason"] == "replayed"


def test_a_ghost_of_the_first_life_has_no_effect_in_the_second(database, kitchen, owner):
    """A worker that was frozen while its job died, was replayed and sent again."""
    job_id = order(database, owner)
    ghost = kitchen.start()
    with database.transaction() as session:
        end(session, [job_id], EXHAUSTED)
        replay(session, job_id, "key:me")
    heir = kitchen.start()

    assert heir.claim > ghost.claim
    assert (heir.attempt, heir.failures) == (2, 0)
    with pytest.raises(Fenced), kitchen.run(ghost).finish({"by": "ghost"}):
        pass
    with kitchen.run(heir).finish({"by": "heir"}):
        pass
    with database.transaction() as session:
        assert read.find(session, job_id, owner).result == {"by": "heir"}


def test_a_replayed_job_that_dies_again_can_be_replayed_again(database, owner):
    job_id = die(database, owner)
    for _ in range(2):
        with database.transaction() as session:
            replay(session, job_id, "key:me")
            end(session, [job_id], EXHAUSTED)
    assert found(database) == [job_id]


def test_only_a_dead_or_failed_job_is_replayed(database, owner):
    live, well = order(database, owner), order(database, owner)
    with database.transaction() as session:
        end(session, [well], SUCCESS)

    for job, error, said in (
        (live, Conflict, "queued"),
        (well, Conflict, "succeeded"),
        (new_id(), NotFound, "no job"),
    ):
        with pytest.raises(error, match=said), database.transaction() as session:
            replay(session, job, "key:me")


def test_an_owner_replays_only_what_is_his(database, owner):
    job_id = die(database, owner)

    with pytest.raises(NotFound), database.transaction() as session:
        replay(session, job_id, "key:me", owner=new_id())
    with database.transaction() as session:
        replay(session, job_id, "key:me", owner=owner)


def test_a_replay_is_audited_in_its_own_transaction(database, owner):
    job_id = die(database, owner)

    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        replay(session, job_id, "key:me")
        raise ZeroDivisionError
    assert audited(database) == []
    assert found(database) == [job_id]

    with database.transaction() as session:
        replay(session, job_id, "key:me")
    (entry,) = audited(database)
    assert (entry.actor, entry.action, entry.target) == ("key:me", "job.replayed", f"job:{job_id}")


def test_many_are_replayed_at_a_rate_oldest_first(database, owner):
    made = [die(database, owner) for _ in range(4)]
    other = die(database, owner, PERMANENT)

    bulk = all_of(database, Bulk(Search(reason="exhausted"), "key:me", rate=0.5))

    assert (bulk.replayed, bulk.skipped, bulk.more) == (4, 0, False)
    rows = [column(database, job, "next_at, due") for job in made]
    assert [(row.next_at - rows[0].next_at).total_seconds() for row in rows] == [0, 2, 4, 6]
    assert [row.due for row in rows] == [True, False, False, False]
    assert bulk.until == rows[-1].next_at
    assert found(database) == [other]
    (entry,) = audited(database)
    assert entry.action == "jobs.replayed"
    assert entry.details["search"] == {"reason": "exhausted"}
    assert (entry.details["jobs"], entry.details["rate"]) == (4, 0.5)


def test_a_replay_in_chunks_keeps_its_rate_and_an_entry_for_each(database, owner, monkeypatch):
    monkeypatch.setattr("services.jobs.replay.CHUNK", 2)
    made = [die(database, owner) for _ in range(5)]

    bulk = all_of(database, Bulk(Search(), "key:me", rate=1))

    rows = [column(database, job, "next_at") for job in made]
    assert [(row.next_at - rows[0].next_at).total_seconds() for row in rows] == [0, 1, 2, 3, 4]
    entries = audited(database)
    assert [entry.details["jobs"] for entry in entries] == [1, 2, 2]
    assert {entry.details["replay"] for entry in entries} == {str(bulk.id)}


def test_what_dies_again_meanwhile_is_not_replayed_twice(database, owner, monkeypatch):
    """Else a replay of jobs that die at once would never end."""
    monkeypatch.setattr("services.jobs.replay.CHUNK", 1)
    first, second = die(database, owner), die(database, owner)
    bulk = Bulk(Search(), "key:me")
    with database.transaction() as session:
        bulk.step(session)
    with database.transaction() as session:
        end(session, [first], EXHAUSTED)

    all_of(database, bulk)

    assert bulk.replayed == 2
    assert found(database) == [first]
    assert column(database, second, "state") == ("queued",)


def test_a_replay_stops_at_its_most_and_says_that_there_is_more(database, owner):
    made = [die(database, owner) for _ in range(3)]

    bulk = all_of(database, Bulk(Search(), "key:me", most=2))

    assert (bulk.replayed, bulk.more) == (2, True)
    assert found(database) == made[2:]
    rest = all_of(database, Bulk(Search(), "key:me", most=2))
    assert (rest.replayed, rest.more) == (1, False)


@pytest.mark.parametrize("rate", [0, -1, 1e9])
def test_a_rate_that_makes_no_sense_is_refused(rate):
    with pytest.raises(Invalid, match="makes no sense"):
        Bulk(Search(), "key:me", rate=rate)


def test_a_job_whose_dedupe_key_another_took_is_left_dead(database, owner):
    """At most one job with a key: the other does the work already."""
    old = die(database, owner, dedupe="soup", dedupe_for=None)
    heir = order(database, owner, dedupe="soup", dedupe_for=None)
    assert heir != old

    with pytest.raises(Conflict, match="taken its place"), database.transaction() as session:
        replay(session, old, "key:me")
    bulk = all_of(database, Bulk(Search(), "key:me"))

    assert (bulk.replayed, bulk.skipped) == (0, 1)
    assert found(database) == [old]


def test_a_replayed_job_holds_its_dedupe_key_again(database, owner):
    job_id = die(database, owner, dedupe="soup", dedupe_for=None)
    with database.transaction() as session:
        replay(session, job_id, "key:me")

    assert order(database, owner, dedupe="soup", dedupe_for=None) == job_id


def test_a_parent_waits_for_a_replayed_child_again(database, owner):
    parent = order(database, owner, pending=2)
    child = die(database, owner, parent=parent)
    assert column(database, parent, "state, pending") == ("waiting", 1)

    with database.transaction() as session:
        replay(session, child, "key:me")
    assert column(database, parent, "state, pending") == ("waiting", 2)

    with database.transaction() as session:
        end(session, [child], SUCCESS)
    assert column(database, parent, "state, pending") == ("waiting", 1)


def test_what_failed_because_another_had_is_replayed_only_where_that_is_asked_for(database, owner):
    waiter = die(database, owner, DEPENDENCY)

    assert all_of(database, Bulk(Search(kind=STIR.name), "key:me")).replayed == 0
    assert all_of(database, Bulk(Search(reason="dependency"), "key:me")).replayed == 1
    assert column(database, waiter, "state") == ("queued",)


def test_a_search_reads_the_index_of_the_dead_and_no_partition_whole(database):
    """However many jobs have ended well, the dead are found without passing them."""
    search = Search()
    statement = dead._LIST.format(
        kinds=search.kinds(), fields="id, kind", conditions=search.conditions()
    )
    with database.transaction() as session:
        # The test's partitions are empty: a plan for full ones is asked for.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        args = {"before": uuid.UUID(int=2**128 - 1), "limit": 50}
        plan = "\n".join(session.scalars(text("EXPLAIN " + statement), args))
    assert "_kind_id_idx" in plan
    assert "Seq Scan" not in plan
