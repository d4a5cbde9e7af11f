"""/v1/admin/queues and /v1/admin/rules: how everything stands, and what is to stand still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

import services.kinds  # noqa: F401  # rules and queues name kinds: all of them must be declared
from kernel.errors import Invalid, NotFound
from services.jobs import queues, rules
from services.jobs.rules import Target
from web.admin_forms import Queues, RuleForm, RuleInForce, RuleList
from web.answers import json_answer
from web.bodies import form_body
from web.context import caller, platform
from web.resource import Body, Reply, Resource, json_reply

admin_queues = Resource("admin_queues", "Operators: queues, and the rules that hold for them.")

_RULE = "/v1/admin/rules/<scope>/<name>"


@admin_queues.route(
    "GET",
    "/v1/admin/queues",
    replies={200: json_reply("How every queue, kind, owner and process stands.", Queues)},
)
def show_queues() -> Response:
    """How do the queues stand?"""
    silence = timedelta(seconds=platform().settings.silence_seconds)
    with platform().database.transaction() as session:
        seen = queues.snapshot(session, silence)
    return json_answer(seen)


@admin_queues.route(
    "GET",
    "/v1/admin/rules",
    replies={200: json_reply("Rules of queues, then kinds, then owners.", RuleList)},
)
def list_rules() -> Response:
    """List rules"""
    with platform().database.transaction() as session:
        found = rules.listing(session)
    return json_answer({"items": found})


@admin_queues.route(
    "GET",
    _RULE,
    replies={200: json_reply("What holds for it, and what of it is in flight.", RuleInForce)},
    problems=[404],
)
def show_rule(scope: str, name: str) -> Response:
    """What holds for a queue, a kind or an owner?

    scope is `queue`, `kind` or `owner`; an owner's name is the account's id.
    """
    target = _target(scope, name)
    with platform().database.transaction() as session:
        document = _document(session, target)
    return json_answer(document)


@admin_queues.route(
    "PUT",
    _RULE,
    body=Body(
        description="All that shall hold.",
        content={"application/json": RuleForm},
        example={"paused": False, "concurrency": 4},
    ),
    replies={200: json_reply("This holds now.", RuleInForce)},
    problems=[400, 404, 413, 415, 422],
)
def put_rule(scope: str, name: str) -> Response:
    """Pause, resume or limit a queue, a kind or an owner

    It holds from the dispatcher's next turn on. What runs already runs on.
    """
    target = _target(scope, name)
    wanted = form_body(RuleForm)
    with platform().database.transaction() as session:
        rules.put(session, target, caller().actor, **wanted)
        document = _document(session, target)
    return json_answer(document)


@admin_queues.route(
    "DELETE",
    _RULE,
    replies={204: Reply(description="No rule holds for it any more.")},
    problems=[404],
)
def clear_rule(scope: str, name: str) -> Response:
    """Have no rule hold for a queue, a kind or an owner"""
    target = _target(scope, name)
    with platform().database.transaction() as session:
        rules.clear(session, target, caller().actor)
    return Response(status=204)


@admin_queues.route(
    "POST",
    f"{_RULE}/drain",
    replies={
        200: json_reply("It is paused, and nothing of it is in flight.", RuleInForce),
        202: json_reply("It is paused; `in_flight` still runs.", RuleInForce, "Retry-After"),
    },
    problems=[404],
)
def drain(scope: str, name: str) -> Response:
    """Drain a queue, a kind or an owner

    Pauses it, and takes back what was sent to workers and not begun. What runs, runs on: ask again
    until the answer is 200.
    """
    target = _target(scope, name)
    with platform().database.transaction() as session:
        rules.drain(session, target, caller().actor)
    with platform().database.transaction() as session:
        left = rules.take_back(session, target)
        document = _document(session, target)
    return json_answer(document, 202, {"Retry-After": "1"}) if left else json_answer(document)


def _target(scope: str, name: str) -> Target:
    """What the address names. Raises NotFound, naming what may have been meant."""
    try:
        return Target(scope, name)
    except Invalid as error:
        raise NotFound(str(error)) from None


def _document(session: Session, target: Target) -> dict[str, Any]:
    rule = rules.find(session, target)
    plain: dict[str, Any] = {
        "scope": target.scope,
        "name": target.name,
        "paused": False,
        "concurrency": None,
        "per_second": None,
        "changed_at": None,
        "changed_by": None,
    }
    if rule is not None:
        plain = {name: getattr(rule, name) for name in plain}
    return plain | {"in_flight": rules.in_flight(session, target)}
