"""Single jobs of the tests: submit, watch, and who runs them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from services.jobs.enqueue import Order, enqueue_many
from tests.faults.stage import Stage
from tests.processes import eventually


def submit(stage: Stage, *payloads: object) -> list[uuid.UUID]:
    """A job of the account for each payload, in one transaction."""
    orders = [Order(payload=each, owner=stage.account, actor="tests") for each in payloads]
    with stage.database.transaction() as session:
        enqueue_many(session, orders)
    return [order.id for order in orders]


def running_in(stage: Stage, job: uuid.UUID, seconds: float = 60) -> int:
    """The process id of the worker's process that runs *job*, once one does."""
    found: list[int] = []

    def runs() -> bool:
        rows = stage.rows(
            """SELECT processes.pid FROM jobs JOIN processes ON processes.id = jobs.process_id
            WHERE jobs.id = :job AND jobs.state = 'running'""",
            job=job,
        )
        found.extend(row.pid for row in rows)
        return bool(found)

    eventually(f"job {job} runs", runs, seconds)
    return found[0]


def await_end(stage: Stage, jobs: Sequence[uuid.UUID], seconds: float = 120) -> dict[str, int]:
    """Wait until all *jobs* have ended; answers how many ended how."""

    def over() -> bool:
        found = stage.patient(
            "SELECT count(*) FROM jobs_archive WHERE id = ANY(:ids)", ids=list(jobs)
        )
        return bool(found == len(jobs))

    eventually(f"{len(jobs)} jobs ended", over, seconds)
    rows = stage.rows(
        "SELECT state, count(*) FROM jobs_archive WHERE id = ANY(:ids) GROUP BY state",
        ids=list(jobs),
    )
    return {row[0]: row[1] for row in rows}


def effects_of(stage: Stage, jobs: Sequence[uuid.UUID]) -> list[int]:
    """The numbers of effects that *jobs* had, each number once: [1] where all is well."""
    rows = stage.rows(
        """SELECT DISTINCT count(effects.job_id) FROM unnest(CAST(:ids AS uuid[])) AS wanted (id)
        LEFT JOIN faults.effects ON effects.job_id = wanted.id GROUP BY wanted.id ORDER BY 1""",
        ids=list(jobs),
    )
    return [row[0] for row in rows]


def lost_before_the_end(stage: Stage, job: uuid.UUID) -> int:
    """How often the worker of an ended job vanished."""
    return int(stage.scalar("SELECT lost FROM jobs_archive WHERE id = :job", job=job))
