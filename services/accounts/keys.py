"""Accounts and API keys: make them, recognise them, revoke them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from kernel.ids import new_id
from services.accounts.models import Account, ApiKey
from services.accounts.scopes import ROLES, check_role, check_scopes, scopes_of
from services.accounts.secrets import PREFIX, digest, new_secret, well_formed

#: One message for unknown, expired and revoked keys: a thief learns nothing from the difference.
REFUSED = "The API key is unknown, expired or revoked."
#: Keys of one account that work at once.
MOST = 100
#: Characters of the secret that are kept in the clear.
HINT = len(PREFIX) + 4


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the account that owns what is made, and who acts for it.

    actor: `key:<id>`, or `person:<account id>` for somebody who has signed in; then sign_in_id says
    with which sign-in.
    """

    account_id: uuid.UUID
    actor: str
    role: str
    scopes: frozenset[str]
    sign_in_id: uuid.UUID | None = None


def create_account(session: Session, name: str) -> Account:
    """A new account. Raises Invalid for an empty name, Conflict where the name is taken."""
    name = _name(name)
    made: Account | None = session.scalar(
        insert(Account)
        .values(id=new_id(), name=name)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(Account)
    )
    if made is None:
        raise Conflict(f"There is an account {name!r} already.")
    return made


def find_account(session: Session, name: str) -> Account | None:
    """The account of that name, or None."""
    return session.scalar(select(Account).where(Account.name == name))


def account(session: Session, account_id: uuid.UUID) -> Account:
    """The account. Raises NotFound."""
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound(f"There is no account {account_id}.")
    return found


