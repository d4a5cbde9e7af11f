"""/v1/me/export and DELETE /v1/me: take everything along, and be forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain

import marshmallow as ma
from flask import Response

from kernel.errors import Conflict, Forbidden, Invalid
from services.accounts import people
from services.accounts.keys import Caller
from services.jobs.read import STATES
from services.privacy import requests
from services.privacy.tombstones import keys_of
from web import sign_in_limits
from web.admission import aside
from web.answers import json_answer
from web.bodies import json_body
from web.context import caller, platform
from web.forms import Answer, Form, loaded
from web.idempotency import IDEMPOTENCY_KEY, accept, digest_of
from web.resource import Body, Reply, Resource, json_reply
from web.schemas import Job, identity
from web.sign_in import typed_field

personal_data = Resource("personal-data", "Take everything along, and be forgotten.")

ZIP = "application/zip"


class ErasureForm(Form):
    """Who asks proves that they mean it: one of the two, whichever the account has."""

    password = typed_field("Of the person whose account it is.")
    account_id = ma.fields.UUID(
        metadata={
            "description": "Of an account that nobody signs in to: its own id, again. "
            "Only with a key of the role admin."
        }
    )


class Erasure(Answer):
    id = identity("The job that erases: of the platform's own, so only its operators see it.")
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(STATES))


@personal_data.route(
    "POST",
    "/v1/me/export",
    headers=[IDEMPOTENCY_KEY],
    replies={
        202: json_reply(
            "Accepted, or at work already.", Job, "Location", "Retry-After", "Idempotency-Replayed"
        )
    },
    problems=[400, 409, 422],
)
def export_me() -> Response:
    """Have everything gathered that is kept of the caller's account

    The job's `links.result` is a ZIP of JSON with an `index.json`, kept for 7 days. One is made at
    a time: asked again meanwhile, the answer is the job at work on it.
    """
    me = caller()
    with platform().database.transaction() as session:
        accepted = accept(
            session,
            me,
            digest_of(b""),
            lambda session: requests.ask_export(session, me.account_id, me.actor),
        )
    headers = {"Location": f"/v1/jobs/{accepted.job_id}", "Retry-After": "2"}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(accepted.document, 202, headers)


@personal_data.route(
    "GET",
    "/v1/me/exports/<uuid:export_id>/archive",
    replies={
        200: Reply(
            description="A ZIP; `index.json` in it says what each file is.",
            content={ZIP: {"type": "string", "format": "binary"}},
        )
    },
    problems=[404],
)
def show_export(export_id: uuid.UUID) -> Response:
    """Download an archive"""
    here = platform()
    with here.database.transaction() as session:
        key = requests.archive_of(session, caller().account_id, export_id)
    return Response(
        _begun(here.objects.stream(key)),
        content_type=ZIP,
        headers={
            "Content-Disposition": f'attachment; filename="nutrition-{export_id}.zip"',
            "Cache-Control": "private, no-store",
        },
    )


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, of which the first is there: what is not to be had is an error, not half a file."""
    return chain([next(pieces, b"")], pieces)


@personal_data.route(
    "DELETE",
    "/v1/me",
    body=Body(
        description="The password; or the account's own id, where nobody signs in to it.",
        content={"application/json": ErasureForm},
        example={"password": "as typed to sign in"},
    ),
    replies={202: json_reply("Access has ended, and erasure begins.", Erasure)},
    problems=[400, 409, 413, 415, 422],
)
def erase_me() -> Response:
    """Erase the caller's account and all that is kept of it

    There is no way back. Keys and sign-ins end with this answer, within seconds everywhere; rows,
    files and cached answers are gone minutes later, and stay gone where a backup is restored. Of an
    account that somebody signs in to only that person, signed in, can ask for it; of another, a key
    of the role admin.
    """
    form = loaded(ErasureForm, json_body()[0])
    here, me = platform(), caller()
    verified = _verified(me, form.get("password"), form.get("account_id"))
    with here.database.transaction() as session:
        person = people.find(session, me.account_id, lock=True)
        if (person.password_hash if person else None) != verified:
            raise Conflict("The password was changed at this moment by another request.")
        job_id = requests.ask_erasure(session, me.account_id, me.actor)
    # At once, and not when the job's turn comes: a backup restored until then would bring back
    # whom this answer promised to be gone.
    requests.set_tombstone(here.objects, keys_of(here.settings), me.account_id, job_id)
    return json_answer({"id": job_id, "state": "queued"}, 202)


def _verified(me: Caller, password: str | None, account_id: uuid.UUID | None) -> str | None:
    """The hash that the password was held against; None where nobody signs in to the account.

    Raises Forbidden for a key that may not, Invalid for a proof that is none, or QuotaExceeded.
    """
    here = platform()
    with here.database.transaction() as session:
        person = people.find(session, me.account_id)
        email, stored = (person.email, person.password_hash) if person else ("", None)
    if stored is None:
        # Its id is no secret, and backups do not help: one leaked key must not end everybody's.
        if me.role != "admin":
            raise Forbidden(
                "Nobody signs in to this account: only a key of the role admin can erase it."
            )
        if account_id != me.account_id:
            raise _unproven("account_id", "Must be the id of this very account, as GET /v1/me has.")
        return None
    if me.sign_in_id is None:
        raise Forbidden("A key cannot erase a person's account: sign in, and send the password.")
    # Whoever found somebody's unlocked screen guesses no faster than whoever signs in.
    sign_in_limits.count_attempt(email)
    if password is None:
        raise _unproven("password", "Is needed: there is no way back.")
    with aside():
        if not here.hasher.verify(stored, password):
            raise _unproven("password", "This is not the password.")
    return stored


def _unproven(field: str, reason: str) -> Invalid:
    return Invalid(f"{field}: {reason}", {field: [reason]})
