"""Conclude: when every chunk has ended, every recipe has an outcome, whatever became of its job."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.objects import Objects
from services.batches import chunks
from services.batches.chunks import Chunk
from services.batches.outcomes import Outcomes

# It is kept from now on for as long as it was to be kept when it came.
_FINISH = text("""
    UPDATE batches SET finished_at = now(), expires_at = now() + (expires_at - created_at)
    WHERE id = :id
    RETURNING total AS recipes, succeeded, failed, lines, lines_resolved
""")


_COUNTED = text("SELECT succeeded + failed AS done, total FROM batches WHERE id = :id")


def counted(session: Session, batch_id: uuid.UUID) -> tuple[int, int]:
    """Recipes of the batch that have an outcome, and recipes in all. Raises NotFound."""
    row = session.execute(_COUNTED, {"id": batch_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return row.done, row.total


def give_up(objects: Objects, chunk: Chunk) -> Outcomes:
    """Outcomes for the recipes of a chunk whose job ended without results."""
    outcomes = Outcomes()
    try:
        lines = chunks.recipes(objects, chunk)
    except NotFound:
        # The input itself is lost: the recipes are known by their number alone.
        lines = [b""] * chunk.recipes
    for offset, line in enumerate(lines):
        outcomes.give_up(line, chunk.first + offset, _reason(chunk))
    return outcomes


def finish(session: Session, batch_id: uuid.UUID) -> dict[str, Any]:
    """Close the batch; answers its counts, which become its job's result."""
    return dict(session.execute(_FINISH, {"id": batch_id}).mappings().one())


def _reason(chunk: Chunk) -> str:
    if chunk.ended == "cancelled":
        return "The job of its part of the batch was cancelled."
    said = (chunk.error or {}).get("message", "nothing more is known")
    return f"The job of its part of the batch ended as {chunk.ended or 'lost'}: {said}"
