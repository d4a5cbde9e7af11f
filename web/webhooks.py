"""/v1/webhooks: where an account is called when something of its own has ended."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.jobs import idempotency
from services.webhooks import endpoints
from services.webhooks.events import PATTERNS
from web.answers import json_answer, tagged_answer
from web.bodies import json_body
from web.context import caller, platform
from web.forms import Answer, Form, Truth, loaded
from web.idempotency import IDEMPOTENCY_KEY, digest_of, given_key
from web.paging import PageQuery, decode, page
from web.resource import Body, Header, Reply, Resource, json_reply
from web.schemas import identity, text, when
from web.shapes import CALLABLE, CALLABLE_LENGTH

webhooks = Resource("webhooks", "Be called when something has ended (Standard Webhooks 1.0).")

#: Characters of an endpoint's description.
DESCRIPTION = 200


class EndpointChange(Form):
    """What of an endpoint can be set; what is left out stays."""

    url = ma.fields.String(
        validate=ma.validate.Length(max=CALLABLE_LENGTH),
        metadata={
            "description": "http(s), a host of the public internet, port 80, 443 or above 1023.",
            "pattern": CALLABLE,
        },
    )
    events = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(PATTERNS)),
        validate=ma.validate.Length(max=len(PATTERNS)),
        metadata={
            "description": "Event types it listens to. None of them: called only for jobs that "
            "name its URL as `callback_url`."
        },
    )
    description = ma.fields.String(
        validate=[ma.validate.Length(max=DESCRIPTION), ma.validate.Regexp(r"^[^\x00]*\Z")],
        metadata={"description": "Your own words.", "pattern": "^[^\\u0000]*$"},
    )
    enabled = Truth(metadata={"description": "To enable it forgives its failures."})


class EndpointForm(EndpointChange):
    """A new endpoint: to everything, where no events are named."""

    class Meta(Form.Meta):
        exclude = ("enabled",)

    url = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=CALLABLE_LENGTH),
        metadata=EndpointChange._declared_fields["url"].metadata,
    )


class Endpoint(Answer):
    id = identity("The endpoint.")
    url = text("Where it is called.")
    events = ma.fields.List(ma.fields.String(), required=True)
    description = text("Your own words.")
    enabled = ma.fields.Boolean(required=True)
    disabled_reason = text("`asked`, `gone` (it answered 410) or `failing` for 5 days.", null=True)
    failing_since = when("Of the attempts since then none has succeeded", null=True)
    previous_until = when("Until then the secret before this one signs too", null=True)
    created_at = when("When it was made")
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class EndpointMade(Endpoint):
    secret = text("`whsec_…`: what verifies its messages. Also at `links.secret`.")


class EndpointPage(Answer):
    items = ma.fields.List(ma.fields.Nested(Endpoint), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class Secret(Answer):
    secret = text("`whsec_…`: what verifies the endpoint's messages.")
    previous_until = when("Until then the secret before this one signs too", null=True)


@webhooks.route(
    "POST",
    "/v1/webhooks",
    body=Body(
        description="Where to call; only `url` is required.",
        content={"application/json": EndpointForm},
        example={"url": "https://example.com/nutrition", "events": ["batch.*"]},
    ),
    headers=[IDEMPOTENCY_KEY],
    replies={201: json_reply("It is made.", EndpointMade)},
    problems=[400, 409, 413, 415, 422],
)
def create_webhook() -> Response:
    """Make a webhook endpoint"""
    value, body = json_body()
    form = loaded(EndpointForm, value)
    me, headers = caller(), {}
    with platform().database.transaction() as session:
        attempt = earlier = None
        if (key := given_key()) is not None:
            attempt = idempotency.Attempt(
                owner=me.account_id, actor=me.actor, key=key, digest=digest_of(body)
            )
            earlier = idempotency.earlier_answer(session, attempt)
        if earlier is not None:
            # The secret lies in one place: an answer is made anew, and not kept.
            made = endpoints.find(session, me.account_id, uuid.UUID(earlier["endpoint_id"]))
            headers["Idempotency-Replayed"] = "true"
        else:
            made = endpoints.create(session, me.account_id, **form, loopback=_loopback())
            if attempt is not None:
                idempotency.remember(session, attempt, {"endpoint_id": str(made.id)})
        secret = endpoints.secret_of(session, me.account_id, made.id).secret
    headers["Location"] = f"/v1/webhooks/{made.id}"
    return json_answer(_document(made) | {"secret": secret}, 201, headers)


@webhooks.route(
    "GET",
    "/v1/webhooks",
    query=PageQuery,
    replies={200: json_reply("Endpoints, newest first.", EndpointPage)},
    problems=[422],
)
def list_webhooks(query: dict[str, Any]) -> Response:
    """List webhook endpoints"""
    before, limit = decode(query["cursor"]), query["limit"]
    with platform().database.transaction() as session:
        found = endpoints.listing(session, caller().account_id, before=before, limit=limit + 1)
    return json_answer(page(found, limit, _document, lambda endpoint: endpoint.id))


@webhooks.route(
    "GET",
    "/v1/webhooks/<uuid:endpoint_id>",
    headers=[
        Header(name="If-None-Match", description="An `ETag` of before.", example='"33a64df5"')
    ],
    replies={
        200: json_reply("The endpoint.", Endpoint, "ETag"),
        304: json_reply("Unchanged since the ETag that was sent.", Endpoint, "ETag"),
    },
    problems=[404],
)
def show_webhook(endpoint_id: uuid.UUID) -> Response:
    """Show a webhook endpoint"""
    with platform().database.transaction() as session:
        found = endpoints.find(session, caller().account_id, endpoint_id)
    return tagged_answer(_document(found))


@webhooks.route(
    "PATCH",
    "/v1/webhooks/<uuid:endpoint_id>",
    body=Body(
        description="What is to change.",
        content={"application/json": EndpointChange},
        example={"enabled": True},
    ),
    replies={200: json_reply("The endpoint, as it is now.", Endpoint)},
    problems=[400, 404, 409, 413, 415, 422],
)
def change_webhook(endpoint_id: uuid.UUID) -> Response:
    """Change a webhook endpoint"""
    value, _ = json_body()
    form = loaded(EndpointChange, value)
    owner, loopback = caller().account_id, _loopback()
    with platform().database.transaction() as session:
        changed = endpoints.change(session, owner, endpoint_id, form, loopback=loopback)
    return json_answer(_document(changed))


@webhooks.route(
    "DELETE",
    "/v1/webhooks/<uuid:endpoint_id>",
    replies={204: Reply(description="It and its deliveries are deleted.")},
    problems=[404],
)
def delete_webhook(endpoint_id: uuid.UUID) -> Response:
    """Delete a webhook endpoint

    What waits to be delivered to it is not delivered.
    """
    with platform().database.transaction() as session:
        endpoints.remove(session, caller().account_id, endpoint_id)
    return Response(status=204)


@webhooks.route(
    "GET",
    "/v1/webhooks/<uuid:endpoint_id>/secret",
    replies={200: json_reply("Its secret.", Secret)},
    problems=[404],
)
def show_webhook_secret(endpoint_id: uuid.UUID) -> Response:
    """Show the secret of a webhook endpoint"""
    with platform().database.transaction() as session:
        return json_answer(endpoints.secret_of(session, caller().account_id, endpoint_id))


@webhooks.route(
    "POST",
    "/v1/webhooks/<uuid:endpoint_id>/rotate",
    replies={200: json_reply("Its new secret.", Secret)},
    problems=[404],
)
def rotate_webhook_secret(endpoint_id: uuid.UUID) -> Response:
    """Replace the secret of a webhook endpoint

    For 24 hours both sign, and a receiver that knows either accepts.
    """
    with platform().database.transaction() as session:
        return json_answer(endpoints.rotate(session, caller().account_id, endpoint_id))


def _loopback() -> bool:
    return platform().settings.outbound_loopback


def _document(endpoint: endpoints.Endpoint) -> dict[str, Any]:
    here = f"/v1/webhooks/{endpoint.id}"
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events,
        "description": endpoint.description,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "previous_until": endpoint.previous_until,
        "created_at": endpoint.created_at,
        "links": {
            "self": here,
            "secret": f"{here}/secret",
            "deliveries": f"{here}/deliveries",
        },
    }
