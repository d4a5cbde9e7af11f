"""Whatever comes, in whatever order and however often, is counted once and in its own bucket."""

from __future__ import annotations

import uuid
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.exc import DBAPIError

from kernel.errors import Invalid
from services.analytics import drop_expired, report, rollup
from services.analytics.ingest import find_left_behind, ingest
from tests.analytics.conftest import LONG_AGO, Counter, event

HOUR = timedelta(hours=1)
ME, OTHER = uuid.uuid4(), uuid.uuid4()


def test_an_id_counts_once_whatever_time_it_names_later(counter: Counter) -> None:
    again = uuid.uuid4()
    counter.send(ME, event(LONG_AGO, event_id=again), event(LONG_AGO + HOUR, event_id=again))
    counter.ingest()
    counter.send(ME, event(LONG_AGO + 30 * HOUR, event_id=again))
    counter.ingest()
    counter.roll_up()

    assert counter.buckets(ME, until=LONG_AGO + 48 * HOUR) == {LONG_AGO: 1}


def test_an_id_is_its_accounts_own(counter: Counter) -> None:
    shared = uuid.uuid4()
    counter.send(ME, event(event_id=shared))
    counter.send(OTHER, event(event_id=shared))
    counter.ingest()
    counter.roll_up()

    assert counter.buckets(ME) == counter.buckets(OTHER) == {LONG_AGO: 1}
    assert counter.buckets(None) == {LONG_AGO: 2}


def test_rollups_equal_a_plain_count_after_every_few_batches(counter: Counter) -> None:
    """Unordered, late, repeated, counted anew in between: the sums are those of the rows."""
    dice = Random(5)
    sent: dict[uuid.UUID, dict[str, object]] = {}
    for number in range(12):
        batch = []
        for _ in range(40):
            if sent and dice.random() < 0.1:
                batch.append(dice.choice(list(sent.values())))
                continue
            time = LONG_AGO + timedelta(minutes=dice.randrange(-2 * 24 * 60, 24 * 60))
            one = event(time, dice.choice(["a", "b"]), uuid.UUID(int=dice.getrandbits(128)))
            sent[uuid.UUID(str(one["id"]))] = one
            batch.append(one)
        counter.send(ME, *batch)
        if number % 3 == 0:
            counter.ingest()
        if number % 4 == 0:
            counter.roll_up()
    counter.ingest()
    counter.roll_up()

    plain = Tally(
        datetime.fromisoformat(str(one["time"])).replace(minute=0) for one in sent.values()
    )
    since = LONG_AGO - timedelta(days=3)
    assert counter.buckets(ME, since=since) == plain
    days = Tally(moment.replace(hour=0) for moment in plain.elements())
    assert counter.buckets(ME, "day", since=since) == days
    only_a = sum(one["name"] == "a" for one in sent.values())
    assert sum((counter.buckets(ME, name="a", since=since)).values()) == only_a  # type: ignore[arg-type]


def test_a_late_event_lands_in_its_own_bucket_and_its_day_follows(counter: Counter) -> None:
    counter.send(ME, event(LONG_AGO))
    counter.ingest()
    counter.roll_up()
    counter.send(ME, event(LONG_AGO + HOUR), event(LONG_AGO + timedelta(minutes=1)))
    counter.ingest()
    counter.roll_up()

    assert counter.buckets(ME) == {LONG_AGO: 2, LONG_AGO + HOUR: 1}
    assert counter.buckets(ME, "day") == {LONG_AGO: 3}


def test_any_hour_may_be_counted_again_and_stays_exact(counter: Counter) -> None:
    counter.send(ME, *(event(LONG_AGO + number * HOUR) for number in range(3)))
    counter.ingest()
    counter.roll_up()
    counter.rows("UPDATE event_counts SET count = 99 RETURNING 1")

    with counter.database.transaction() as session:
        rollup.order_again(session, "test", LONG_AGO, LONG_AGO + timedelta(days=1))
    counter.roll_up()

    assert counter.buckets(ME) == {LONG_AGO + number * HOUR: 1 for number in range(3)}
    assert counter.buckets(ME, "day") == {LONG_AGO: 3}


def test_what_is_dropped_keeps_its_days_and_is_not_counted_anew_as_nothing(
    counter: Counter,
) -> None:
    old, kept = LONG_AGO - timedelta(days=30), LONG_AGO - timedelta(days=1)
    counter.send(ME, event(LONG_AGO - timedelta(days=27)))  # none may come later by days
    counter.rows(
        """UPDATE event_batches SET events = jsonb_set(events, '{0,2}', to_jsonb(CAST(:at AS text)))
        RETURNING 1""",
        at=old.isoformat(),
    )
    counter.send(ME, event(kept))
    counter.ingest()
    counter.roll_up()
    counter.send(ME, event(kept + HOUR))
    counter.rows(
        """UPDATE event_batches SET events = jsonb_set(events, '{0,2}', to_jsonb(CAST(:at AS text)))
        RETURNING 1""",
        at=(old + HOUR).isoformat(),
    )

    with counter.database.transaction() as session:
        drop_expired(session, timedelta(days=31))
        rollup.order_again(session, "test", old, kept + HOUR)
    counter.ingest()
    counter.roll_up()

    assert counter.buckets(ME, since=old, until=LONG_AGO) == {kept: 1}
    days = {old: 1, kept: 1}
    assert counter.buckets(ME, "day", since=old, until=LONG_AGO) == days
    assert [row.time for row in counter.rows("SELECT time FROM events")] == [kept]
    assert len(counter.rows("SELECT 1 FROM event_ids")) == 1


