"""From a terminal: counts that are doubted are made anew."""

from __future__ import annotations

import uuid

from cli.exits import Exit
from tests.analytics.conftest import LONG_AGO, Counter, event
from tests.cli.conftest import Command, command, operator

__all__ = ["command", "operator"]


def test_a_day_is_counted_anew_by_a_job(operator: Command, counter: Counter) -> None:
    owner = uuid.uuid4()
    counter.send(owner, event())
    counter.ingest()
    counter.roll_up()
    counter.rows("UPDATE event_counts SET count = 99 RETURNING 1")
    counter.rows("DELETE FROM jobs RETURNING 1")

    made = operator("recount", f"{LONG_AGO:%Y-%m-%d}", f"{LONG_AGO:%Y-%m-%dT23:00}")

    assert made.code == Exit.OK
    assert counter.ingest() == 1
    assert counter.buckets(owner) == {LONG_AGO: 1}
    ((job, actor),) = counter.rows("SELECT id, actor FROM jobs_archive WHERE kind LIKE '%rollup'")
    assert made.out.strip() == str(job)
    assert counter.rows("SELECT actor, action FROM audit_log") == [(actor, "analytics.recounted")]


def test_a_span_that_is_none_is_refused(operator: Command) -> None:
    refused = operator("recount", "2026-11-25", "2026-11-24")

    assert refused.code == Exit.USAGE
    assert "366 days" in refused.err
