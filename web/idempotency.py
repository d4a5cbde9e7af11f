"""`Idempotency-Key` on requests that create: what the header means here."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import request
from sqlalchemy.orm import Session

from kernel.errors import Malformed
from services.accounts.keys import Caller
from services.jobs import idempotency
from services.jobs.read import find
from web.documents import job_document
from web.resource import Header

IDEMPOTENCY_KEY = Header(
    name="Idempotency-Key",
    description=(
        "Any string of up to 255 printable characters, new for each new request. Repeated within "
        "24 hours with the same body, the first answer is given again and nothing is made twice."
    ),
    example="8e03978e-40d5-43dd-bc93-6894a57f9324",
    pattern="^[\\x21-\\x7e]{1,255}$",
)

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that was accepted, by this request or by an earlier one that it repeats.

    document: the job as it was then.
    """

    job_id: uuid.UUID
    document: dict[str, Any]
    replayed: bool


def given_key() -> str | None:
    """The request's key, without the quotes that its structured form has; None where it has none.

    Raises Malformed for one that is none.
    """
    raw = request.headers.get("Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip()
    if len(key) > 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise Malformed("Idempotency-Key must be 1 to 255 printable ASCII characters, no spaces.")
    return key


def digest_of(body: bytes) -> bytes:
    """SHA-256 of what makes a request the same again: method, path and body."""
    return digest_of_hashed(hashlib.sha256(body).digest())


def digest_of_hashed(body: bytes) -> bytes:
    """The same for a body that was streamed. body: its SHA-256."""
    whole = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    whole.update(body)
    return whole.digest()


def accept(
    session: Session, caller: Caller, digest: bytes, make: Callable[[Session], uuid.UUID]
) -> Accepted:
    """Make a job at most once for the request's key. make: enqueues it and answers its id.

    Raises Conflict while an equal request is in progress, Invalid where the key is spent.
    """
    key = given_key()
    attempt = None
    if key is not None:
        attempt = idempotency.Attempt(
            owner=caller.account_id, actor=caller.actor, key=key, digest=digest
        )
        earlier = idempotency.earlier_answer(session, attempt)
        if earlier is not None:
            document = earlier["document"]
            return Accepted(uuid.UUID(document["id"]), document, replayed=True)
    job_id = make(session)
    job = find(session, job_id, caller.account_id)
    assert job is not None, "a job is seen by the transaction that made it"
    document = msgspec.to_builtins(job_document(job))
    if attempt is not None:
        idempotency.remember(session, attempt, {"document": document})
    return Accepted(job_id, document, replayed=False)
