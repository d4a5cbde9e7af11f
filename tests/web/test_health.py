"""Health: the database, its schema and the catalogue gate traffic; the rest is reported."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from kernel.database import Database
from kernel.settings import Settings
from services.jobs import rules
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.processes import Identity, beat
from services.upkeep.canary import Canary
from services.upkeep.jobs import CANARIES, BulkCanary
from tests.web.client import PANCAKES, Caller
from web.app import create_app
from web.health import QUEUES


def test_a_living_process_says_so_without_asking_anybody(settings: Settings) -> None:
    app = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))

    assert app.test_client().get("/livez").status_code == 200
    app.extensions["platform"].close()


def test_without_workers_the_platform_is_ready_and_degraded(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/readyz")

    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    checks = answer.json["checks"]
    assert {name for name, check in checks.items() if check["status"] == "ok"} == {
        "database",
        "schema",
        "catalogue",
        "broker",
    }
    assert checks["worker"] == {"status": "degraded", "age_seconds": None}


def test_with_signs_of_life_from_everybody_it_is_ok(
    anonymous: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        for role in ("dispatcher", "beat"):
            beat(session, Identity(role=role))
        beat(session, Identity(role="worker", queues=sorted(QUEUES), slots=2))
        now = session.scalars(text("SELECT now()")).one()
        for kind in CANARIES:
            session.add(Canary(queue=kind.queue, sent_at=now, home_at=now))

    answer = anonymous.get("/readyz")

    assert answer.json["status"] == "ok"
    check = answer.json["checks"]["queue:nutrition.interactive"]
    assert check["age_seconds"] < 60
    assert (check["slots"], check["depth"], check["oldest_seconds"]) == (2, 0, None)


def test_a_frozen_worker_is_seen_within_its_silence_though_its_canary_is_fresh(
    anonymous: FlaskClient, database: Database, owner_id: uuid.UUID
) -> None:
    me = Identity(role="worker", queues=["nutrition.bulk"], slots=2)
    with database.transaction() as session:
        beat(session, me)
        now = session.scalars(text("SELECT now()")).one()
        session.add(Canary(queue="nutrition.bulk", sent_at=now, home_at=now))
        order = Order(payload=BulkCanary(), owner=owner_id, actor="test")
        enqueue_many(session, [order])

    def check() -> dict[str, object]:
        return anonymous.get("/readyz").json["checks"]["queue:nutrition.bulk"]

    assert check()["status"] == "ok"
    with database.transaction() as session:
        session.execute(text("UPDATE processes SET beat_at = now() - interval '9 seconds'"))

    frozen = check()
    assert (frozen["status"], frozen["slots"], frozen["depth"]) == ("degraded", 0, 1)


def test_a_paused_queue_says_so(anonymous: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        rules.pause(session, rules.Target("queue", "nutrition.bulk"), "test")

    assert anonymous.get("/readyz").json["checks"]["queue:nutrition.bulk"]["paused"] is True


def test_a_canary_that_stays_away_shows_its_queue(
    anonymous: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(
            text("INSERT INTO canaries VALUES ('nutrition.bulk', now(), now() - interval '1 h')")
        )

    check = anonymous.get("/readyz").json["checks"]["queue:nutrition.bulk"]

    assert check["status"] == "degraded"
    assert 3599 < check["age_seconds"] < 3700


def _revision(settings: Settings, revision: str) -> str:
    """Change what the database says of its schema; answers what it said."""
    engine = create_engine(
        make_url(settings.database_owner_url).set(drivername="postgresql+psycopg")
    )
    with engine.begin() as connection:
        before: str = connection.scalars(text("SELECT version_num FROM alembic_version")).one()
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()
    return before


def test_an_older_schema_gates_traffic_and_a_newer_one_does_not(
    anonymous: FlaskClient, settings: Settings
) -> None:
    head = _revision(settings, "0001")
    try:
        older = anonymous.get("/readyz")
        _revision(settings, "9999")
        newer = anonymous.get("/readyz")
    finally:
        _revision(settings, head)

    assert older.status_code == 503
    assert older.json["checks"]["schema"]["status"] == "unavailable"
    assert newer.status_code == 200


def test_without_the_database_requests_are_refused_at_once_and_may_be_tried_again(
    settings: Settings, new_key: Callable[..., str]
) -> None:
    app = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))
    caller = Caller(app.test_client(), new_key())

    ready = caller.get("/readyz")
    refused = caller.post("/v1/analyses", json=PANCAKES)
    app.extensions["platform"].close()

    assert (ready.status_code, refused.status_code) == (503, 503)
    assert ready.json["checks"]["database"]["status"] == "unavailable"
    assert refused.content_type == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0


def test_without_redis_requests_are_accepted_and_still_counted(
    settings: Settings, new_key: Callable[..., str]
) -> None:
    nowhere = replace(settings, redis_url="redis://127.0.0.1:1/0", rate_limit_key=2)
    app = create_app(nowhere)
    app.extensions["platform"].limiter._clock = lambda: 30.0
    caller = Caller(app.test_client(), new_key())

    answers = [caller.post("/v1/analyses", json=PANCAKES).status_code for _ in range(3)]
    ready = caller.get("/readyz")
    app.extensions["platform"].close()

    assert answers == [202, 202, 429]
    assert ready.status_code == 200
    assert ready.json["checks"]["broker"]["status"] == "degraded"
