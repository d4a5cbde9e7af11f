"""/v1/auth: register, sign in, stay signed in, sign out.

Answers and the work behind them are the same whoever exists: every registration and every sign-in
computes one hash, and takes one transaction before it and one after it.
"""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response, request

from kernel.errors import Unauthenticated
from services.accounts import passwords, people, sign_ins
from services.accounts.sign_ins import Opened
from services.accounts.tokens import LIFETIME
from web import sign_in_limits
from web.admission import aside
from web.answers import json_answer
from web.auth import bearer
from web.bodies import form_body
from web.context import platform
from web.forms import Answer, Form
from web.resource import Body, Reply, Resource, json_reply
from web.schemas import text

sign_in = Resource("auth", "Sign up, sign in, stay signed in, sign out.")

#: No account's id.
NOBODY = uuid.UUID(int=0)
#: One message for an unknown address, a wrong password and a disabled person.
WRONG = "The e-mail address and the password do not go together, or may not sign in."
SPENT = "The refresh token is unknown, expired or spent: sign in again."
#: A refresh token of ours, with some room.
_TOKEN_LENGTH = 200


def email_field(*, required: bool = True) -> ma.fields.String:
    return ma.fields.String(
        required=required,
        validate=[
            ma.validate.Length(max=people.LONGEST_EMAIL),
            ma.validate.Regexp(rf"{people.EMAIL}\Z"),
        ],
        metadata={"description": "E-mail address.", "pattern": f"^{people.EMAIL}$"},
    )


def password_field(description: str, *, required: bool = True) -> ma.fields.String:
    """A password that is to be: its rules are told."""
    return ma.fields.String(
        required=required,
        validate=[
            ma.validate.Length(passwords.SHORTEST, passwords.LONGEST),
            ma.validate.Regexp(r"(?s)(?!(.)\1*\Z)"),
        ],
        metadata={"description": description, "format": "password", "pattern": r"^(?!(.)\1*$)"},
    )


def typed_field(description: str) -> ma.fields.String:
    """A password as it is: whatever was typed is compared."""
    return ma.fields.String(
        validate=ma.validate.Length(max=passwords.LONGEST),
        metadata={"description": description, "format": "password"},
    )


def name_field() -> ma.fields.String:
    return ma.fields.String(
        validate=[
            ma.validate.Length(max=people.LONGEST_NAME),
            ma.validate.Regexp(r"[^\x00-\x1f\x7f-\x9f]*\Z"),
        ],
        metadata={
            "description": "What you are called.",
            "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$",
        },
    )


class RegisterForm(Form):
    email = email_field()
    password = password_field(
        f"{passwords.SHORTEST} to {passwords.LONGEST} characters, none of the first that anybody "
        "tries, and not the address."
    )
    name = name_field()


class LoginForm(Form):
    email = email_field()
    password = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=passwords.LONGEST),
        metadata={"description": "The password.", "format": "password"},
    )


class RefreshForm(Form):
    refresh_token = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=_TOKEN_LENGTH),
        metadata={"description": "`npr_…`; spent by its use."},
    )


class LogoutForm(Form):
    refresh_token = ma.fields.String(
        validate=ma.validate.Length(max=_TOKEN_LENGTH),
        metadata={"description": "`npr_…`, where there is no access token to send."},
    )


class Registered(Answer):
    email = text("The address, as it is kept.")


class Tokens(Answer):
    access_token = text("A JWT, for `Authorization: Bearer …`.")
    refresh_token = text("`npr_…`: gets the next pair at /v1/auth/refresh, once.")
    token_type = text("`Bearer`.")
    expires_in = ma.fields.Integer(
        required=True, metadata={"description": "Seconds that the access token lives."}
    )


