"""Cached answers over HTTP, and the operators' view of the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from embedded.engines import Engines
from kernel.database import Database
from kernel.settings import Settings
from services import audit
from tests.web.client import Caller
from web.app import create_app

SEARCH = "/v1/foods?q=pumpernickel&limit=3"


@pytest.fixture
def empty(operator: Caller) -> None:
    """Nothing is in the cache."""
    assert operator.post("/v1/admin/cache/flush").status_code == 200


@pytest.fixture
def without_cache(settings: Settings, database: Database) -> Iterator[Flask]:
    """The application, with a cache whose Redis is gone."""
    made = create_app(replace(settings, cache_redis_url="redis://127.0.0.1:1/0"))
    yield made
    made.extensions["platform"].close()


def test_an_answer_says_whether_it_was_there_already(caller: Caller, empty: None) -> None:
    first, second = caller.get(SEARCH), caller.get(SEARCH)

    assert first.headers["Cache-Status"] == "nutrition; fwd=uri-miss; stored"
    assert second.headers["Cache-Status"].startswith("nutrition; hit; ttl=")
    assert first.json == second.json
    assert first.headers["Cache-Control"] == "private, max-age=60"


def test_who_has_the_answer_is_not_sent_it_again(caller: Caller) -> None:
    food = caller.get(SEARCH).json["items"][0]["id"]
    for path in (SEARCH, f"/v1/foods/{food}"):
        tag = caller.get(path).headers["ETag"]

        again = caller.get(path, headers={"If-None-Match": tag})

        assert again.status_code == 304
        assert not again.data
        assert again.headers["ETag"] == tag
        assert caller.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_without_redis_every_answer_is_right_and_says_that_it_is_not_kept(
    without_cache: Flask, caller: Caller
) -> None:
    there = caller.get(SEARCH)
    away = Caller(without_cache.test_client(), caller.secret)

    for _ in range(3):
        answer = away.get(SEARCH)

        assert answer.json == there.json
        assert answer.headers["ETag"] == there.headers["ETag"]
        assert answer.headers["Cache-Status"] == "nutrition; fwd=bypass; detail=not-kept"
    food = there.json["items"][0]["id"]
    assert away.get(f"/v1/foods/{food}").json == caller.get(f"/v1/foods/{food}").json
    assert away.get("/v1/foods/00000000-0000-7000-8000-000000000000").status_code == 404


def test_without_redis_operators_are_told_so(
    without_cache: Flask, new_key: Callable[..., str]
) -> None:
    operator = Caller(
        without_cache.test_client(), new_key("operations", scopes=None, role="operator")
    )

    seen = operator.get("/v1/admin/cache").json

    assert seen["reachable"] is False
    assert seen["regions"] == []
    assert operator.post("/v1/admin/cache/flush").status_code == 503
    assert operator.post("/v1/admin/cache/warm").status_code == 202


def test_a_cache_that_dies_and_comes_back_is_missed_by_nobody(
    settings: Settings, database: Database, caller: Caller, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A real Valkey, killed between two requests of one process."""
    there = caller.get(SEARCH).json
    with Engines(tmp_path_factory.mktemp("a cache of its own"), durable=False) as own:
        url = own.env["CACHE_REDIS_URL"]
        app = create_app(replace(settings, cache_redis_url=url))
        reader = Caller(app.test_client(), caller.secret)
        assert reader.get(SEARCH).json == there
    answers = [reader.get(SEARCH) for _ in range(5)]
    app.extensions["platform"].close()

    assert all(answer.json == there for answer in answers)


def test_a_flush_is_written_down_and_warmed_after(
    operator: Caller, caller: Caller, database: Database, empty: None
) -> None:
    caller.get(SEARCH)

    flushed = operator.post("/v1/admin/cache/flush?region=searches")

    assert flushed.json["region"] == "searches"
    assert flushed.json["entries"] == 1
    assert caller.get(SEARCH).headers["Cache-Status"].endswith("stored")
    job = operator.get(flushed.headers["Location"]).json
    assert job["kind"] == "warming.warm"
    assert job["id"] == flushed.json["job_id"]
    with database.transaction() as session:
        (deed,) = audit.entries(session, target="cache:searches")
    assert deed.action == "cache.flushed"
    assert deed.details == {"entries": 1}


def test_an_unknown_region_is_refused_with_those_there_are(operator: Caller) -> None:
    refused = operator.post("/v1/admin/cache/flush?region=food")

    assert refused.status_code == 422
    assert "foods" in refused.json["errors"]["region"][0]


def test_warming_is_one_job_while_it_has_not_ended(operator: Caller, database: Database) -> None:
    first, second = (operator.post("/v1/admin/cache/warm") for _ in range(2))

    assert first.status_code == 202
    assert first.headers["Location"] == second.headers["Location"]
    with database.transaction() as session:
        assert {deed.action for deed in audit.entries(session, target="cache")} == {"cache.warmed"}


def test_operators_see_how_the_cache_does(
    operator: Caller, caller: Caller, app: Flask, empty: None
) -> None:
    caller.get(SEARCH)
    caller.get(SEARCH)
    app.extensions["platform"].tally.tell()

    seen = operator.get("/v1/admin/cache").json

    assert seen["reachable"] is True
    assert seen["memory"]["policy"] == "allkeys-lfu"
    assert seen["memory"]["limit_bytes"] > 0
    (searches,) = (one for one in seen["regions"] if one["region"] == "searches")
    assert searches["hits"] >= 1
    assert searches["misses"] >= 1
    assert searches["entries"] == 1
    assert searches["bytes"] > 0


@pytest.mark.parametrize("path", ["/v1/admin/cache/warm", "/v1/admin/cache/flush"])
def test_the_cache_is_operators_only(caller: Caller, path: str) -> None:
    assert caller.post(path).status_code == 403
    assert caller.get("/v1/admin/cache").status_code == 403
