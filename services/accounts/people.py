"""People: an account with a login. Made, found, changed, disabled.

A password is never handled here: whoever calls hashes it first, outside any transaction, for that
takes a while (services/accounts/passwords.py).
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from services import audit
from services.accounts import sign_ins
from services.accounts.models import Account, Person
from services.accounts.scopes import check_role

#: Characters of an e-mail address (RFC 5321, 4.5.3.1) and of a name.
LONGEST_EMAIL, LONGEST_NAME = 254, 100
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: What HTML takes for an e-mail address: a wilful violation of RFC 5322, and what people have.
EMAIL = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*"
_EMAIL = re.compile(EMAIL, re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AFTER_ALL = uuid.UUID(int=2**128 - 1)


def address(email: str) -> str:
    """An e-mail address in the form in which it is kept. Raises Invalid for what is none."""
    email = email.strip()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("email: This is no e-mail address.", {"email": ["No e-mail address."]})
    return email.lower()


def register(
    session: Session, email: str, password_hash: str, name: str = "", role: str = "user"
) -> Person | None:
    """A new person with an account of their own; None where the address is taken.

    That somebody tried is noted at the one who has it: a write and a commit too, so that the time
    of the answer does not tell the two apart.
    """
    email, name = address(email), checked_name(name)
    account_id = new_id()
    # The account is named by its id: an address stays in one table, and goes with its person.
    session.execute(insert(Account).values(id=account_id, name=f"person-{account_id}"))
    made = session.scalar(
        insert(Person)
        .values(
            account_id=account_id,
            email=email,
            name=name,
            password_hash=password_hash,
            role=check_role(role),
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(Person)
    )
    if made is None:
        session.execute(text("DELETE FROM accounts WHERE id = :id"), {"id": account_id})
        session.execute(update(Person).where(Person.email == email).values(claimed_at=func.now()))
    return made


def find(session: Session, account_id: uuid.UUID, *, lock: bool = False) -> Person | None:
    """The account's person, or None: an installation's account has none."""
    statement = select(Person).where(Person.account_id == account_id)
    return session.scalar(statement.with_for_update() if lock else statement)


def by_email(session: Session, email: str) -> Person | None:
    """The person with this address, or None."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def listing(
    session: Session,
    *,
    email: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[Person]:
    """People, newest first: those older than *before*, at most *limit*; the one with *email*."""
    statement = select(Person).where(Person.account_id < (before or _AFTER_ALL))
    if email is not None:
        statement = statement.where(Person.email == email.strip().lower())
    return list(session.scalars(statement.order_by(Person.account_id.desc()).limit(limit)))


def change(session: Session, person: Person, changes: dict[str, Any]) -> None:
    """Set any of `name`, `analytics_consent`. Raises Invalid."""
    if "name" in changes:
        person.name = checked_name(changes["name"])
    if "analytics_consent" in changes:
        person.analytics_consent = bool(changes["analytics_consent"])
    session.flush()


def set_password(
    session: Session, person: Person, password_hash: str, keep: uuid.UUID | None = None
) -> None:
    """Give the person another password: every sign-in but *keep* ends."""
    person.password_hash = password_hash
    person.password_changed_at = now(session)
    session.flush()
    sign_ins.end_all(session, person.account_id, "password", keep=keep)


def rehash(session: Session, account_id: uuid.UUID, old: str, new: str) -> None:
    """Keep a hash of the same password under today's parameters."""
    session.execute(
        update(Person)
        .where(Person.account_id == account_id, Person.password_hash == old)
        .values(password_hash=new)
    )


def disable(session: Session, account_id: uuid.UUID, actor: str) -> Person:
    """Keep a person out: sign-ins end, and neither they nor their keys come in until `enable`.

    Processes that saw them a moment ago follow within seconds. To disable twice is no error.
    Raises NotFound.
    """
    person = _one(session, account_id)
    if person.disabled_at is None:
        person.disabled_at = now(session)
        session.flush()
        sign_ins.end_all(session, account_id, "disabled")
        audit.record(session, actor=actor, action="user.disabled", target=f"user:{account_id}")
    return person


def enable(session: Session, account_id: uuid.UUID, actor: str) -> Person:
    """Let a person in again; their keys work again, and they sign in anew. Raises NotFound."""
    person = _one(session, account_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        session.flush()
        audit.record(session, actor=actor, action="user.enabled", target=f"user:{account_id}")
    return person


def checked_name(name: str) -> str:
    """A person's name, possibly none. Raises Invalid."""
    name = name.strip()
    if len(name) > LONGEST_NAME or _CONTROL.search(name):
        reason = f"At most {LONGEST_NAME} characters, and no control characters."
        raise Invalid(f"name: {reason}", {"name": [reason]})
    return name


def _one(session: Session, account_id: uuid.UUID) -> Person:
    person = find(session, account_id, lock=True)
    if person is None:
        raise NotFound(f"There is no user {account_id}.")
    return person
