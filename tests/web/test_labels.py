"""The label of an analysis over HTTP: four forms, two laws, and nothing in them that could run."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from nutrition.labels import eu, fda
from nutrition.labels.html import STYLE_DIGEST
from tests.web.client import PANCAKES, Caller
from web.labels import Label

FORMS = {
    "": "application/json",
    ".svg": "image/svg+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
EVIL = "<script>alert(1)</script> & Pancakes"


@pytest.fixture
def analysis(caller: Caller, work: Callable[[], None]) -> str:
    """A finished analysis under a title that would like to run; answers its address."""
    answer = caller.post("/v1/analyses", json=PANCAKES | {"title": EVIL})
    work()
    body: Any = answer.json
    return f"/v1/analyses/{body['id']}"


def test_a_label_has_four_forms(caller: Caller, analysis: str) -> None:
    for form, content_type in FORMS.items():
        answer = caller.get(f"{analysis}/label{form}")

        assert answer.status_code == 200, form
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Pancakes" in answer.text


def test_the_label_is_the_one_that_the_analysis_shows(caller: Caller, analysis: str) -> None:
    assert caller.get(f"{analysis}/label").json == caller.get(analysis).json["label"]


def test_small_children_have_daily_values_of_their_own(caller: Caller, analysis: str) -> None:
    label = caller.get(f"{analysis}/label?audience=ages-1-3").json

    assert label["daily_values"] == "fda-2016-ages-1-3"
    for form in (".svg", ".html", ".txt"):
        text = caller.get(f"{analysis}/label{form}?audience=ages-1-3").text
        assert "children 1 through 3" in text, form


def test_the_eu_has_a_table_per_100_g_and_per_portion(caller: Caller, analysis: str) -> None:
    table = caller.get(f"{analysis}/label?standard=eu").json

    assert table["format"] == "eu-table"
    assert [row["name"] for row in table["rows"]][:2] == ["Energy", "Fat"]
    assert table["rows"][0]["per_100g"]["kcal"] > 100
    for form in (".svg", ".html", ".txt"):
        assert "8 400 kJ/2 000 kcal" in " ".join(
            caller.get(f"{analysis}/label{form}?standard=eu").text.replace("│", " ").split()
        )


def test_every_field_of_a_label_is_described() -> None:
    assert set(Label().fields) == set(fda.label({})) | set(eu.table({}, {}))


def test_the_eu_has_no_children(caller: Caller, analysis: str) -> None:
    answer = caller.get(f"{analysis}/label?standard=eu&audience=ages-1-3")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["audience"]
    assert caller.get(f"{analysis}/label?standard=eu&audience=adults").status_code == 200


@pytest.mark.parametrize("query", ["standard=jp", "audience=cats", "detail=full"])
def test_what_there_is_none_of_is_refused_by_its_field(
    caller: Caller, analysis: str, query: str
) -> None:
    answer = caller.get(f"{analysis}/label.svg?{query}")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query.partition("=")[0]]


def test_nothing_in_a_label_can_run(caller: Caller, analysis: str) -> None:
    drawing, page = (caller.get(f"{analysis}/label{form}") for form in (".svg", ".html"))

    for answer in (drawing, page):
        assert "<script" not in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert policy.endswith("; sandbox")
        assert "script-src" not in policy
        assert "unsafe" not in policy
    assert f"style-src '{STYLE_DIGEST}'" in page.headers["Content-Security-Policy"]
    ElementTree.fromstring(drawing.text)  # noqa: S314 - our own


@pytest.mark.parametrize("form", FORMS)
def test_an_unchanged_label_is_not_sent_twice(caller: Caller, analysis: str, form: str) -> None:
    first = caller.get(f"{analysis}/label{form}")

    again = caller.get(f"{analysis}/label{form}", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("form", FORMS)
def test_others_see_no_label(caller: Caller, stranger: Caller, analysis: str, form: str) -> None:
    theirs = stranger.get(f"{analysis}/label{form}")
    nobodys = caller.get(f"/v1/analyses/{uuid.UUID(int=7)}/label{form}")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.headers["Content-Type"] == "application/problem+json"


def test_before_the_analysis_is_finished_its_job_is_shown(caller: Caller) -> None:
    job = caller.submit()

    answer = caller.get(f"/v1/analyses/{job}/label.svg")

    assert answer.status_code == 202
    assert answer.json["state"] == "queued"
    assert answer.headers["Retry-After"] == "1"
