"""What people ask for: their archive, and to be erased."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import NotFound, PlatformError, Unauthenticated
from kernel.ids import PLATFORM, made_at, parse_id
from kernel.objects import Objects
from services import audit
from services.backups.keys import Keys
from services.jobs.enqueue import Order, enqueue
from services.jobs.read import find
from services.privacy import tombstones
from services.privacy.archive import key_of
from services.privacy.erase import EXPORTS, end_access
from services.privacy.jobs import EXPORT, EraseAccount, ExportAccount

log = structlog.get_logger()
#: How long an archive can be fetched.
KEEP = timedelta(days=7)
ACTOR = "privacy"

_HOLD = text("SELECT 1 FROM accounts WHERE id = :id FOR KEY SHARE")


def ask_export(session: Session, account_id: uuid.UUID, actor: str) -> uuid.UUID:
    """Have the account's archive made; answers the job's id, or that of the one at work on it."""
    order = Order(
        payload=ExportAccount(),
        owner=account_id,
        actor=actor,
        dedupe=EXPORT.name,
        dedupe_for=None,
    )
    return enqueue(session, order)


def ask_erasure(session: Session, account_id: uuid.UUID, asker: str) -> uuid.UUID:
    """End the account's access at once, and have it erased; answers the job's id.

    The job is the platform's own: the account is not there any more to look at it. asker: the actor
    who asked, for the audit log.
    """
    end_access(session, account_id)
    order = Order(
        payload=EraseAccount(account_id=account_id),
        owner=PLATFORM,
        actor=ACTOR,
        dedupe=f"erase:{account_id}",
        dedupe_for=None,
    )
    job_id = enqueue(session, order)
    if job_id == order.id:
        audit.record(session, actor=asker, action="account.erased", target=f"account:{account_id}")
    return job_id


def set_tombstone(
    objects: Objects, keys: Keys | None, account_id: uuid.UUID, job_id: uuid.UUID
) -> None:
    """Have no restore forget an erasure, once it is committed. job_id: as `ask_erasure` answered.

    Where the object store is away, the job does it.
    """
    try:
        tombstones.put(objects, keys, account_id, made_at(job_id))
    except PlatformError as error:
        log.warning("tombstone_waits_for_its_job", job_id=str(job_id), error=str(error))


def hold(session: Session, account_id: uuid.UUID) -> None:
    """Keep an account from going before this transaction ends: for a request that may have taken
    long since its caller was let in.

    Raises Unauthenticated where it is gone.
    """
    if session.scalar(_HOLD, {"id": account_id}) is None:
        raise Unauthenticated("The account is gone.")


def expiry(session: Session) -> datetime:
    """Until when an archive that is finished now can be fetched."""
    return now(session) + KEEP


def archive_of(session: Session, account_id: uuid.UUID, export_id: uuid.UUID) -> str:
    """The key of an account's archive in the object store.

    Raises NotFound where it is not made, somebody else's, or its time is up.
    """
    job = find(session, export_id, account_id)
    if job is None or job.kind != EXPORT.name:
        raise NotFound(f"There is no export {export_id}.")
    if job.state != "succeeded" or job.result is None:
        raise NotFound(f"The export {export_id} has no archive: it is {job.state}.")
    if datetime.fromisoformat(job.result["expires_at"]) < now(session):
        raise NotFound(f"The archive of {export_id} was kept until {job.result['expires_at']}.")
    return key_of(account_id, export_id)


def delete_expired(objects: Objects, now: datetime) -> int:
    """Delete archives whose time is up; answers how many. now: the present, with a time zone.

    An export's id tells when it was asked for; an archive is given a day beyond its time, since it
    took a while to be made.
    """
    gone = 0
    for account in objects.folders(EXPORTS):
        for name in objects.folders(f"{EXPORTS}/{account}"):
            made = parse_id(name)
            if made is not None and made_at(made) < now - KEEP - timedelta(days=1):
                objects.delete(f"{EXPORTS}/{account}/{name}")
                gone += 1
    return gone
