"""Batches over HTTP: streamed in, followed by counts, streamed out, one result a recipe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from tests.web.client import Caller
from web.app import create_app

NDJSON = "application/x-ndjson"
RECIPES = [
    {"custom_id": "a", "ingredients": ["1 cup milk"]},
    {"custom_id": "b", "ingredients": []},
    {"custom_id": "c", "ingredients": ["2 large eggs"], "servings": 2},
]


def _lines(recipes: list[object]) -> bytes:
    return b"".join(json.dumps(recipe).encode() + b"\n" for recipe in recipes)


def _objects(settings: Settings) -> set[str]:
    folder = Path(unquote(urlsplit(settings.object_store_url).path)) / "batches"
    return (
        {path.name for path in folder.iterdir() if any(path.iterdir())}
        if folder.exists()
        else set()
    )


@pytest.fixture
def finish(work: Callable[[str], None]) -> Callable[[], None]:
    """Runs a batch of one chunk to its end."""

    def run() -> None:
        work("nutrition.bulk")
        work("maintenance")

    return run


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (_lines(RECIPES), NDJSON),
        (_lines(RECIPES), f"{NDJSON}; charset=utf-8"),
        (json.dumps(RECIPES).encode(), "application/json"),
        (json.dumps({"recipes": RECIPES}).encode(), "application/json"),
    ],
)
def test_a_batch_ends_with_one_result_a_recipe(
    caller: Caller, finish: Callable[[], None], body: bytes, content_type: str
) -> None:
    accepted = caller.post("/v1/batches", data=body, content_type=content_type)
    assert accepted.status_code == 202, accepted.text
    batch = accepted.json["id"]
    assert accepted.headers["Location"] == f"/v1/jobs/{batch}"
    assert accepted.json["links"]["result"] == f"/v1/batches/{batch}"

    finish()
    document = caller.get(f"/v1/batches/{batch}").json
    results = caller.get(document["links"]["results"])
    errors = caller.get(document["links"]["errors"])

    assert document["state"] == "succeeded"
    assert document["counts"] == {"total": 3, "succeeded": 2, "failed": 1, "remaining": 0}
    assert results.content_type == NDJSON
    told = [json.loads(line) for line in results.text.splitlines()]
    assert [(one["custom_id"], one["status"]) for one in told] == [
        ("a", "succeeded"),
        ("b", "failed"),
        ("c", "succeeded"),
    ]
    assert [json.loads(line)["custom_id"] for line in errors.text.splitlines()] == ["b"]


def test_metadata_of_a_batch_is_shown_on_it(caller: Caller) -> None:
    answer = caller.post("/v1/batches", json={"recipes": RECIPES, "metadata": {"week": "12"}})

    assert caller.get(f"/v1/batches/{answer.json['id']}").json["metadata"] == {"week": "12"}


def test_others_see_no_batch(caller: Caller, stranger: Caller) -> None:
    batch = caller.post("/v1/batches", json=RECIPES).json["id"]

    for path in ("", "/results", "/errors"):
        assert stranger.get(f"/v1/batches/{batch}{path}").status_code == 404
    assert stranger.delete(f"/v1/batches/{batch}").status_code == 404
    assert stranger.get("/v1/batches").json["items"] == []
    assert [one["id"] for one in caller.get("/v1/batches").json["items"]] == [batch]


def test_a_batch_is_cancelled_with_all_that_has_not_begun(caller: Caller) -> None:
    batch = caller.post("/v1/batches", json=RECIPES).json["id"]

    answer = caller.delete(f"/v1/batches/{batch}")

    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    assert caller.get(f"/v1/batches/{batch}").json["state"] == "cancelled"


def test_an_analysis_is_no_batch_to_cancel(caller: Caller) -> None:
    job = caller.submit()

    assert caller.delete(f"/v1/batches/{job}").status_code == 404
    assert caller.get(f"/v1/jobs/{job}").json["state"] == "queued"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (b"", 422, "no recipes"),
        (b"\n\n", 422, "no recipes"),
        (b'{"ingredients": ["1 egg"]}\n{', 400, "line 2"),
        (b'{"ingredients": ["1 egg"]}\n[]\n', 422, "line 2"),
        (b'{"ingredients": ["1 \0 egg"]}\n', 400, "line 1"),
        (b'{"title": "' + b"x" * (256 << 10) + b'"}\n', 413, "line 1"),
    ],
)
def test_an_upload_that_is_refused_leaves_nothing_behind(
    caller: Caller, settings: Settings, body: bytes, status: int, where: str
) -> None:
    before = _objects(settings)

    answer = caller.post("/v1/batches", data=body, content_type=NDJSON)

    assert answer.status_code == status
    assert where in answer.json["detail"]
    assert _objects(settings) == before
    assert caller.get("/v1/jobs").json["items"] == []


def test_a_commit_of_unknown_fate_keeps_the_upload(
    caller: Caller,
    database: Database,
    settings: Settings,
    finish: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection is lost after the commit reached the database: the batch stands."""
    transaction = Database.transaction

    @contextmanager
    def cut_off(self: Database) -> Iterator[Session]:
        with transaction(self) as session:
            yield session
            accepted = session.scalar(text("SELECT 1 FROM batches"))
        if accepted:
            raise Unavailable("The database is out of reach at the moment.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "transaction", cut_off)
        answer = caller.post("/v1/batches", data=_lines(RECIPES), content_type=NDJSON)
    assert answer.status_code == 503
    finish()

    (batch,) = caller.get("/v1/batches").json["items"]
    assert batch["state"] == "succeeded"
    assert batch["counts"]["succeeded"] == 2


def test_a_batch_is_kept_as_long_as_the_settings_say(
    settings: Settings, database: Database, new_key: Callable[..., str]
) -> None:
    app = create_app(replace(settings, retention_days=3))
    caller = Caller(app.test_client(), new_key())
    caller.post("/v1/batches", data=_lines(RECIPES), content_type=NDJSON)

    (batch,) = caller.get("/v1/batches").json["items"]
    kept = datetime.fromisoformat(batch["expires_at"]) - datetime.fromisoformat(batch["created_at"])
    assert kept == timedelta(days=3)
    app.extensions["platform"].close()


def test_an_upload_that_announces_too_much_is_refused_unread(caller: Caller) -> None:
    answer = caller.post(
        "/v1/batches",
        data=b"{}\n",
        content_type=NDJSON,
        environ_overrides={"CONTENT_LENGTH": str(200 << 20)},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "recipes"),
        ({"recipes": None}, "recipes"),
        ({"recipes": [], "more": 1}, "more"),
        ({"recipes": RECIPES, "metadata": []}, "metadata"),
        (7, "recipes"),
    ],
)
def test_a_json_batch_of_another_form_is_named_by_its_field(
    caller: Caller, body: object, field: str
) -> None:
    answer = caller.post("/v1/batches", json=body)

    assert answer.status_code == 422
    assert field in answer.json["errors"]
