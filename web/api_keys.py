"""/v1/api-keys: credentials for programs, which can do no more than whoever makes them."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.accounts import keys
from services.accounts.models import ApiKey
from services.accounts.scopes import ROLES, scopes_of
from web.answers import json_answer
from web.bodies import form_body
from web.context import caller, platform
from web.forms import Answer, Form, Whole
from web.paging import PageQuery, decode, page
from web.resource import Body, Reply, Resource, json_reply
from web.schemas import identity, text, when

api_keys = Resource("api-keys", "Credentials for programs.")


class ApiKeyForm(Form):
    name = ma.fields.String(
        required=True,
        validate=[
            ma.validate.Length(1, 100),
            ma.validate.Regexp(r"[!-~][ -~]*\Z", error="Printable ASCII, no space at its start."),
        ],
        metadata={"description": "What it is for.", "pattern": "^[!-~][ -~]*$"},
    )
    role = ma.fields.String(
        validate=ma.validate.OneOf(ROLES),
        metadata={"description": "The caller's own where it is left out; never above it."},
    )
    scopes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(scopes_of("admin"))),
        validate=ma.validate.Length(1, len(scopes_of("admin"))),
        metadata={"description": "All of the caller's own that the role may have, by default."},
    )
    expires_in_days = Whole(
        validate=ma.validate.Range(1, 3650),
        metadata={"description": "Never by default; and never after the key that makes it."},
    )


class ApiKeyDocument(Answer):
    id = identity("The key.")
    name = text("What it is for.")
    hint = text("Its first characters.")
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    scopes = ma.fields.List(ma.fields.String(), required=True)
    made_by = text("`key:{id}` or `person:{id}`; null where an operator made it.", null=True)
    created_at = when("When it was made")
    expires_at = when("When it stops working", null=True)
    last_used_at = when("When it was last used, to the minute", null=True)
    revoked_at = when("When it was revoked", null=True)


class ApiKeyMade(ApiKeyDocument):
    api_key = text("`npk_…`: told this once.")


class ApiKeyPage(Answer):
    items = ma.fields.List(ma.fields.Nested(ApiKeyDocument), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@api_keys.route(
    "GET",
    "/v1/api-keys",
    query=PageQuery,
    replies={200: json_reply("Keys, newest first, revoked ones included.", ApiKeyPage)},
    problems=[422],
)
def list_api_keys(query: dict[str, Any]) -> Response:
    """List the account's API keys"""
    before, limit = decode(query["cursor"]), query["limit"]
    with platform().database.transaction() as session:
        found = keys.listing(session, caller().account_id, before=before, limit=limit + 1)
        return json_answer(page(found, limit, _document, lambda key: key.id))


@api_keys.route(
    "POST",
    "/v1/api-keys",
    body=Body(
        description="What for, and what it may do; only `name` is required.",
        content={"application/json": ApiKeyForm},
        example={"name": "nightly import", "scopes": ["batches:read", "batches:write"]},
    ),
    replies={201: json_reply("It is made; its secret is told this once.", ApiKeyMade)},
    problems=[400, 409, 413, 415, 422],
)
def create_api_key() -> Response:
    """Make an API key

    It has no `Idempotency-Key`: its secret is kept nowhere, so no answer can be given again. A key
    whose answer was lost is in the list, and can be deleted.
    """
    form = form_body(ApiKeyForm)
    role, scopes, days = form.get("role"), form.get("scopes"), form.get("expires_in_days")
    with platform().database.transaction() as session:
        key, secret = keys.create_for(session, caller(), form["name"], role, scopes, days)
        return json_answer(_document(key) | {"api_key": secret}, 201)


@api_keys.route(
    "DELETE",
    "/v1/api-keys/<uuid:key_id>",
    replies={204: Reply(description="It opens nothing any more, within seconds.")},
    problems=[404],
)
def delete_api_key(key_id: uuid.UUID) -> Response:
    """Revoke an API key

    And those that were made with it. They stay in the list.
    """
    with platform().database.transaction() as session:
        keys.revoke(session, caller().account_id, key_id)
    return Response(status=204)


def _document(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "role": key.role,
        "scopes": key.scopes,
        "made_by": key.made_by,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
