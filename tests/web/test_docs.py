"""The document for programs and the page for people, both without Internet."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from web import policy
from web.problems import TYPES


def test_the_document_has_every_route_but_its_own(anonymous: FlaskClient) -> None:
    document = anonymous.get("/v1/openapi.json").json
    documented = {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in policy.POLICY}

    assert document["openapi"].startswith("3.1")
    assert routes - {"GET /docs", "GET /docs/style.css", "GET /v1/openapi.json"} == documented


def test_every_reference_of_the_document_leads_somewhere(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/v1/openapi.json")

    for reference in set(re.findall(r'"#/([^"]+)"', answer.text)):
        node = answer.json
        for step in reference.split("/"):
            node = node[step]


def test_the_page_loads_nothing_from_elsewhere(anonymous: FlaskClient) -> None:
    page = anonymous.get("/docs")

    assert page.status_code == 200
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', page.text)) == {
        "/docs/style.css",
        "/v1/openapi.json",
    }
    assert "<script" not in page.text
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert anonymous.get("/docs/style.css").content_type.startswith("text/css")


def test_every_problem_is_explained_on_the_page(anonymous: FlaskClient) -> None:
    page = anonymous.get("/docs").text

    for slug in TYPES:
        assert f'id="problem-{slug}"' in page
