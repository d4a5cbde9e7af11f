"""A running platform, watched: one id through all of it, every family in Flower, no secret."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.accounts import secrets
from services.kinds import KINDS
from services.upkeep.jobs import CANARIES
from tests.processes import eventually
from tests.watching.conftest import Watched
from tests.webhooks.sink import Sink, status

RECIPE = {"ingredients": ["100 g wheat flour"]}
EMAIL, PASSWORD, NAME = "ada@watched.example", "pans, pots and 7 lids", "Ada Lovelace-Watched"


@pytest.fixture
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.close()


def logged(folder: Path, word: str) -> dict[str, list[dict[str, Any]]]:
    """By program, the lines of its log that have *word* in them."""
    found = {}
    for file in folder.glob("*.log"):
        lines = [line for line in file.read_text().splitlines() if word in line]
        if lines:
            found[file.stem] = [json.loads(line) for line in lines]
    return found


def test_one_request_id_is_found_again_wherever_the_request_led(
    watched: Watched, sink: Sink, folder: Path
) -> None:
    stage, request = watched.stage, f"watched-{uuid.uuid4()}"
    sink.answers.append(status(500))
    with stage.http() as http:
        hook = {"url": sink.url, "events": ["analysis.succeeded"]}
        endpoint = http.post("/v1/webhooks", json=hook).json()
        answer = http.post("/v1/analyses", json=RECIPE, headers={"X-Request-Id": request})
        # The first attempt fails; the second comes seconds later, by its schedule.
        eventually("the second attempt arrived", lambda: len(sink.received) == 2)
        eventually("its job ended", lambda: stage.live() == 0)
        http.delete(f"/v1/webhooks/{endpoint['id']}")

    assert answer.status_code == 202
    assert answer.headers["x-request-id"] == request
    assert {one.headers["X-Request-Id"] for one in sink.received} == {request}
    jobs = stage.rows(
        "SELECT kind, attempts FROM jobs_archive WHERE correlation_id = :id", id=request
    )
    assert {(job.kind, job.attempts) for job in jobs} == {
        ("analyses.analyze", 1),
        ("webhooks.deliver", 2),
    }
    scraped = httpx2.get(watched.metrics, timeout=30).text
    for outcome in ("again", "delivered"):
        assert f'nutrition_deliveries_total{{channel="webhook",outcome="{outcome}"}}' in scraped
    lines = logged(folder, request)
    assert [line["route"] for line in lines["web"]] == ["/v1/analyses"]
    assert [line["event"] for line in lines["dispatcher"]] == ["published"] * 3
    assert lines["worker-interactive"][0]["job_id"] == answer.json()["id"]
    attempts = [line for line in lines["worker-notifications"] if line["event"] == "attempt_ended"]
    assert [line["claim"] for line in attempts] == [1, 2]
    for line in [*lines["worker-interactive"], *attempts]:
        assert line["owner_id"] == str(stage.account)
        assert line["kind"] in {"analyses.analyze", "webhooks.deliver"}


def person(watched: Watched) -> dict[str, str]:
    """Somebody who has registered and signed in: their tokens."""
    form = {"email": EMAIL, "password": PASSWORD}
    httpx2.post(f"{watched.stage.platform.url}/v1/auth/register", json=form | {"name": NAME})
    answer = httpx2.post(f"{watched.stage.platform.url}/v1/auth/login", json=form, timeout=30)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def test_flower_shows_every_family_by_job_id_and_kind_and_nothing_personal(
    watched: Watched,
) -> None:
    stage = watched.stage
    mine = {"Authorization": f"Bearer {person(watched)['access_token']}"}
    event = {"id": str(uuid.uuid4()), "name": "opened", "time": "2026-11-24T12:00:00Z"}
    event["time"] = stage.scalar("SELECT now()").isoformat()
    broadcast = {
        "topic": "announcement",
        "title": f"Dear {NAME}",
        "body": f"Your address is {EMAIL}.",
        "audience": "everyone",
        "channels": ["inbox"],
    }
    with stage.http() as http:
        asked = {
            "analytics.ingest": http.post("/v1/events", json={"events": [event]}),
            "backups.create": http.post("/v1/admin/backups"),
            "warming.warm": http.post("/v1/admin/cache/warm"),
            "notifications.fan-out": http.post("/v1/admin/broadcasts", json=broadcast),
            "privacy.export": http.post("/v1/me/export", headers=mine),
            "batches.conclude": http.post(
                "/v1/batches",
                content=json.dumps(RECIPE | {"title": NAME}),
                headers={"Content-Type": "application/x-ndjson"},
            ),
        }
    assert {kind: reply.status_code for kind, reply in asked.items()} == dict.fromkeys(asked, 202)
    families = {*asked, *(kind.name for kind in CANARIES)}

    def seen() -> set[str]:
        return {task["name"].removesuffix(".group") for task in watched.tasks().values()}

    eventually("Flower has seen a job of each family", lambda: families <= seen())
    names = {kind.name for kind in KINDS} | {f"{kind.name}.group" for kind in KINDS}
    for task_id, task in watched.tasks().items():
        assert re.fullmatch(r"[0-9a-f-]{36}\.\d+", task_id)
        assert task["name"] in names or task["name"].startswith("faults.")
        assert re.fullmatch(
            r"\(job [0-9a-f-]{36}, claim \d+(, owner [0-9a-f-]{36})?\)|\(\d+ jobs of [\w.-]+\)",
            task["args"],
        )
    told = json.dumps(watched.tasks()).lower()
    for personal in (EMAIL, NAME, NAME.split()[0] + " ", PASSWORD):
        assert personal.lower() not in told


def test_flower_asks_who_is_there(watched: Watched) -> None:
    for credentials in (None, ("watcher", "wrong")):
        assert httpx2.get(f"{watched.flower}/api/tasks", auth=credentials).status_code == 401


def test_what_is_scraped_has_the_labels_of_closed_sets(watched: Watched) -> None:
    hostile = "/v1/" + "x" * 200
    with watched.stage.http() as http:
        for number in range(5):
            http.get(f"{hostile}{number}")
            http.get(f"/v1/jobs/{uuid.uuid4()}")
            http.request("BREW", "/v1/jobs")
    scraped = httpx2.get(watched.metrics, timeout=30).text
    samples = [
        sample
        for family in text_string_to_metric_families(scraped)
        for sample in family.samples
        if sample.name == "nutrition_http_request_seconds_count"
    ]

    assert hostile not in scraped
    counted = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for sample in samples
    }
    assert counted["GET", "other", "4xx"] >= 5
    assert counted["GET", "/v1/jobs/<uuid:job_id>", "4xx"] >= 5
    assert counted["other", "other", "4xx"] >= 5
    assert not re.search(r'="[^"]*[0-9a-f]{8}-[0-9a-f]{4}-[^"]*"', scraped)


def test_no_secret_is_found_in_any_output(watched: Watched, sink: Sink, folder: Path) -> None:
    stage = watched.stage
    tokens = person(watched)
    wrong_key, wrong_token = secrets.new_secret(), tokens["access_token"][:-6] + "AAAAAA"
    answers: list[httpx2.Response] = []
    with stage.http() as http, httpx2.Client(base_url=stage.platform.url, timeout=30) as stranger:
        endpoint = http.post("/v1/webhooks", json={"url": sink.url, "events": ["*"]}).json()
        job = http.post("/v1/analyses", json=RECIPE).json()["id"]
        path = f"/v1/jobs/{job}/events"
        ticket = http.post("/v1/stream-tickets", json={"path": path}).json()["ticket"]
        eventually("the webhook came", lambda: bool(sink.received))
        answers += [
            stranger.get(path, params={"ticket": ticket}),
            stranger.get(path, params={"ticket": ticket}),  # used
            stranger.get("/v1/me", headers={"Authorization": f"Bearer {wrong_key}"}),
            stranger.get("/v1/me", headers={"Authorization": f"Bearer {wrong_token}"}),
            stranger.get("/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}),
            stranger.get(f"/v1/{stage.key}"),
            stranger.post("/v1/auth/login", json={"email": EMAIL, "password": f"{PASSWORD}!!"}),
            stranger.post("/v1/auth/login", json={"email": EMAIL, "passwort": PASSWORD}),
            stranger.post("/v1/auth/login", content=f'{{"password": "{PASSWORD}'),
            stranger.post(
                "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"] + "A"}
            ),
            stranger.post(f"/v1/webhooks?secret={endpoint['secret']}", json={}),
        ]
        stage.rows("SELECT 1")
        _break_connections(watched)
        answers += [http.post("/v1/analyses", json=RECIPE) for _ in range(3)]
        http.delete(f"/v1/webhooks/{endpoint['id']}")
    planted = {
        *watched.secrets,
        *(wrong_key, wrong_token, PASSWORD, ticket, endpoint["secret"]),
        *(tokens["access_token"], tokens["refresh_token"], tokens["access_token"].split(".")[1]),
    } - {""}
    outputs = {f"log of {file.stem}": file.read_text() for file in folder.glob("*")}
    outputs["metrics"] = httpx2.get(watched.metrics, timeout=30).text
    outputs["Flower"] = json.dumps(watched.tasks())
    outputs["ps"] = "\n".join(_arguments(watched))
    outputs["answers"] = "\n".join(
        f"{answer.headers} {answer.text}" for answer in answers if answer.status_code >= 400
    )
    for table in ("jobs", "jobs_archive", "job_events"):
        rows = stage.rows(f"SELECT to_jsonb(t)::text AS row FROM {table} AS t")
        outputs[table] = "\n".join(row.row for row in rows)

    assert all(outputs[name] for name in ("log of web", "metrics", "ps", "answers"))
    found = [
        (name, secret)
        for name, output in outputs.items()
        for secret in planted
        # An answer names the path that it was asked for, and whoever asked knows it.
        if secret in output and not (name == "answers" and secret == stage.key)
    ]
    assert not found


def _break_connections(watched: Watched) -> None:
    """Have the platform's connections to PostgreSQL end under it, as a restart would."""
    from sqlalchemy import create_engine, make_url, text

    url = make_url(watched.stage.engines.env["DATABASE_ADMIN_URL"])
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(
            text("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name LIKE 'nutrition-%'
            """)
        )
    engine.dispose()


def _arguments(watched: Watched) -> Iterator[str]:
    main = psutil.Process(watched.stage.platform.pid("web")).parent()
    assert main is not None
    for process in [main, *main.children(recursive=True)]:
        try:
            yield " ".join(process.cmdline())
        except psutil.NoSuchProcess:
            continue
