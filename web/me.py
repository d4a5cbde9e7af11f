"""/v1/me: the caller's own account, and the person who signs in to it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed

from kernel.errors import Conflict, Invalid
from services.accounts import keys, passwords, people
from services.accounts.keys import Caller
from services.accounts.models import Person
from services.accounts.scopes import ROLES
from web import sign_in_limits
from web.admission import aside
from web.answers import tagged_answer
from web.bodies import form_body
from web.context import caller, platform
from web.forms import Answer, Form, Truth
from web.resource import Body, Header, Reply, Resource, json_reply
from web.schemas import identity, text, when
from web.sign_in import name_field, password_field, typed_field

me = Resource("me", "The caller's own account.")

_INSTALLATION = "This account belongs to an installation: nobody signs in to it."


class MeChange(Form):
    """What of a person can be set; what is left out stays."""

    name = name_field()
    analytics_consent = Truth(
        metadata={"description": "What you do may be counted. Off until you say so."}
    )
    password = password_field("The next password; needs `current_password`.", required=False)
    current_password = typed_field("The password as it is.")


class Me(Answer):
    id = identity("The account; what it makes is its own.")
    email = text("The address to sign in with; null where nobody signs in.", null=True)
    name = text("What the person, or else the account, is called.")
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    scopes = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "What the credential of this very request may do."},
    )
    analytics_consent = ma.fields.Boolean(required=True)
    password_changed_at = when("When the password was last changed", null=True)
    created_at = when("When the account was made")


@me.route(
    "GET",
    "/v1/me",
    headers=[
        Header(name="If-None-Match", description="An `ETag` of before.", example='"33a64df5"')
    ],
    replies={
        200: json_reply("The account.", Me, "ETag"),
        304: Reply(description="Unchanged since the ETag that was sent.", headers=["ETag"]),
    },
    problems=[404],
)
def show_me() -> Response:
    """Show the caller's own account"""
    who = caller()
    with platform().database.transaction() as session:
        document = _document(session, who, people.find(session, who.account_id))
    return tagged_answer(document)


@me.route(
    "PATCH",
    "/v1/me",
    body=Body(
        description="What is to change.",
        content={"application/json": MeChange},
        example={"name": "Ada", "analytics_consent": True},
    ),
    headers=[
        Header(
            name="If-Match",
            description="The `ETag` that the change is meant for; without it, any.",
            example='"33a64df5"',
        )
    ],
    replies={200: json_reply("The account, as it is now.", Me, "ETag")},
    problems=[400, 404, 409, 412, 413, 415, 422],
)
def change_me() -> Response:
    """Change the caller's own account

    Another password needs the current one, and ends every sign-in but this one.
    """
    form = form_body(MeChange)
    who = caller()
    hashed = _next_password(who, form) if "password" in form else None
    with platform().database.transaction() as session:
        person = people.find(session, who.account_id, lock=True)
        if person is None:
            raise Conflict(_INSTALLATION)
        if request.if_match and not request.if_match.contains(
            tagged_answer(_document(session, who, person)).get_etag()[0] or ""
        ):
            raise PreconditionFailed("It has changed since the ETag in If-Match.")
        people.change(session, person, form)
        if hashed is not None:
            verified, password_hash = hashed
            if person.password_hash != verified:
                raise Conflict("The password was changed at this moment by another request.")
            people.set_password(session, person, password_hash, keep=who.sign_in_id)
        document = _document(session, who, person)
    return tagged_answer(document)


def _next_password(who: Caller, form: dict[str, Any]) -> tuple[str, str]:
    """The hash that the current password was held against, and the one of the next.

    Raises Invalid, QuotaExceeded, or Conflict where nobody signs in.
    """
    here = platform()
    with here.database.transaction() as session:
        person = people.find(session, who.account_id)
        if person is None:
            raise Conflict(_INSTALLATION)
        email, stored = person.email, person.password_hash
    # Whoever found somebody's unlocked screen guesses no faster than whoever signs in.
    sign_in_limits.count_attempt(email)
    password = passwords.checked(form["password"], email)
    current = form.get("current_password")
    if current is None:
        raise _wrong("Another password needs the current one.")
    with aside():
        if not here.hasher.verify(stored, current):
            raise _wrong("This is not the password.")
        return stored, here.hasher.hash(password)


def _wrong(reason: str) -> Invalid:
    return Invalid(f"current_password: {reason}", {"current_password": [reason]})


def _document(session: Session, who: Caller, person: Person | None) -> dict[str, Any]:
    account = keys.account(session, who.account_id)
    return {
        "id": account.id,
        "email": person.email if person else None,
        "name": person.name if person else account.name,
        "role": who.role,
        "scopes": sorted(who.scopes),
        "analytics_consent": person.analytics_consent if person else False,
        "password_changed_at": person.password_changed_at if person else None,
        "created_at": account.created_at,
    }
