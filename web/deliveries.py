"""/v1/webhooks/{id}/deliveries: what an endpoint was told, how it answered, and once more."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from kernel import codec
from kernel.ids import new_id
from services import webhooks
from services.webhooks import deliveries as service
from services.webhooks import endpoints
from web.answers import json_answer
from web.context import caller, platform
from web.forms import Answer
from web.idempotency import IDEMPOTENCY_KEY, given_key
from web.paging import PageQuery, decode, page
from web.resource import Resource, json_reply
from web.schemas import anything, identity, text, when

deliveries = Resource("deliveries", "What webhook endpoints were told, and how they answered.")


class DeliveriesQuery(PageQuery):
    state = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(service.STATES),
        metadata={"description": "Only deliveries in this state."},
    )


class Attempt(Answer):
    """One call of the endpoint."""

    number = ma.fields.Integer(required=True)
    at = when("When it began")
    seconds = ma.fields.Float(required=True)
    status = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null where no answer came."}
    )
    error = text("Why no answer came.", null=True)
    excerpt = text("The beginning of the answer.")


class Delivery(Answer):
    id = identity("The delivery, and its `webhook-id`.")
    endpoint_id = identity("The endpoint.")
    type = text("The event's type.")
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(service.STATES))
    attempts = ma.fields.Integer(required=True)
    created_at = when("When the event was")
    ended_at = when("When it was delivered or given up", null=True)
    next_attempt_at = when("When it is tried (again)", null=True)
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class DeliveryLogged(Delivery):
    payload = anything("What is sent: `type`, `timestamp`, `data`.")
    log = ma.fields.List(ma.fields.Nested(Attempt), required=True)


class DeliveryPage(Answer):
    items = ma.fields.List(ma.fields.Nested(Delivery), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@deliveries.route(
    "GET",
    "/v1/webhooks/<uuid:endpoint_id>/deliveries",
    query=DeliveriesQuery,
    replies={200: json_reply("Deliveries, newest first.", DeliveryPage)},
    problems=[404, 422],
)
def list_deliveries(query: dict[str, Any], endpoint_id: uuid.UUID) -> Response:
    """List an endpoint's deliveries"""
    owner = caller().account_id
    with platform().database.transaction() as session:
        endpoints.find(session, owner, endpoint_id)
        found = service.listing(
            session,
            owner,
            endpoint_id,
            state=query["state"],
            before=decode(query["cursor"]),
            limit=query["limit"] + 1,
        )
    return json_answer(page(found, query["limit"], _document, lambda delivery: delivery.id))


@deliveries.route(
    "GET",
    "/v1/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>",
    replies={200: json_reply("The delivery, with its attempts.", DeliveryLogged)},
    problems=[404],
)
def show_delivery(endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    """Show a delivery"""
    with platform().database.transaction() as session:
        found = service.find(session, caller().account_id, endpoint_id, delivery_id)
    return json_answer(_logged(found))


@deliveries.route(
    "POST",
    "/v1/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/redeliver",
    replies={202: json_reply("It is delivered again.", DeliveryLogged)},
    problems=[404, 409],
)
def redeliver(endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    """Deliver once more

    The same body under the same `webhook-id`. What is still being tried is a conflict.
    """
    with platform().database.transaction() as session:
        again = service.redeliver(session, caller().account_id, endpoint_id, delivery_id)
    return json_answer(_logged(again), 202)


@deliveries.route(
    "POST",
    "/v1/webhooks/<uuid:endpoint_id>/ping",
    headers=[IDEMPOTENCY_KEY],
    replies={202: json_reply("A `webhook.ping` is on its way.", DeliveryLogged)},
    problems=[400, 404, 409],
)
def ping_webhook(endpoint_id: uuid.UUID) -> Response:
    """Send a test event

    Its delivery, at `links.self`, tells how the endpoint answers.
    """
    key = given_key() or str(new_id())
    with platform().database.transaction() as session:
        sent = webhooks.ping(session, caller().account_id, endpoint_id, key)
    return json_answer(_logged(sent), 202)


def _document(delivery: service.Delivery) -> dict[str, Any]:
    endpoint = f"/v1/webhooks/{delivery.endpoint_id}"
    return {
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "type": delivery.type,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
        "next_attempt_at": delivery.next_at,
        "links": {
            "self": f"{endpoint}/deliveries/{delivery.id}",
            "endpoint": endpoint,
            "job": f"/v1/jobs/{delivery.job_id}",
        },
    }


def _logged(delivery: service.Delivery) -> dict[str, Any]:
    return _document(delivery) | {"payload": codec.loads(delivery.body), "log": delivery.log}
