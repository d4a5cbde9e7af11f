"""The line before the places: first come, first served, and nobody keeps a place asleep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from kernel.settings import Settings
from tests.processes import eventually
from tests.web.client import Caller
from web import admission
from web.admission import Line, aside


def test_a_place_that_is_left_goes_to_the_first_in_line(
    meanwhile: Callable[[Callable[[], Any]], threading.Thread],
) -> None:
    line = Line(places=1)
    assert line.enter()
    order: list[str] = []

    def stand(name: str) -> Callable[[], None]:
        def run() -> None:
            assert line.enter()
            order.append(name)
            line.leave()

        return run

    for number, name in enumerate("abc", start=1):
        meanwhile(stand(name))
        eventually("it stands in line", lambda number=number: line.waiting == number)  # type: ignore[misc]
    line.leave()
    eventually("all were served", lambda: len(order) == 3)

    assert order == ["a", "b", "c"]


def test_who_stands_in_line_in_vain_leaves_it() -> None:
    line = Line(places=1, patience=0.01)
    assert line.enter()

    assert not line.enter()
    assert line.waiting == 0
    line.leave()
    assert line.enter()


def test_who_steps_aside_lets_another_work(app: Flask) -> None:
    line = Line(places=1, patience=0.01)

    def view(environ: dict[str, Any], _: Any) -> list[bytes]:
        with app.request_context(environ):
            assert not line.enter()
            with aside():
                assert line.enter()
                line.leave()
            assert not line.enter()
        return []

    line.before(view)({"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "x"}, None)

    assert line.enter()


def test_a_request_that_finds_no_place_is_a_problem_and_a_probe_needs_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, new_key: Callable[..., str]
) -> None:
    monkeypatch.setattr(Line, "enter", lambda _: False)
    from web.app import create_app

    app = create_app(replace(settings))
    busy = Caller(app.test_client(), new_key()).get("/v1/jobs")

    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "5"
    assert busy.content_type == "application/problem+json"
    assert app.test_client().get("/livez").status_code == 200
    assert admission.PATIENCE < 30
    app.extensions["platform"].close()
