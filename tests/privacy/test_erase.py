"""Erasure leaves no trace in any store, touches nobody else, and may be killed at every step."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import tasks.privacy  # noqa: F401 - registers the handlers
from kernel.errors import Unauthenticated
from kernel.ids import PLATFORM
from services.backups.keys import Keys, Tampered
from services.jobs.retry import Snooze
from services.privacy import erase, tombstones
from services.privacy.again import Applied, _present, apply_tombstones
from services.privacy.declarations import declarations
from services.privacy.requests import ask_erasure, hold
from tests.analyses.claiming import claim_next
from tests.privacy.conftest import KEYS
from tests.privacy.people import keys_with, objects_with, rows_in
from worker import runtime

#: Where the account's id stays: an id that leads to nobody (docs/decisions/0014-erasure.md).
PSEUDONYM = {name for name, one in declarations().items() if one.actors and not one.deletes}


def traces(stores, database, somebody):
    """What is left of somebody: rows by table, Redis keys, objects."""
    found = rows_in(database, somebody.words)
    actor = f"person:{somebody.account_id}"
    for name in PSEUDONYM & set(found):
        found[name] = [row for row in found[name] if _has(row.replace(actor, ""), somebody)]
        if not found[name]:
            del found[name]
    keys = [key for cache in stores.caches for key in keys_with(cache, somebody.words)]
    return found, keys, objects_with(stores.objects, somebody.words)


def _has(row, somebody):
    return any(word in row for word in somebody.words)


def erased(stores, somebody, asked_at, pause=lambda _: None):
    assert erase.advance(stores, somebody.account_id, asked_at, pause) == 0


@pytest.fixture
def long_ago():
    """When access ended, in the tests that do not wait for requests of before."""
    return datetime.now(UTC) - timedelta(hours=1)


def test_everybody_is_seeded_where_somebody_can_be(anna, stores, database):
    found, keys, objects = traces(stores, database, anna)

    owned = {name for name, one in declarations().items() if one.column is not None}
    assert owned <= set(found)
    assert len(keys) == 6
    assert len(objects) == 2


def test_nothing_is_left_of_who_was_erased_but_a_tombstone(anna, bert, stores, database, long_ago):
    before = traces(stores, database, bert)

    erased(stores, anna, long_ago)

    assert traces(stores, database, anna) == (
        {},
        [],
        [f"tombstones/{anna.account_id}.json"],
    )
    assert traces(stores, database, bert) == before


class Killed(Exception):
    """Stands for SIGKILL: nothing after it runs."""


def test_erasure_killed_after_any_step_and_begun_again_comes_to_the_same_end(
    bert, new_person, stores, database, long_ago
):
    before = traces(stores, database, bert)
    killed = []
    for step in itertools.count():
        somebody = new_person()
        left = itertools.count(step, -1)

        def dying(_: int, left=left) -> None:
            if next(left) == 0:
                raise Killed

        try:
            erased(stores, somebody, long_ago, dying)
        except Killed:
            killed.append(somebody)
            erased(stores, somebody, long_ago)
        else:
            break

    tables = [one for one in declarations().values() if one.deletes and not one.parents]
    assert len(killed) > len(tables)
    words = [word for somebody in killed for word in somebody.words]
    assert set(rows_in(database, words)) <= PSEUDONYM
    assert [key for cache in stores.caches for key in keys_with(cache, words)] == []
    left_over = objects_with(stores.objects, words)
    assert sorted(left_over) == sorted(f"tombstones/{one.account_id}.json" for one in killed)
    assert traces(stores, database, bert) == before


def test_what_a_late_request_still_wrote_is_found_by_the_last_pass(anna, stores, database):
    just_now = datetime.now(UTC)
    wait = erase.advance(stores, anna.account_id, just_now, lambda _: None)
    assert 0 < wait <= erase.LATE.total_seconds()
    with stores.transaction() as session:  # a request that was let in before
        session.execute(
            text("INSERT INTO idempotency_keys VALUES (:id, 'key:1', 'k', '', '{}', now(), now())"),
            {"id": anna.account_id},
        )

    erased(stores, anna, just_now - erase.LATE)

    assert traces(stores, database, anna)[:2] == ({}, [])


def test_an_upload_that_outlives_its_account_is_turned_away(anna, stores, long_ago):
    with stores.transaction() as session:
        hold(session, anna.account_id)
    erased(stores, anna, long_ago)

    with pytest.raises(Unauthenticated), stores.transaction() as session:
        hold(session, anna.account_id)


def test_a_running_job_is_told_to_stop_and_waited_for(anna, stores, database):
    with stores.transaction() as session:
        session.execute(text("UPDATE jobs SET state = 'running', cancel_at = NULL"))

    assert erase.advance(stores, anna.account_id, datetime.now(UTC), lambda _: None) == erase.LOOK

    with stores.transaction() as session:
        assert session.scalars(text("SELECT cancel_at IS NOT NULL FROM jobs")).all() == [True]
    # One that never listens is not waited for without end.
    assert erase.advance(
        stores, anna.account_id, datetime.now(UTC) - erase.STOPPING, lambda _: None
    )
    assert "jobs" not in traces(stores, database, anna)[0]


def test_tombstones_erase_again_what_a_restored_backup_brought_back(
    anna, bert, stores, database, objects, long_ago
):
    before = traces(stores, database, bert)
    with stores.transaction() as session:
        snapshot = {
            name: session.execute(text(f'SELECT * FROM "{name}"')).mappings().all()
            for name in ("accounts", "analyses", "jobs_archive")
        }
    erased(stores, anna, long_ago)
    with stores.transaction() as session:  # the restored database knows her again
        tables = declarations()
        for name, rows in snapshot.items():
            for row in rows:
                if anna.account_id in row.values():
                    session.execute(tables[name].table.insert().values(dict(row)))

    stranger = Keys(bytes(range(1, 33)))
    with pytest.raises(Tampered, match=f"{anna.account_id}.json .*--trust-tombstones"):
        apply_tombstones(database.transaction, objects, stranger)
    assert apply_tombstones(database.transaction, objects, KEYS) == Applied(tombstones=1, erased=1)
    # Harmless; and whose account is not there is nobody's to check.
    for keys in (KEYS, stranger):
        again = apply_tombstones(database.transaction, objects, keys)
        assert again == Applied(tombstones=1, erased=0)

    assert traces(stores, database, anna)[0] == {}
    assert traces(stores, database, bert) == before


def test_a_tombstone_that_nobody_signed_erases_nobody_unless_told_to(
    anna, bert, stores, database, objects
):
    objects.put(f"tombstones/{bert.account_id}.json", b"")
    tombstones.put(objects, None, anna.account_id, datetime.now(UTC))
    before = traces(stores, database, bert)[0]

    with pytest.raises(Tampered, match="2 tombstones"):
        apply_tombstones(database.transaction, objects, KEYS)
    assert traces(stores, database, bert)[0] == before
    objects.remove(f"tombstones/{bert.account_id}.json")

    applied = apply_tombstones(database.transaction, objects, KEYS, trusting=True)

    assert applied == Applied(tombstones=1, erased=1)
    assert traces(stores, database, anna)[0] == {}


def test_whoever_has_but_one_row_or_stands_in_another_s_is_found(anna, stores):
    """Every table is asked: a snapshot taken while somebody was erased has any part of them."""
    tables = [one for one in declarations().values() if one.deletes]
    with stores.transaction() as session:
        for one in tables:
            assert _present(session, {anna.account_id, PLATFORM}) >= {anna.account_id}
            session.execute(one.table.delete())
        assert _present(session, {anna.account_id}) == {anna.account_id}
        for one in declarations().values():
            if one.arrays:
                session.execute(one.table.delete())
        assert _present(session, {anna.account_id}) == set()
        session.rollback()


def test_access_ends_with_the_request_and_the_job_keeps_nothing_but_the_id(
    anna, stores, database, settings, monkeypatch
):
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    with stores.transaction() as session:
        session.execute(text("UPDATE api_keys SET revoked_at = NULL"))
        session.execute(text("UPDATE people SET disabled_at = NULL"))
        session.execute(text("UPDATE sign_ins SET ended_at = NULL"))
        asked = ask_erasure(session, anna.account_id, "person:1")
        assert ask_erasure(session, anna.account_id, "person:1") == asked
        for column, table in (
            ("revoked_at", "api_keys"),
            ("disabled_at", "people"),
            ("ended_at", "sign_ins"),
        ):
            ends = text(f"SELECT {column} FROM {table} WHERE account_id = :id")
            assert session.scalars(ends, {"id": anna.account_id}).one() is not None
    with pytest.raises(Snooze):
        claim_next(database, "maintenance").handle()

    with stores.transaction() as session:
        session.execute(
            text("""UPDATE jobs SET state = 'queued', due = true, next_at = now(),
                created_at = now() - interval '2 minutes' WHERE id = :id"""),
            {"id": asked},
        )
    claim_next(database, "maintenance").handle()

    found, keys, _ = traces(stores, database, anna)
    assert set(found) == {"audit_log", "jobs_archive"}  # that it was asked for, by whom
    assert keys == []
    with stores.transaction() as session:
        row = session.execute(text("SELECT * FROM jobs_archive WHERE id = :id"), {"id": asked})
        job = row.mappings().one()
    assert (job["owner_id"], job["payload"]) == (PLATFORM, {"account_id": str(anna.account_id)})
    assert job["state"] == "succeeded"
