"""/livez and /readyz: whether this process lives, and whether it should be sent requests."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.errors import Unavailable
from migrations import run as migrations
from services.catalogue.models import CatalogueVersion
from services.jobs import queues
from services.kinds import KINDS
from services.upkeep.pulse import Pulse, pulse
from web.answers import json_answer
from web.context import Platform, platform
from web.forms import Answer
from web.resource import Resource, json_reply

health = Resource("health", "Liveness and readiness.")

#: Seconds without a sign of life after which a process, or a queue's workers, count as degraded.
#: Processes beat every few seconds. A canary flies to each queue every half minute: six in a row
#: did not come back, so that neither a restart nor a burst of work counts as silence.
PROCESS_SILENT = 15.0
CANARY_SILENT = 180.0
#: Due jobs counted of a queue, and of each lane behind that: anybody may ask, often.
COUNTED = 100
#: Without a worker for one of these the platform is degraded.
QUEUES = frozenset(kind.queue for kind in KINDS)


class Live(Answer):
    status = ma.fields.String(required=True)


class Ready(Answer):
    status = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["ok", "degraded", "unavailable"])
    )
    checks = ma.fields.Dict(
        required=True,
        metadata={
            "description": (
                "By part: `status`, `age_seconds` of its last sign of life, and of queues `slots`, "
                "`depth`, `oldest_seconds`, `paused`."
            )
        },
    )


@health.route("GET", "/livez", replies={200: json_reply("It lives.", Live)})
def livez() -> Response:
    """Is this process alive?

    It asks nobody else: a restart mends no other process.
    """
    return json_answer({"status": "ok"})


@health.route(
    "GET",
    "/readyz",
    replies={
        200: json_reply("Requests are served; `degraded` names what stands still.", Ready),
        503: json_reply("Database, schema or catalogue is not there.", Ready, "Retry-After"),
    },
)
def readyz() -> Response:
    """Is the platform ready?

    Only the database, its schema and the catalogue decide. Without broker, dispatcher, beat or
    workers requests are still accepted, and wait.
    """
    checks = _stores(platform())
    gates = [checks[name]["status"] for name in ("database", "schema", "catalogue")]
    if any(status != "ok" for status in gates):
        return json_answer({"status": "unavailable", "checks": checks}, 503, {"Retry-After": "2"})
    degraded = any(check["status"] != "ok" for check in checks.values())
    return json_answer({"status": "degraded" if degraded else "ok", "checks": checks})


def _stores(here: Platform) -> dict[str, dict[str, Any]]:
    checks: dict[str, dict[str, Any]] = {}
    answered = here.redis.call(lambda redis: redis.ping())
    checks["broker"] = {"status": "ok" if answered else "degraded"}
    try:
        with here.database.transaction() as session:
            checks["database"] = {"status": "ok"}
            checks["schema"] = _schema(session)
            if checks["schema"]["status"] == "ok":
                checks["catalogue"] = _catalogue(session)
                checks |= _signs(pulse(session))
                silence = timedelta(seconds=here.settings.silence_seconds)
                for queue in queues.standing(session, silence, most=COUNTED):
                    if queue.name in QUEUES:
                        check = checks.setdefault(f"queue:{queue.name}", {"status": "ok"})
                        _add_standing(check, queue)
    except Unavailable:
        checks["database"] = {"status": "unavailable"}
    for gate in ("schema", "catalogue"):
        checks.setdefault(gate, {"status": "unknown"})
    return checks


@cache
def _revisions() -> tuple[str, frozenset[str]]:
    """The newest revision that this release knows, and all of them."""
    return migrations.head(), migrations.revisions()


def _schema(session: Session) -> dict[str, Any]:
    found = migrations.current(session.connection())
    # One that this release does not know is newer: old code runs on the new schema.
    head, known = _revisions()
    fits = found == head or (found != "" and found not in known)
    return {"status": "ok" if fits else "unavailable", "revision": found, "expected": head}


def _catalogue(session: Session) -> dict[str, Any]:
    newest = select(CatalogueVersion.version).order_by(CatalogueVersion.id.desc()).limit(1)
    version = session.scalar(newest)
    return {"status": "ok" if version else "unavailable", "version": version}


def _signs(signs: Pulse) -> dict[str, dict[str, Any]]:
    checks = {role: _sign(age, PROCESS_SILENT) for role, age in signs.roles.items()}
    for queue, age in signs.queues.items():
        checks[f"queue:{queue}"] = _sign(age, CANARY_SILENT)
    return checks


def _add_standing(check: dict[str, Any], queue: queues.Queue) -> None:
    """What a queue's canary cannot tell within seconds: whether anybody serves it at all."""
    check["slots"] = queue.slots
    check["depth"] = f"{queue.depth}+" if queue.at_least else queue.depth
    oldest = queue.oldest_seconds
    check["oldest_seconds"] = None if oldest is None else round(oldest, 1)
    if queue.paused:
        check["paused"] = True
    if not queue.slots:
        check["status"] = "degraded"


def _sign(age: float | None, silent: float) -> dict[str, Any]:
    lives = age is not None and age <= silent
    return {
        "status": "ok" if lives else "degraded",
        "age_seconds": None if age is None else round(age, 1),
    }