def test_events_that_may_still_come_are_not_dropped(counter: Counter) -> None:
    with counter.database.transaction() as session, pytest.raises(DBAPIError, match="31 days"):
        drop_expired(session, timedelta(days=30))


def test_a_span_that_is_none_is_not_counted_again(counter: Counter) -> None:
    with counter.database.transaction() as session, pytest.raises(Invalid):
        rollup.order_again(session, "test", LONG_AGO, LONG_AGO)


def test_a_mark_that_comes_during_a_rollup_is_left_for_the_next(counter: Counter) -> None:
    """The rollup does not see the ingest's events, and so must not take its mark."""
    counter.send(ME, event(LONG_AGO))
    counter.ingest()
    counter.send(ME, event(LONG_AGO))
    ((batch,),) = counter.rows("SELECT id FROM event_batches")
    with counter.database.transaction() as slow:
        ingest(slow, batch)
        counter.roll_up()
    assert counter.buckets(ME) == {LONG_AGO: 1}

    counter.roll_up()

    assert counter.buckets(ME) == {LONG_AGO: 2}


def test_the_watermark_stands_before_what_waits_to_be_ingested(counter: Counter) -> None:
    counter.send(ME, event())
    ((received,),) = counter.rows("SELECT received_at FROM event_batches")
    counter.roll_up()
    with counter.database.transaction() as session:
        assert report.complete_until(session, "events") == received

    counter.ingest()
    counter.roll_up()

    with counter.database.transaction() as session:
        after = report.complete_until(session, "events")
    assert after is not None
    assert after > received


def test_the_watermark_stands_before_an_acceptance_that_has_not_committed(counter: Counter) -> None:
    with counter.database.transaction() as slow:
        began = slow.connection().exec_driver_sql("SELECT now()").scalar()
        counter.roll_up()
        with counter.database.transaction() as session:
            found = report.complete_until(session, "events")
    assert found is not None
    assert found <= began  # type: ignore[operator]


def test_accepted_events_whose_job_is_gone_are_given_another(counter: Counter) -> None:
    counter.send(ME, event())
    counter.rows("DELETE FROM jobs RETURNING 1")
    counter.rows("UPDATE event_batches SET received_at = now() - interval '1 hour' RETURNING 1")
    for _ in range(2):
        with counter.database.transaction() as session:
            find_left_behind(session)

    assert len(counter.rows("SELECT 1 FROM jobs")) == 1
    counter.ingest()
    counter.roll_up()
    assert counter.buckets(ME) == {LONG_AGO: 1}


def test_a_batch_is_ingested_by_one_job_however_many_it_has(counter: Counter) -> None:
    counter.send(ME, event())
    ((batch,),) = counter.rows("SELECT id FROM event_batches")
    for _ in range(2):
        with counter.database.transaction() as session:
            ingest(session, batch)
    counter.roll_up()

    assert counter.buckets(ME) == {LONG_AGO: 1}


def test_many_ingests_have_their_hours_counted_by_one_job(counter: Counter) -> None:
    for _ in range(5):
        counter.send(ME, event())
    assert counter.ingest() == 5  # the rollup comes seconds later

    assert len(counter.rows("SELECT 1 FROM jobs WHERE kind = 'analytics.rollup'")) == 1


def test_active_users_are_accounts_and_fewer_than_five_are_not_told(counter: Counter) -> None:
    for number, owner in enumerate(uuid.uuid4() for _ in range(5)):
        counter.send(owner, event(LONG_AGO), event(LONG_AGO))
        if number:
            counter.send(owner, event(LONG_AGO + HOUR))
    counter.ingest()
    counter.roll_up()

    with counter.database.transaction() as session:
        within = report.span(session, LONG_AGO, LONG_AGO + 3 * HOUR, "hour", 9)
        everybody = report.active_users(session, within, None)
        mine = report.active_users(session, within, ME)
        day = report.active_users(
            session, report.span(session, LONG_AGO, LONG_AGO + HOUR, "day", 9), None
        )
    assert [bucket.count for bucket in everybody] == [5, None, None]
    assert [bucket.count for bucket in mine] == [None, None, None]
    assert [bucket.count for bucket in day] == [5]


def test_events_lie_in_the_partition_of_their_day(counter: Counter) -> None:
    now = datetime.now(UTC)
    counter.send(ME, event(now))
    counter.ingest()

    ((table, time),) = counter.rows("SELECT tableoid::regclass::text, time FROM events")
    assert table == f"events_{time.astimezone(UTC):%Y%m%d}"
