"""Bad input: a precise problem that names the field, never a 5xx, never a job."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from kernel.database import Database
from tests.web.client import PANCAKES, Caller

JSON = "application/json"

LINES = ["1 egg"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ingredients"),
        ({"ingredients": []}, "ingredients"),
        ({"ingredients": "1 egg"}, "ingredients"),
        ({"ingredients": LINES * 5000}, "ingredients"),
        ({"ingredients": [7]}, "ingredients.0"),
        ({"ingredients": ["x" * 501]}, "ingredients.0"),
        ({"ingredients": ["1 egg", "nul \0"]}, "ingredients.1"),
        ({"ingredients": [{"quantity": 1, "unit": "g"}]}, "ingredients.0.food_id"),
        ({"ingredients": LINES, "servings": 0}, "servings"),
        ({"ingredients": LINES, "servings": -1}, "servings"),
        ({"ingredients": LINES, "servings": True}, "servings"),
        ({"ingredients": LINES, "servings": 10_001}, "servings"),
        ({"ingredients": LINES, "servings": 10**400}, "servings"),
        ({"ingredients": LINES, "yield_grams": "much"}, "yield_grams"),
        ({"ingredients": LINES, "title": "x" * 201}, "title"),
        ({"ingredients": LINES, "metadata": {"a": 1}}, "metadata.a"),
        ({"ingredients": LINES, "metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"ingredients": LINES, "metadata": None}, "metadata"),
        ({"ingredients": LINES, "metadata": {"a": "\0"}}, "metadata.a"),
        ({"ingredients": LINES, "metadata": {"\0": "a"}}, "metadata.␀"),
        ({"ingredients": LINES, "title": "\0"}, "title"),
        (
            {"ingredients": [{"food_id": "egg", "quantity": 1, "unit": "g"}]},
            "ingredients.0.food_id",
        ),
        (
            {"ingredients": [{"food_id": "egg", "quantity": -2, "unit": "g"}]},
            "ingredients.0.quantity",
        ),
    ],
)
def test_what_makes_no_sense_is_named_by_its_field(
    caller: Caller, body: dict[str, Any], field: str
) -> None:
    answer = caller.post("/v1/analyses", json=body)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert field in answer.json["errors"]
    assert caller.get("/v1/jobs").json["items"] == []


def test_an_unknown_field_is_refused_with_the_name_that_was_meant(caller: Caller) -> None:
    body = caller.post("/v1/analyses", json=PANCAKES | {"servigns": 4})
    query = caller.get("/v1/jobs?limt=5")

    assert body.json["errors"] == {"servigns": ["Unknown field. Did you mean 'servings'?"]}
    assert query.status_code == 422
    assert query.json["errors"] == {"limt": ["Unknown field. Did you mean 'limit'?"]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"ingredients": ["1 egg"], "servings": NaN}',
        b'{"ingredients": ["1 egg"], "servings": -Infinity}',
        b'{"ingredients": ["1 egg"], "servings": 1e999}',
        b'{"ingredients": ["\xff"]}',
        rb'{"ingredients": ["\ud800"]}',
        b'\xef\xbb\xbf{"ingredients": ["1 egg"]}',
        '{"ingredients": ["1 egg"]}'.encode("utf-16"),
        b'{"ingredients": ["1 egg"], "title": "a", "title": "b"}',
        b'{"ingredients": ["1 egg"], "title": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"ingredients": ["1 egg"], "servings": ' + b"9" * 10_000 + b"}",
        b'{"ingredients": ["1 egg"]} {}',
    ],
)
def test_what_is_not_proper_json_is_malformed(caller: Caller, body: bytes) -> None:
    answer = caller.post("/v1/analyses", data=body, content_type=JSON)

    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"
    assert caller.get("/v1/jobs").json["items"] == []


def test_a_name_that_comes_twice_is_named(caller: Caller) -> None:
    body = b'{"ingredients": [{"unit": "g", "unit": "kg"}]}'

    answer = caller.post("/v1/analyses", data=body, content_type=JSON)

    assert answer.status_code == 400
    assert "'unit'" in answer.json["detail"]


@pytest.mark.parametrize(
    "line",
    ["🥚🥚", "בֵּיצָה אחת", "\u202e1 egg", "-5 cups sugar", "1e308 cups sugar", "...", "½ ½ ½", "\n"],
)
def test_odd_lines_are_no_bad_input(caller: Caller, line: str) -> None:
    assert caller.post("/v1/analyses", json={"ingredients": [line]}).status_code == 202


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/xml", "multipart/form-data"]
)
@pytest.mark.parametrize("path", ["/v1/analyses", "/v1/batches"])
def test_other_media_types_are_not_taken(
    caller: Caller, path: str, content_type: str | None
) -> None:
    answer = caller.post(path, data=b"{}", content_type=content_type)

    assert answer.status_code == 415
    assert answer.content_type == "application/problem+json"


def test_a_large_body_is_refused(caller: Caller) -> None:
    answer = caller.post("/v1/analyses", data=b" " * (10 << 20), content_type=JSON)

    assert answer.status_code == 413
    assert "1048576" in answer.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/jobs?limit=0",
        "/v1/jobs?limit=x",
        "/v1/jobs?limit=201",
        "/v1/jobs?cursor=x",
        "/v1/jobs?cursor=%00",
        "/v1/jobs?state=lost",
        "/v1/jobs?kind=%00",
        "/v1/analyses?cursor=%F0%9F%A5%9A",
        "/v1/foods?limit=1000",
        "/v1/foods?q=" + "x" * 201,
        "/v1/foods?cursor=-1",
        "/v1/analyses/01a20e4c-78c3-74a9-98d3-f6b293a77e60?detail=some",
    ],
)
def test_queries_that_make_no_sense_are_invalid(caller: Caller, path: str) -> None:
    answer = caller.get(path)

    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v2", 404),
        ("GET", "/v1/jobs/", 404),
        ("GET", "//v1//jobs", 404),
        ("GET", "/v1/jobs/7", 404),
        ("GET", "/v1/jobs/%00", 404),
        ("GET", "/v1/foods/01a20e4c-78c3-74a9-98d3-f6b293a77e60", 404),
        ("GET", "/v1/batches/01a20e4c-78c3-74a9-98d3-f6b293a77e60", 404),
        ("GET", "/v1/batches/01a20e4c-78c3-74a9-98d3-f6b293a77e60/results", 404),
        ("DELETE", "/v1/jobs/01a20e4c-78c3-74a9-98d3-f6b293a77e60", 404),
        ("DELETE", "/v1/batches/01a20e4c-78c3-74a9-98d3-f6b293a77e60", 404),
        ("PUT", "/v1/jobs", 405),
        ("OPTIONS", "/v1/jobs", 405),
        ("TRACE", "/v1/jobs", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    caller: Caller, method: str, path: str, status: int
) -> None:
    answer = caller.send(method, path)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["ingredients", "servings", "title", "yield_grams", "metadata", "recipes", "custom_id", "x"]
)
recipes = st.dictionaries(fields, json_values, max_size=6)
almost_recipes = recipes.map(lambda given: {"ingredients": ["1 egg"]} | given)
bodies = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    | (recipes | almost_recipes).map(lambda value: json.dumps(value).encode())
)


@examples(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    body=bodies,
    path=st.sampled_from(["/v1/analyses", "/v1/batches"]),
    content_type=st.sampled_from([JSON, "application/x-ndjson"]),
)
def test_no_body_is_answered_with_a_server_error(
    caller: Caller, database: Database, body: bytes, path: str, content_type: str
) -> None:
    answer = caller.post(path, data=body, content_type=content_type)

    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.json["detail"]
    else:
        assert answer.status_code == 202


headers = st.text(
    st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\t,;=\"'"), max_size=60
)


@examples(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    value=headers,
    name=st.sampled_from(["Prefer", "Idempotency-Key", "X-Request-Id", "traceparent"]),
)
def test_no_header_is_answered_with_a_server_error(caller: Caller, name: str, value: str) -> None:
    answer = caller.post(
        "/v1/analyses", json={"ingredients": ["1 egg"]}, headers={name: value.strip()}
    )

    assert answer.status_code in {202, 400, 422}
