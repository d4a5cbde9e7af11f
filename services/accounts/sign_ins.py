"""Sign-ins: from the password to the log-out, carried on by refresh tokens that rotate.

A refresh token is spent by its use and answered with the next (RFC 9700, 4.14.2). One that is used
again after that is in two hands, and nobody can tell which is the thief's: the sign-in ends. Within
GRACE of its first use it is answered once more with the very same next token, for answers are lost
and two tabs refresh at once; so there is one unspent token at any time, and no branch in the chain.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import new_id
from services.accounts.secrets import REFRESH, digest, new_secret, well_formed
from services.accounts.tokens import Signer, digests

log = structlog.get_logger()

#: A sign-in ends where it was not refreshed for so many days, and so many days after the password.
IDLE_DAYS, LONGEST_DAYS = 30, 180
#: Seconds within which a spent refresh token is answered again.
GRACE = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A sign-in, and the refresh token that carries it on, told this once."""

    sign_in_id: uuid.UUID
    account_id: uuid.UUID
    refresh_token: str


# FOR SHARE: neither is the person disabled nor the password changed before this commits. What was
# verified, outside of any transaction, must still be what is stored.
_PERSON = text("""
    SELECT 1 FROM people
    WHERE account_id = :account AND disabled_at IS NULL AND password_hash = :verified FOR SHARE
""")
_BEGIN = text(f"""
    INSERT INTO sign_ins (id, account_id, origin, expires_at)
    VALUES (:id, :account, :origin, now() + interval '{IDLE_DAYS} days')
""")
_TOKEN = text("INSERT INTO refresh_tokens (digest, sign_in_id) VALUES (:digest, :sign_in)")
_FAMILIAR = text("""
    SELECT EXISTS (
        SELECT FROM sign_ins WHERE account_id = :account AND origin = :origin
            AND coalesce(ended_why, '') <> 'reuse'
    )
""")
# The lock makes refreshing a sign-in a matter of one at a time.
_LOCK = text("""
    SELECT s.id, s.account_id FROM sign_ins s JOIN people p USING (account_id)
    WHERE s.id = (SELECT sign_in_id FROM refresh_tokens WHERE digest = :digest)
        AND s.ended_at IS NULL AND s.expires_at > now() AND p.disabled_at IS NULL
    FOR UPDATE OF s
""")
_STATE = text(f"""
    SELECT spent_at IS NOT NULL AS spent, spent_for,
        coalesce(spent_at > now() - interval '{GRACE} seconds', false) AS lately
    FROM refresh_tokens WHERE digest = :digest
""")
_SPEND = text("""
    UPDATE refresh_tokens SET spent_at = now(), spent_for = :next WHERE digest = :digest
""")
_REFRESHED = text(f"""
    UPDATE sign_ins SET refreshed_at = now(), expires_at = least(
        now() + interval '{IDLE_DAYS} days', created_at + interval '{LONGEST_DAYS} days')
    WHERE id = :id
""")
_END = text("""
    UPDATE sign_ins SET ended_at = now(), ended_why = :why WHERE id = :id AND ended_at IS NULL
""")
_END_BY_TOKEN = text("""
    UPDATE sign_ins SET ended_at = now(), ended_why = 'logout' WHERE ended_at IS NULL
        AND id = (SELECT sign_in_id FROM refresh_tokens WHERE digest = :digest)
""")
_END_ALL = text("""
    UPDATE sign_ins SET ended_at = now(), ended_why = :why
    WHERE account_id = :account AND ended_at IS NULL AND id IS DISTINCT FROM :keep
""")
_EXPIRED = text("""
    DELETE FROM sign_ins WHERE id IN (
        SELECT id FROM sign_ins WHERE expires_at < now() - interval '30 days'
        ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
""")


def familiar(session: Session, account_id: uuid.UUID, origin: bytes) -> bool:
    """Whether this person has signed in from there before, as far back as sign-ins are kept."""
    return bool(session.scalar(_FAMILIAR, {"account": account_id, "origin": origin}))


def begin(
    session: Session, account_id: uuid.UUID, verified: str, origin: bytes | None = None
) -> Opened | None:
    """Open a sign-in. verified: the stored hash that the password was held against.

    None where meanwhile the person was disabled, erased, or has another password.
    """
    if session.scalar(_PERSON, {"account": account_id, "verified": verified}) is None:
        return None
    opened = Opened(new_id(), account_id, new_secret(REFRESH))
    session.execute(_BEGIN, {"id": opened.sign_in_id, "account": account_id, "origin": origin})
    session.execute(_TOKEN, {"digest": digest(opened.refresh_token), "sign_in": opened.sign_in_id})
    return opened


def refresh(session: Session, signer: Signer, token: str) -> Opened | None:
    """Spend a refresh token for the next one.

    None where it is unknown, ended or spent; the last ends its sign-in, so the caller must commit.
    """
    if not well_formed(token, REFRESH):
        return None
    own = digest(token)
    found = session.execute(_LOCK, {"digest": own}).one_or_none()
    if found is None:
        return None
    state = session.execute(_STATE, {"digest": own}).one()
    successors = digests(signer.successors(token))
    if not state.spent:
        following = next(iter(successors))
        session.execute(_TOKEN, {"digest": following, "sign_in": found.id})
        session.execute(_SPEND, {"digest": own, "next": following})
        session.execute(_REFRESHED, {"id": found.id})
        return Opened(found.id, found.account_id, successors[following])
    if state.lately and bytes(state.spent_for or b"") in successors:
        return Opened(found.id, found.account_id, successors[bytes(state.spent_for)])
    log.warning("refresh_token_reused", sign_in=str(found.id), account=str(found.account_id))
    end(session, found.id, "reuse")
    return None


def end(session: Session, sign_in_id: uuid.UUID, why: str = "logout") -> None:
    """End a sign-in: its tokens open nothing any more. To end one twice is no error."""
    session.execute(_END, {"id": sign_in_id, "why": why})


def end_by_token(session: Session, token: str) -> None:
    """End the sign-in of a refresh token, spent or not; of an unknown one, nothing (RFC 7009)."""
    if well_formed(token, REFRESH):
        session.execute(_END_BY_TOKEN, {"digest": digest(token)})


def end_all(
    session: Session, account_id: uuid.UUID, why: str, keep: uuid.UUID | None = None
) -> None:
    """End every sign-in of a person, but *keep*."""
    session.execute(_END_ALL, {"account": account_id, "why": why, "keep": keep})


def delete_expired(session: Session, limit: int = 1000) -> int:
    """Delete sign-ins a month past their end, with their tokens; answers how many went."""
    done = session.execute(_EXPIRED, {"limit": limit})
    return int(getattr(done, "rowcount", 0))
