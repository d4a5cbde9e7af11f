"""Intake: orders of many callers at once, accepted together in one statement and one commit.

A commit costs as much for a dozen jobs as for one. Whoever comes while nobody writes, writes; those
who come meanwhile wait, and the first of them writes for all of them next. So an order alone waits
for nobody, and each caller goes on only when its own job is committed. The doorbell rings for many
as well: at once where nobody follows, and every few milliseconds while writers follow one another.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql

from kernel import codec
from kernel.database import Database
from kernel.errors import Unavailable
from services.jobs.enqueue import Order, row_of
from services.jobs.hints import RING
from services.jobs.models import jobs
from services.jobs.read import JobView

#: Seconds that the doorbell may wait for the next writer's jobs.
RING_EVERY = 0.005


class _Entry:
    """An order that waits to be written. turn is held until it is written, or is to write."""

    __slots__ = ("created_at", "error", "row", "turn", "written")

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.turn = threading.Lock()
        self.turn.acquire()
        self.created_at: datetime | None = None
        self.error: Exception | None = None
        self.written = False


class Intake:
    """Accepts orders. Safe between threads, which is what it is for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []
        self._writing = False
        self._rang = 0.0

    def accept(self, order: Order) -> JobView:
        """Insert a job that is due at once, and commit. Raises Unavailable where that cannot be.

        Only for an order that is a row and nothing else: without dedupe key, and waiting for no
        other job. Whoever needs more than that in one transaction calls `enqueue`.
        """
        if order.dedupe is not None or order.run_at is not None or order.after:
            raise ValueError("an order with a dedupe key, a time or jobs to wait for: use enqueue")
        entry = _Entry(row_of(order))
        with self._lock:
            self._waiting.append(entry)
            first, self._writing = not self._writing, True
        if not first:
            entry.turn.acquire()
        if not entry.written:
            self._write_all()
        if isinstance(entry.error, Unavailable):
            # Many callers raise this: each an exception of its own, or their traces would mix.
            raise Unavailable(str(entry.error), entry.error.retry_after) from entry.error
        if entry.error is not None:
            raise entry.error
        assert entry.created_at is not None, "written without an error"
        return _view(entry.row, entry.created_at)

    def _write_all(self) -> None:
        with self._lock:
            together, self._waiting = self._waiting, []
        try:
            self._write(together)
        except Exception as error:  # noqa: BLE001 - each of them raises it
            for entry in together:
                entry.error = error
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
            if following is not None:
                following.turn.release()
            for entry in together:
                entry.written = True
                entry.turn.release()
        now = time.monotonic()
        if following is None or now - self._rang >= RING_EVERY:
            self._rang = now
            self._database.announce(RING)

    def _write(self, entries: Sequence[_Entry]) -> None:
        try:
            self._insert(entries)
        except psycopg.Error:
            if len(entries) == 1:
                raise
            # Something in one of them is wrong, and nothing is written: each by itself, then.
            for entry in entries:
                try:
                    self._insert([entry])
                except Exception as error:  # noqa: BLE001
                    entry.error = error

    def _insert(self, entries: Sequence[_Entry]) -> None:
        rows = [entry.row for entry in entries]
        inserted = self._database.statement(
            _insert_of(tuple(rows[0])), {"rows": codec.dumps(rows).decode()}
        )
        made = {row.id: row.created_at for row in inserted}
        for entry in entries:
            entry.created_at = made[entry.row["id"]]


@functools.cache
def _insert_of(columns: tuple[str, ...]) -> TextClause:
    """The statement for rows of these columns: one parameter, however many rows there are."""
    names = ", ".join(columns)
    typed = ", ".join(f"{name} {jobs.columns[name].type.compile(_DIALECT)}" for name in columns)
    return text(f"""
        INSERT INTO jobs ({names})
        SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one({typed})
        RETURNING id, created_at
    """)


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _view(row: Mapping[str, Any], created_at: datetime) -> JobView:
    """The job as `read.find` would find it in the moment after its acceptance."""
    total = row["progress_total"]
    return JobView(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        owner_id=row["owner_id"],
        actor=row["actor"],
        attempt=0,
        failures=0,
        progress=None if total is None else {"done": 0, "total": total},
        created_at=created_at,
        started_at=None,
        finished_at=None,
        run_at=created_at if row["state"] == "queued" else None,
        cancelling=False,
        parent_id=row["parent_id"],
        correlation_id=row["correlation_id"],
        result=None,
        error=None,
        history=[],
        metadata=row["metadata"],
        event_seq=1,
    )