@sign_in.route(
    "POST",
    "/v1/auth/register",
    body=Body(
        description="Who is to sign in.",
        content={"application/json": RegisterForm},
        example={"email": "ada@example.org", "password": "pans, and pots 7"},
    ),
    replies={201: json_reply("There is somebody with this address now.", Registered)},
    problems=[400, 413, 415, 422],
)
def register() -> Response:
    """Register a person

    The answer is the same where the address is taken; then nothing changes, and the password is
    still the first one.
    """
    form = form_body(RegisterForm)
    sign_in_limits.count_attempt()
    email = people.address(form["email"])
    password = passwords.checked(form["password"], email)
    name = people.checked_name(form.get("name", ""))
    with aside():
        password_hash = platform().hasher.hash(password)
    with platform().database.transaction() as session:
        people.register(session, email, password_hash, name)
    return json_answer({"email": email}, 201)


@sign_in.route(
    "POST",
    "/v1/auth/login",
    body=Body(
        description="Address and password.",
        content={"application/json": LoginForm},
        example={"email": "ada@example.org", "password": "pans, and pots 7"},
    ),
    replies={200: json_reply("Tokens of a new sign-in.", Tokens)},
    problems=[400, 401, 413, 415, 422],
)
def login() -> Response:
    """Sign in"""
    form = form_body(LoginForm)
    email, network = people.address(form["email"]), sign_in_limits.network()
    sign_in_limits.count_attempt(email)
    here = platform()
    with here.database.transaction() as session:
        person = people.by_email(session, email)
        account_id = person.account_id if person else None
        stored = person.password_hash if person else None
        disabled = person is not None and person.disabled_at is not None
        # Looked up for nobody too: one question less would be seen in the time.
        origin = here.signer.origin(account_id or NOBODY, network)
        familiar = sign_ins.familiar(session, account_id or NOBODY, origin)
    sign_in_limits.slow_down(email, familiar=familiar)
    with aside():
        right = here.hasher.verify(stored, form["password"])
    if not right or disabled or account_id is None or stored is None:
        raise Unauthenticated(WRONG)
    with here.database.transaction() as session:
        opened = sign_ins.begin(session, account_id, stored, origin)
    if opened is None:
        raise Unauthenticated(WRONG)
    if here.hasher.outdated(stored):
        with aside():
            anew = here.hasher.hash(passwords.normal(form["password"]))
        with here.database.transaction() as session:
            people.rehash(session, account_id, stored, anew)
    return _tokens(opened)


@sign_in.route(
    "POST",
    "/v1/auth/refresh",
    body=Body(
        description="The refresh token of the last answer.",
        content={"application/json": RefreshForm},
        example={"refresh_token": "npr_…"},
    ),
    replies={200: json_reply("The next pair; the token that was sent is spent.", Tokens)},
    problems=[400, 401, 413, 415, 422],
)
def refresh() -> Response:
    """Stay signed in

    A spent refresh token that comes again ends its sign-in, for it is in two hands. Only within ten
    seconds of its first use it gets the same answer once more: answers are lost.
    """
    form = form_body(RefreshForm)
    here = platform()
    with here.database.transaction() as session:
        opened = sign_ins.refresh(session, here.signer, form["refresh_token"])
    # After the commit: a token that was used twice has ended its sign-in.
    if opened is None:
        raise Unauthenticated(SPENT)
    return _tokens(opened)


@sign_in.route(
    "POST",
    "/v1/auth/logout",
    body=Body(
        description="The refresh token, where no access token is sent.",
        content={"application/json": LogoutForm},
        required=False,
    ),
    replies={204: Reply(description="The sign-in has ended, or there was none.")},
    problems=[400, 401, 413, 415, 422],
)
def logout() -> Response:
    """Sign out

    With the access token in `Authorization`, or the refresh token in the body. Its tokens are
    refused within seconds everywhere.
    """
    form: dict[str, Any] = {}
    if request.content_length or request.is_json:
        form = form_body(LogoutForm)
    here = platform()
    if (token := form.get("refresh_token")) is not None:
        with here.database.transaction() as session:
            sign_ins.end_by_token(session, token)
        return Response(status=204)
    claims = here.signer.read(bearer(request.headers.get("Authorization")))
    with here.database.transaction() as session:
        sign_ins.end(session, claims.sign_in_id)
    return Response(status=204)


def _tokens(opened: Opened) -> Response:
    access = platform().signer.access_token(opened.account_id, opened.sign_in_id)
    return json_answer(
        {
            "access_token": access,
            "refresh_token": opened.refresh_token,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
        }
    )
