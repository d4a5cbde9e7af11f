"""Account for everything that was accepted: nothing lost, nothing twice, nothing early."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from contextlib import suppress

import httpx2

from tests.faults.load import Accepted
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

#: Seconds that the last jobs may take once the faults are over.
PATIENCE = 180


def settle(stage: Stage, report: Report, accepted: Accepted, *, patience: float = PATIENCE) -> None:
    """Wait until nothing of the account lives, then find each accepted id in its final state.

    All of *accepted* are jobs that can succeed.
    """
    try:
        eventually("every job ended", lambda: stage.live() == 0, patience)
    except AssertionError:
        stuck = stage.rows(
            "SELECT id, kind, state, claim, lost FROM jobs WHERE owner_id = :id LIMIT 5",
            id=stage.account,
        )
        report.none("accepted jobs that never ended", stuck)
    states = {
        row.id: row.state
        for row in stage.rows(
            "SELECT id, state FROM jobs_archive WHERE owner_id = :id", id=stage.account
        )
    }
    known = accepted.analyses | set(accepted.batches) | accepted.effects
    report.figures["accepted"] = len(known)
    report.figures["states"] = dict(Counter(states.values()))
    report.none("accepted jobs lost", known - set(states))
    report.none(
        "accepted jobs that did not succeed",
        (f"{job} {states[job]}" for job in known & set(states) if states[job] != "succeeded"),
    )
    _analyses(stage, report, accepted)
    _effects(stage, report, accepted)
    _batches(stage, report, accepted)
    _told_once(stage, report)


def _analyses(stage: Stage, report: Report, accepted: Accepted) -> None:
    submitted = {
        row[0]
        for row in stage.rows(
            """SELECT id FROM jobs_archive WHERE owner_id = :id AND kind = 'analyses.analyze'""",
            id=stage.account,
        )
    }
    # Every name was submitted until it was accepted, many of them more than once.
    report.none("analyses accepted twice for one Idempotency-Key", submitted - accepted.analyses)
    stored = {row[0] for row in stage.rows("SELECT id FROM analyses")}
    report.none("analyses without a document", accepted.analyses - stored)


def _effects(stage: Stage, report: Report, accepted: Accepted) -> None:
    rows = stage.rows("""
        SELECT job_id, count(*) AS times, min(at) AS at, metadata->>'due' AS due,
            min(at) < CAST(metadata->>'due' AS timestamptz) AS early
        FROM faults.effects LEFT JOIN jobs_archive ON jobs_archive.id = job_id
        GROUP BY job_id, metadata
    """)
    times = {row.job_id: row.times for row in rows}
    report.none("jobs without their effect", accepted.effects - set(times))
    report.none("jobs with a double effect", (job for job, n in times.items() if n > 1))
    report.none("jobs that ran early", (f"{r.job_id} {r.at} < {r.due}" for r in rows if r.early))
    report.figures["scheduled"] = sum(1 for row in rows if row.due)
    report.figures["commits of unknown fate"] = (
        f"{len(accepted.doubtful)}, {len(accepted.doubtful & set(times))} of them stood"
    )


def _batches(stage: Stage, report: Report, accepted: Accepted) -> None:
    wrong: list[str] = []
    with stage.http(timeout=60) as http:
        for batch, recipes in accepted.batches.items():
            numbers = _results(http, batch)
            if not len(numbers) == len(set(numbers)) == recipes:
                wrong.append(f"{batch}: {len(numbers)} results, {len(set(numbers))} of them apart")
    report.none("batches whose results are not all there once", wrong)
    report.figures["batches"] = len(accepted.batches)


def _results(http: httpx2.Client, batch: uuid.UUID) -> list[str]:
    """The custom ids of a batch's results; asked for again where web is not itself yet."""
    answers: list[httpx2.Response] = []

    def answered() -> bool:
        with suppress(httpx2.TransportError):
            answers.append(http.get(f"/v1/batches/{batch}/results"))
        return bool(answers) and answers[-1].status_code == 200

    eventually(f"batch {batch} shows its results", answered)
    return [json.loads(line)["custom_id"] for line in answers[-1].text.splitlines()]


def _told_once(stage: Stage, report: Report) -> None:
    """A job's end is one event, and its numbers have no gap and no double."""
    rows = stage.rows("""
        SELECT job_id, count(*) FILTER (
                WHERE name IN ('succeeded', 'failed', 'dead', 'cancelled')) AS ends
        FROM job_events GROUP BY job_id
        HAVING count(*) FILTER (WHERE name IN ('succeeded', 'failed', 'dead', 'cancelled')) > 1
    """)
    report.none("jobs whose end was told twice", rows)


def losses(stage: Stage) -> dict[str, int]:
    """What the account's jobs have spent: failures, losses, and attempts beyond the first."""
    row = stage.rows(
        """SELECT coalesce(sum(failures), 0) AS failures, coalesce(sum(lost), 0) AS lost,
            coalesce(sum(greatest(attempts - 1, 0)), 0) AS again
        FROM jobs_archive WHERE owner_id = :id""",
        id=stage.account,
    )[0]
    return {"failures": row.failures, "lost": row.lost, "again": row.again}


def outcomes(stage: Stage, ids: set[uuid.UUID]) -> Counter[str]:
    """How many of *ids* are in which state, ended or not; `absent` for those that are nowhere."""
    found = stage.rows(
        """SELECT id, state FROM jobs WHERE id = ANY(:ids)
        UNION ALL SELECT id, state FROM jobs_archive WHERE id = ANY(:ids)""",
        ids=list(ids),
    )
    counts = Counter(row.state for row in found)
    counts["absent"] = len(ids) - len(found)
    return +counts
