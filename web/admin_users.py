"""/v1/admin/users: who may sign in."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.accounts import people
from services.accounts.models import Person
from services.accounts.scopes import ROLES
from web.answers import json_answer
from web.context import caller, platform
from web.forms import Answer
from web.paging import PageQuery, decode, page
from web.resource import Resource, json_reply
from web.schemas import identity, text, when
from web.sign_in import email_field

admin_users = Resource("admin-users", "Who may sign in (administrators).")


class UsersQuery(PageQuery):
    email = email_field(required=False)


class User(Answer):
    id = identity("The person's account.")
    email = text("The address to sign in with.")
    name = text("What the person is called.")
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    created_at = when("When the person registered")
    disabled_at = when("Since when the person is kept out", null=True)


class UserPage(Answer):
    items = ma.fields.List(ma.fields.Nested(User), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@admin_users.route(
    "GET",
    "/v1/admin/users",
    query=UsersQuery,
    replies={200: json_reply("People, newest first.", UserPage)},
    problems=[422],
)
def list_users(query: dict[str, Any]) -> Response:
    """List people, or find the one with an address"""
    limit = query["limit"]
    with platform().database.transaction() as session:
        found = people.listing(
            session, email=query.get("email"), before=decode(query["cursor"]), limit=limit + 1
        )
        return json_answer(page(found, limit, _document, lambda person: person.account_id))


@admin_users.route(
    "POST",
    "/v1/admin/users/<uuid:user_id>/disable",
    replies={200: json_reply("The person is kept out.", User)},
    problems=[404],
)
def disable_user(user_id: uuid.UUID) -> Response:
    """Keep a person out

    Sign-ins end, and the account's API keys open nothing until the person is enabled again.
    """
    with platform().database.transaction() as session:
        return json_answer(_document(people.disable(session, user_id, caller().actor)))


@admin_users.route(
    "POST",
    "/v1/admin/users/<uuid:user_id>/enable",
    replies={200: json_reply("The person may sign in.", User)},
    problems=[404],
)
def enable_user(user_id: uuid.UUID) -> Response:
    """Let a person in again"""
    with platform().database.transaction() as session:
        return json_answer(_document(people.enable(session, user_id, caller().actor)))


def _document(person: Person) -> dict[str, Any]:
    return {
        "id": person.account_id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "created_at": person.created_at,
        "disabled_at": person.disabled_at,
    }
