"""Chunks: where their recipes lie, and how their results are kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.objects import Objects
from services.batches.outcomes import Outcomes
from services.batches.upload import folder, input_key
from services.jobs.run import advance


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some recipes of a batch. first: index in the batch of the first of them.

    ended, error: how its job ended, where it has.
    """

    batch_id: uuid.UUID
    number: int
    first: int
    recipes: int
    byte_start: int
    byte_length: int
    ended: str | None = None
    error: dict[str, Any] | None = None


_FIELDS = "batch_id, number, first, recipes, byte_start, byte_length"
_FIND = text(f"SELECT {_FIELDS} FROM batch_chunks WHERE batch_id = :id AND number = :number")
_WITHOUT_RESULTS = text("""
    SELECT batch_id, number, first, recipes, byte_start, byte_length, job.state AS ended, job.error
    FROM batch_chunks LEFT JOIN jobs_archive AS job ON job.id = job_id
    WHERE batch_id = :id AND object_key IS NULL ORDER BY number
""")
# The counts move by the difference, so that a chunk may be stored anew.
_STORE = text("""
    WITH chunk AS (
        UPDATE batch_chunks SET object_key = :key, succeeded = :succeeded, failed = :failed,
            lines = :lines, lines_resolved = :lines_resolved
        WHERE batch_id = :id AND number = :number
        RETURNING new.succeeded - old.succeeded AS succeeded, new.failed - old.failed AS failed,
            new.lines - old.lines AS lines,
            new.lines_resolved - old.lines_resolved AS lines_resolved
    )
    UPDATE batches SET succeeded = batches.succeeded + chunk.succeeded,
        failed = batches.failed + chunk.failed, lines = batches.lines + chunk.lines,
        lines_resolved = batches.lines_resolved + chunk.lines_resolved
    FROM chunk WHERE batches.id = :id
""")


_USED = text("""
    INSERT INTO food_uses (id, owner_id, foods, counts)
    SELECT job_id, owner_id, CAST(:foods AS uuid[]), CAST(:counts AS int[])
    FROM batch_chunks JOIN batches ON batches.id = batch_id
    WHERE batch_id = :id AND number = :number
""")


def find(session: Session, batch_id: uuid.UUID, number: int) -> Chunk:
    """One chunk of a batch. Raises NotFound."""
    row = session.execute(_FIND, {"id": batch_id, "number": number}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no chunk {number} of a batch {batch_id}.")
    return Chunk(**row)


def without_results(session: Session, batch_id: uuid.UUID) -> list[Chunk]:
    """The chunks of a batch that have no results, in order, with what became of their jobs."""
    return [Chunk(**row) for row in session.execute(_WITHOUT_RESULTS, {"id": batch_id}).mappings()]


def recipes(objects: Objects, chunk: Chunk) -> list[bytes]:
    """The chunk's lines of the input."""
    data = objects.slice(input_key(chunk.batch_id), chunk.byte_start, chunk.byte_length)
    return data.removesuffix(b"\n").split(b"\n")


def put(objects: Objects, chunk: Chunk, claim: int, outcomes: Outcomes) -> str:
    """Write a chunk's results as an object; answers its key.

    The key carries the claim: an attempt that was taken back may still write, and must not write
    over the results of the attempt that counts.
    """
    key = f"{folder(chunk.batch_id)}/results/{chunk.number:05}.{claim}.ndjson.gz"
    objects.put(key, outcomes.finish())
    return key


def store(session: Session, chunk: Chunk, key: str, outcomes: Outcomes) -> None:
    """Make an object the chunk's results, in the transaction that finishes its job.

    The batch's counts, its job's progress and the uses of foods move with it. Locks the job of
    the batch, then the batch: the order in which that job itself locks the two.
    """
    advance(session, chunk.batch_id, chunk.recipes)
    session.execute(
        _STORE,
        {
            "id": chunk.batch_id,
            "number": chunk.number,
            "key": key,
            "succeeded": outcomes.succeeded,
            "failed": outcomes.failed,
            "lines": outcomes.lines,
            "lines_resolved": outcomes.lines_resolved,
        },
    )
    if outcomes.foods:
        foods, counts = zip(*sorted(outcomes.foods.items()), strict=True)
        session.execute(
            _USED,
            {
                "id": chunk.batch_id,
                "number": chunk.number,
                "foods": list(foods),
                "counts": list(counts),
            },
        )
