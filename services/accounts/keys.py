"""Accounts and API keys: make them, recognise them, revoke them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from kernel.ids import new_id
from services.accounts.models import Account, ApiKey
from services.accounts.scopes import check_role, check_scopes, scopes_of
from services.accounts.secrets import PREFIX, digest, new_secret, well_formed

#: One message for unknown, expired and revoked keys: a thief learns nothing from the difference.
REFUSED = "The API key is unknown, expired or revoked."
#: Characters of the secret that are kept in the clear.
HINT = len(PREFIX) + 4


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the account that owns what is made, and the actor (`key:<id>`) who acts for it."""

    account_id: uuid.UUID
    actor: str
    role: str
    scopes: frozenset[str]


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


def create(
    session: Session,
    account_id: uuid.UUID,
    name: str,
    role: str = "user",
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the account, and its secret, which is told this once.

    scopes: all that the role may have, where none are named. Raises Invalid for an unknown role or
    scope, or one beyond the role, NotFound where there is no such account.
    """
    if session.get(Account, account_id) is None:
        raise NotFound(f"There is no account {account_id}.")
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
    )
    session.add(key)
    session.flush()
    return key, secret


def listing(session: Session, account_id: uuid.UUID) -> list[ApiKey]:
    """The account's keys, newest first, revoked ones included."""
    statement = select(ApiKey).where(ApiKey.account_id == account_id).order_by(ApiKey.id.desc())
    return list(session.scalars(statement))


def revoke(session: Session, account_id: uuid.UUID, key_id: uuid.UUID) -> None:
    """End a key's validity: processes that remember it follow within seconds (see Keyring).

    Revoking twice is no error. Raises NotFound where the account has no such key.
    """
    done = session.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.account_id == account_id)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
    )
    if not isinstance(done, CursorResult) or done.rowcount == 0:
        raise NotFound(f"There is no key {key_id}.")


_FIND = text("""
    SELECT id, account_id, role, scopes,
        coalesce(last_used_at < now() - interval '1 minute', true) AS unnoted
    FROM api_keys
    WHERE digest = :digest AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
""")
# Once a minute is enough to tell a key in use from a forgotten one, and costs no write a request.
_NOTE_USE = text("""
    UPDATE api_keys SET last_used_at = now()
    WHERE id = :id AND coalesce(last_used_at < now() - interval '1 minute', true)
""")


def authenticate(session: Session, secret: str) -> Caller:
    """Who holds *secret*. Raises Unauthenticated where nobody does (any more)."""
    if not well_formed(secret):
        raise Unauthenticated(REFUSED)
    row = session.execute(_FIND, {"digest": digest(secret)}).one_or_none()
    if row is None:
        raise Unauthenticated(REFUSED)
    if row.unnoted:
        session.execute(_NOTE_USE, {"id": row.id})
    return Caller(row.account_id, f"key:{row.id}", row.role, frozenset(row.scopes))


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise Invalid(
            "A name has 1 to 100 printable characters.",
            {"name": ["1 to 100 printable characters."]},
        )
    return name
