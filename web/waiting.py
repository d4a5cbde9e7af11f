"""Waiting: `Prefer: wait=N` (RFC 7240), for callers who would rather wait than ask again."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

from flask import request
from sqlalchemy.orm import Session

from services.jobs.read import JobView, find
from web.admission import aside
from web.context import Platform
from web.hub import LAST
from web.resource import Header

T = TypeVar("T")

#: The longest wait that is granted (seconds).
LONGEST = 30

PREFER = Header(
    name="Prefer",
    description=f"`wait=N`: answer with the result if it is there within N ≤ {LONGEST} seconds.",
    example="wait=10",
)

_WAIT = re.compile(r'\s*wait\s*=\s*"?(\d{1,6})"?\s*', re.ASCII | re.IGNORECASE)


def preferred_wait() -> int | None:
    """Seconds that the caller would wait, at most LONGEST; None where it does not say.

    A preference that makes no sense is no error (RFC 7240, 2): it is as if it were not there.
    """
    for header in request.headers.getlist("Prefer"):
        for preference in header.split(","):
            found = _WAIT.fullmatch(preference.partition(";")[0])
            if found:
                return min(int(found[1]), LONGEST)
    return None


def wait_for(
    platform: Platform,
    job_id: uuid.UUID,
    owner: uuid.UUID,
    seconds: float,
    result: Callable[[Session], T | None],
) -> T | JobView | None:
    """What *result* finds as soon as it finds something, which is when the job has succeeded.

    Else the job as it is when it has ended, or when the time is up, or when this process stops;
    None where there is no such job. Asleep it holds a thread and no database connection.
    """
    deadline = time.monotonic() + seconds
    # Only the end matters here; Redis wakes us for the rest as well.
    with aside(), platform.hub.listen(job_id, seen=LAST) as news:
        while True:
            # The result first: the look that finds it, of which somebody waits, is a single one.
            with platform.quiet, platform.database.transaction() as session:
                found = result(session)
                job = find(session, job_id, owner) if found is None else None
                if job is not None and job.state == "succeeded":
                    found = result(session)  # stored between our two questions
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if job is None or job.ended or left <= 0 or platform.hub.closed:
                return job
            news.wait(left)
