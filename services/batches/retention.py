"""What is past its date: batches with their objects, and uploads that never became one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import made_at, parse_id
from kernel.objects import Objects
from services.batches.upload import folder

# One that still lives is left alone, however old.
_EXPIRED = text("""
    SELECT id FROM batches
    WHERE expires_at < now() AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = batches.id)
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_DELETE = text("DELETE FROM batches WHERE id = ANY(CAST(:ids AS uuid[]))")


def delete_expired(session: Session, objects: Objects, limit: int = 20) -> int:
    """Delete up to *limit* of the batches whose time is up, with their objects; answers how many.

    Objects go first: whoever is killed in between leaves rows that say what is still to be done.
    """
    expired = list(session.scalars(_EXPIRED, {"limit": limit}))
    for batch_id in expired:
        objects.delete(folder(batch_id))
    session.execute(_DELETE, {"ids": expired})
    return len(expired)


#: An upload is committed within seconds; one that has no row after a day never will have one.
_ABANDONED = timedelta(days=1)
_KNOWN = text("SELECT id FROM batches WHERE id = ANY(CAST(:ids AS uuid[]))")


def delete_abandoned(session: Session, objects: Objects, now: datetime) -> int:
    """Delete uploads whose web process died before the commit; answers how many.

    A batch's id tells when it was made. now: the present, with a time zone.
    """
    ids = [parsed for name in objects.folders("batches") if (parsed := parse_id(name))]
    old = [found for found in ids if made_at(found) < now - _ABANDONED]
    known = set(session.scalars(_KNOWN, {"ids": old}))
    abandoned = [found for found in old if found not in known]
    for batch_id in abandoned:
        objects.delete(folder(batch_id))
    return len(abandoned)
