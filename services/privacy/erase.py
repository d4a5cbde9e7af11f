"""Erase: all that is kept of an account goes, in small steps that may be repeated at any point.

The order makes each step safe to be killed after: the tombstone first, so that no restored backup
forgets; then nobody can sign in and nothing runs any more; then objects, and the rows that say
where they lie; the account's own row only once no short request of before can still be writing.
After that whoever took longer is turned away by its absence (`requests.hold`), and a last pass
finds what was written until then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import Text, delete, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.objects import Objects
from services.accounts import sign_ins
from services.backups.keys import Keys
from services.privacy import tombstones, traces
from services.privacy.declarations import ACCOUNTS, Declaration, declarations

#: A key or session that ended still opens for seconds in a process that saw it, and a request has
#: seconds to end. What such a request wrote is found by a pass after this. By then Redis has let go
#: of what it keeps for a minute: limits, and tickets for streams.
LATE = timedelta(seconds=90)
#: A job that was told to stop has this long until its rows go all the same: its claim is then
#: gone, and it can write none.
STOPPING = timedelta(seconds=30)
#: Seconds until it is looked again whether jobs have stopped.
LOOK = 2.0
#: Rows deleted in one transaction, with those that belong to them.
ROWS = 500
#: The folder of an account's archives.
EXPORTS = "exports"

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where traces lie. transaction: opens one on the database. caches: every Redis.

    keys: what signs tombstones, where there is something.
    """

    transaction: Transaction
    objects: Objects
    keys: Keys | None
    caches: Sequence[redis.Redis] = ()


_STOP = text("""
    UPDATE jobs SET cancel_at = coalesce(cancel_at, now())
    WHERE owner_id = :account AND state = 'running' RETURNING id
""")
_END_ACCESS = (
    text(
        "UPDATE api_keys SET revoked_at = now() WHERE account_id = :account AND revoked_at IS NULL"
    ),
    text(
        "UPDATE people SET disabled_at = now() WHERE account_id = :account AND disabled_at IS NULL"
    ),
)
_KEYS = text("SELECT id FROM api_keys WHERE account_id = :account")
_SIGN_INS = text("SELECT id FROM sign_ins WHERE account_id = :account")
_ACCOUNT = text("DELETE FROM accounts WHERE id = :account")


def end_access(session: Session, account_id: uuid.UUID) -> None:
    """End the account's keys, sessions and sign-in. Processes that remember follow in seconds."""
    for statement in _END_ACCESS:
        session.execute(statement, {"account": account_id})
    sign_ins.end_all(session, account_id, "disabled")


def advance(
    stores: Stores, account_id: uuid.UUID, asked_at: datetime, pause: Callable[[int], None]
) -> float:
    """Erase as much as can be erased now; answers the seconds until there is more to do, or 0.

    Where it answers 0, nothing is left. asked_at: when access ended. pause: called between steps
    with the rows erased so far; it may raise, and whoever calls again goes on.
    """
    tombstones.put(stores.objects, stores.keys, account_id, asked_at)
    pause(0)
    with stores.transaction() as session:
        end_access(session, account_id)
        running = session.scalars(_STOP, {"account": account_id}).all()
        age: timedelta = now(session) - asked_at
    if running and age < STOPPING:
        return LOOK
    pass_over(stores, account_id, pause)
    if age < LATE:
        return (LATE - age).total_seconds()
    with stores.transaction() as session:
        session.execute(_ACCOUNT, {"account": account_id})
    pass_over(stores, account_id, pause)
    return 0.0


def pass_over(stores: Stores, account_id: uuid.UUID, pause: Callable[[int], None]) -> int:
    """Delete every trace but the account's own row; answers how many rows. See `advance`."""
    declared = declarations()
    erased = 0
    # Redis first: it knows keys and sessions by ids that their rows alone tell.
    with stores.transaction() as session:
        names = [account_id, *_scalars(session, _KEYS, account_id)]
        names += _scalars(session, _SIGN_INS, account_id)
    _forget(stores, names)
    pause(erased)
    for one in declared.values():
        if not one.deletes or one.parents or one.table.name == ACCOUNTS:
            continue
        dependent = [child for child in declared.values() if one.table.name in child.parents]
        for rows in _deleting(stores, one, dependent, account_id):
            erased += rows
            pause(erased)
    for one in declared.values():
        for name in one.arrays:
            column = one.table.columns[name]
            without = func.array_remove(column, account_id)
            taken = update(one.table).values({name: without}).where(column.any_() == account_id)
            with stores.transaction() as session:
                session.execute(taken)
            pause(erased)
    stores.objects.delete(f"{EXPORTS}/{account_id}")
    pause(erased)
    _forget(stores, names)
    pause(erased)
    return erased


def _forget(stores: Stores, names: Sequence[uuid.UUID]) -> None:
    for cache in stores.caches:
        traces.forget(cache, [str(name) for name in names])


def _scalars(session: Session, statement: Any, account_id: uuid.UUID) -> list[uuid.UUID]:
    return list(session.scalars(statement, {"account": account_id}))


def owned(declared: Declaration, account_id: uuid.UUID) -> Any:
    """The condition that a row of a table with an owner column of its own is the account's."""
    assert declared.column is not None, "only asked of tables whose rows have an owner"
    column = declared.table.columns[declared.column]
    if isinstance(column.type, Text):
        return column == str(account_id)
    return column == account_id


def _deleting(
    stores: Stores, one: Declaration, dependent: Sequence[Declaration], account_id: uuid.UUID
) -> Iterator[int]:
    """Delete the account's rows of a table, with the rows that belong to them, and their objects.

    Yields after every transaction how many went. A row is locked before what belongs to it goes:
    whoever adds to it (a job's event) locks it too, and finds it gone.
    """
    key, mine = one.key, owned(one, account_id)
    folders = [one.table.columns[name] for name in one.folder_fields]
    some = select(*key, *folders).where(mine).order_by(*key).limit(ROWS)
    while True:
        with stores.transaction() as session:
            found = session.execute(some).mappings().all()
        if not found:
            return
        if one.objects is not None:
            # Objects first: their rows alone say where they lie.
            for row in found:
                stores.objects.delete(one.folder(row))
        these = tuple_(*key).in_([tuple(row[column.name] for column in key) for row in found])
        with stores.transaction() as session:
            session.execute(select(*key).where(mine, these).order_by(*key).with_for_update())
            for child in dependent:
                column = child.table.columns[child.by or ""]
                parents = [row["id"] for row in found]
                session.execute(delete(child.table).where(column.in_(parents)))
            session.execute(delete(one.table).where(mine, these))
        yield len(found)
