"""The broker is swept of what nobody fetches; the database shows its trouble before it hurts."""

from __future__ import annotations

import redis
from sqlalchemy import text

from services.upkeep import broker, watch


def test_answers_that_nobody_fetches_are_dropped_and_others_stay(settings):
    """Idle for long enough and an inspector's: both."""
    with redis.Redis.from_url(settings.redis_url) as connection:
        connection.rpush("gone.reply.celery.pidbox", "an answer")
        connection.rpush("maintenance", "a message")
        assert broker.drop_abandoned_replies(connection) == 0  # touched a moment ago
        assert broker.drop_abandoned_replies(connection, idle=0) == 1
        assert not connection.exists("gone.reply.celery.pidbox")
        assert connection.exists("maintenance")
        connection.delete("maintenance")


def test_more_answers_than_one_page_are_all_dropped(settings):
    with redis.Redis.from_url(settings.redis_url) as connection:
        for number in range(broker.PAGE + 20):
            connection.rpush(f"{number}.reply.celery.pidbox", "an answer")
        assert broker.drop_abandoned_replies(connection, idle=0) == broker.PAGE + 20


def test_a_sound_database_has_nothing_to_report(database):
    with database.transaction() as session:
        report = watch.look(session)
    assert not report.keys() & {"bloat", "invalid_indexes", "wraparound"}


def test_a_table_of_dead_rows_is_reported_with_its_size(database, monkeypatch):
    monkeypatch.setattr(watch, "DEAD_ROWS", -1)
    monkeypatch.setattr(watch, "DEAD_SHARE", -1)
    with database.transaction() as session:
        report = watch.look(session)
    assert all(row["bytes"] >= 0 and row["table"] for row in report["bloat"])
    assert len(report["bloat"]) <= watch.MOST


def test_a_transaction_left_open_is_reported_with_its_application(database, monkeypatch):
    monkeypatch.setattr(watch, "OPEN_SECONDS", -1)
    with database.transaction() as left_open:
        left_open.execute(text("SELECT 1"))
        with database.transaction() as session:
            report = watch.look(session)
    assert any(row["application"] for row in report["open_transactions"])


def test_slow_statements_are_reported_without_their_values(database, monkeypatch):
    """The texts come from everybody's requests: what they asked for must not stand in a report."""
    monkeypatch.setattr(watch, "SLOW_MS", -1)
    monkeypatch.setattr(watch, "SLOW_CALLS", 1)
    with database.transaction() as session:
        session.execute(text("SELECT count(*) FROM jobs WHERE kind = 'somebody''s secret'"))
        report = watch.look(session)
    assert report["slow_statements"]
    assert "secret" not in str(report["slow_statements"])