def create(
    session: Session,
    account_id: uuid.UUID,
    name: str,
    role: str = "user",
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    made_by: str | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the account, and its secret, which is told this once.

    scopes: all that the role may have, where none are named. Raises Invalid for an unknown role or
    scope, or one beyond the role, NotFound where there is no such account.
    """
    account(session, account_id)
    secret = new_secret()
    key = ApiKey(
        id=new_id(),
        account_id=account_id,
        name=_name(name),
        digest=digest(secret),
        hint=secret[:HINT],
        role=check_role(role),
        scopes=check_scopes(scopes_of(role) if scopes is None else scopes, role),
        expires_at=expires_at,
        made_by=made_by,
    )
    session.add(key)
    session.flush()
    return key, secret


def create_for(
    session: Session,
    maker: Caller,
    name: str,
    role: str | None = None,
    scopes: Sequence[str] | None = None,
    days: int | None = None,
) -> tuple[ApiKey, str]:
    """A key of the maker's account that can do no more, and no longer, than the maker.

    days: how long it works; for ever by default, or as long as the key that makes it.
    Raises as `create` does, Unauthenticated where the maker has ended (a process remembers it for
    some seconds), Forbidden for a role or scope that the maker lacks, and Conflict where the
    account has MOST keys that work.
    """
    maker = _held(session, maker)
    role = check_role(maker.role if role is None else role)
    if ROLES.index(role) > ROLES.index(maker.role):
        raise Forbidden(f"The role {maker.role} makes no key of the role {role}.")
    may = maker.scopes.intersection(scopes_of(role))
    wanted = check_scopes(sorted(may) if scopes is None else scopes, "admin")
    if beyond := set(wanted) - may:
        raise Forbidden(
            f"A key of the role {role} that you make cannot have {', '.join(sorted(beyond))}."
        )
    held = session.scalar(
        select(func.count()).where(
            ApiKey.account_id == maker.account_id,
            ApiKey.revoked_at.is_(None),
            func.coalesce(ApiKey.expires_at > func.now(), True),
        )
    )
    if held is not None and held >= MOST:
        raise Conflict(f"The account has {held} keys that work: revoke one first.")
    expires_at = None
    if days is not None:
        now: datetime = session.scalars(select(func.now())).one()
        expires_at = now + timedelta(days=days)
    if maker.sign_in_id is None:
        own = session.get(ApiKey, uuid.UUID(maker.actor.partition(":")[2]))
        until = own.expires_at if own else None
        if until is not None and (expires_at is None or expires_at > until):
            expires_at = until
    return create(session, maker.account_id, name, role, wanted, expires_at, maker.actor)


# Keys of an account are made and revoked one at a time: a revocation that did not see a key which
# its own key is making would leave that one to the thief.
_ONE_AT_A_TIME = text("SELECT 1 FROM accounts WHERE id = :id FOR NO KEY UPDATE")
_HOLD_SIGN_IN = text("SELECT 1 FROM sign_ins WHERE id = :id FOR SHARE")


def _held(session: Session, maker: Caller) -> Caller:
    """The maker as it stands now, and will stand until this transaction ends.

    Raises Unauthenticated where it has ended.
    """
    session.execute(_ONE_AT_A_TIME, {"id": maker.account_id})
    if maker.sign_in_id is None:
        return by_id(session, uuid.UUID(maker.actor.partition(":")[2]))
    session.execute(_HOLD_SIGN_IN, {"id": maker.sign_in_id})
    return by_sign_in(session, maker.sign_in_id)


def listing(
    session: Session,
    account_id: uuid.UUID,
    *,
    before: uuid.UUID | None = None,
    limit: int | None = None,
) -> list[ApiKey]:
    """The account's keys, newest first, revoked ones included: those older than *before*."""
    statement = select(ApiKey).where(ApiKey.account_id == account_id)
    if before is not None:
        statement = statement.where(ApiKey.id < before)
    return list(session.scalars(statement.order_by(ApiKey.id.desc()).limit(limit)))


_REVOKE = text("""
    WITH RECURSIVE falls AS (
        SELECT id FROM api_keys WHERE id = :id AND account_id = :account
        UNION SELECT k.id FROM api_keys k JOIN falls ON k.made_by = 'key:' || falls.id
    )
    UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
    WHERE id IN (SELECT id FROM falls)
""")


def revoke(session: Session, account_id: uuid.UUID, key_id: uuid.UUID) -> None:
    """End a key's validity, and that of keys it made: a thief's among them, perhaps.

    Processes that remember them follow within seconds (see Keyring). Revoking twice is no error.
    Raises NotFound where the account has no such key.
    """
    # In a statement of its own: the next one sees what was made before this lock was had.
    session.execute(_ONE_AT_A_TIME, {"id": account_id})
    done = session.execute(_REVOKE, {"id": key_id, "account": account_id})
    if not isinstance(done, CursorResult) or done.rowcount == 0:
        raise NotFound(f"There is no key {key_id}.")


# Of a person who was disabled, keys open nothing either.
_FIND = """
    SELECT id, account_id, role, scopes,
        coalesce(last_used_at < now() - interval '1 minute', true) AS unnoted
    FROM api_keys
    WHERE {which} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        AND NOT EXISTS (
            SELECT FROM people p
            WHERE p.account_id = api_keys.account_id AND p.disabled_at IS NOT NULL
        )
"""
_BY_DIGEST = text(_FIND.format(which="digest = :digest"))
_BY_ID = text(_FIND.format(which="id = :id"))
_BY_SIGN_IN = text("""
    SELECT p.account_id, p.role FROM sign_ins s JOIN people p USING (account_id)
    WHERE s.id = :id AND s.ended_at IS NULL AND s.expires_at > now() AND p.disabled_at IS NULL
""")
# Once a minute is enough to tell a key in use from a forgotten one, and costs no write a request.
_NOTE_USE = text("""
    UPDATE api_keys SET last_used_at = now()
    WHERE id = :id AND coalesce(last_used_at < now() - interval '1 minute', true)
""")


#: Days that a key past its end stays in sight, for whoever wonders what it was.
KEEP_ENDED = 90
_ENDED = text("""
    DELETE FROM api_keys WHERE id IN (
        SELECT id FROM api_keys
        WHERE least(revoked_at, expires_at) < now() - make_interval(days => :days)
        LIMIT :limit FOR UPDATE SKIP LOCKED
    )
""")


def delete_expired(session: Session, limit: int = 1_000) -> int:
    """Delete keys that were revoked or expired KEEP_ENDED days ago; answers how many went."""
    done = session.execute(_ENDED, {"days": KEEP_ENDED, "limit": limit})
    return done.rowcount if isinstance(done, CursorResult) else 0


def authenticate(session: Session, secret: str) -> Caller:
    """Who holds *secret*. Raises Unauthenticated where nobody does (any more)."""
    if not well_formed(secret):
        raise Unauthenticated(REFUSED)
    row = session.execute(_BY_DIGEST, {"digest": digest(secret)}).one_or_none()
    if row is not None and row.unnoted:
        session.execute(_NOTE_USE, {"id": row.id})
    return _holder(row)


def by_id(session: Session, key_id: uuid.UUID) -> Caller:
    """Who holds the key of this id. Raises Unauthenticated where it has ended."""
    return _holder(session.execute(_BY_ID, {"id": key_id}).one_or_none())


def by_sign_in(session: Session, sign_in_id: uuid.UUID) -> Caller:
    """Who signed in. Raises Unauthenticated where the sign-in, or the person, has ended."""
    row = session.execute(_BY_SIGN_IN, {"id": sign_in_id}).one_or_none()
    if row is None:
        raise Unauthenticated(REFUSED)
    return Caller(
        row.account_id,
        f"person:{row.account_id}",
        row.role,
        frozenset(scopes_of(row.role)),
        sign_in_id,
    )


def _holder(row: Any) -> Caller:
    if row is None:
        raise Unauthenticated(REFUSED)
    return Caller(row.account_id, f"key:{row.id}", row.role, frozenset(row.scopes))


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise Invalid(
            "A name has 1 to 100 printable characters.",
            {"name": ["1 to 100 printable characters."]},
        )
    return name
