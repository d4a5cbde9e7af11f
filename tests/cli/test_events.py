"""A job's events are followed to the end, each seen once, whatever happens to the connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.access import Access
from cli.api import Api
from cli.events import TRIES, follow
from cli.exits import CommandFailed, Exit
from tests.cli.stage import KEY, Answer, Stage, document, problem, stream

JOB = "01900000-0000-7000-8000-000000000001"
EVENTS = f"/v1/jobs/{JOB}/events"


@pytest.fixture
def api(stage: Stage, pauses: list[float]) -> Iterator[Api]:
    with Api(Access(stage.url, KEY)) as opened:
        yield opened


def names(api: Api) -> list[str]:
    return [event.name for event in follow(api, JOB)]


def test_events_come_in_order_up_to_the_final_one(api: Api, stage: Stage) -> None:
    events: list[tuple[int, str, Any]] = [
        (1, "queued", {}),
        (2, "progress", {"done": 1, "total": 2}),
        (3, "succeeded", {}),
    ]
    stage.on("GET", EVENTS, stream(*events))

    seen = list(follow(api, JOB))

    assert [(event.id, event.name, event.data) for event in seen] == [
        (str(number), name, data) for number, name, data in events
    ]


@pytest.mark.parametrize("cut", [True, False], ids=["broken", "ended early"])
def test_a_new_connection_goes_on_after_the_last_event_seen(
    api: Api, stage: Stage, cut: bool
) -> None:
    stage.on(
        "GET",
        EVENTS,
        stream((1, "queued", {}), (2, "running", {}), cut=cut),
        stream((3, "succeeded", {})),
    )

    assert names(api) == ["queued", "running", "succeeded"]
    first, second = stage.asked("GET", EVENTS)
    assert "Last-Event-ID" not in first.headers
    assert second.headers["Last-Event-ID"] == "2"


def test_an_event_that_was_cut_off_in_its_middle_is_not_taken(api: Api, stage: Stage) -> None:
    half = Answer(200, b"id: 1\nevent: succ", {"Content-Type": "text/event-stream"}, cut=True)
    stage.on("GET", EVENTS, half, stream((1, "queued", {}), (2, "succeeded", {})))

    assert names(api) == ["queued", "succeeded"]


def test_nothing_follows_a_204(api: Api, stage: Stage) -> None:
    stage.on("GET", EVENTS, Answer(204))

    assert names(api) == []


def test_where_no_stream_is_granted_the_job_is_asked(
    api: Api, stage: Stage, pauses: list[float]
) -> None:
    stage.on("GET", EVENTS, problem(503, "Unavailable", "Too many streams.", retry_after=5))
    running = {"state": "running", "progress": {"done": 3, "total": 9}}
    stage.on("GET", f"/v1/jobs/{JOB}", document(running), document({"state": "failed"}))

    assert names(api) == ["progress", "failed"]
    assert pauses == [5.0]


def test_the_pause_that_the_platform_asks_for_is_kept(
    api: Api, stage: Stage, pauses: list[float]
) -> None:
    opening = Answer(200, b"retry: 2000\n\n", {"Content-Type": "text/event-stream"})
    stage.on("GET", EVENTS, opening, stream((1, "succeeded", {})))

    assert names(api) == ["succeeded"]
    assert pauses == [2.0]


def test_a_platform_that_stays_away_is_given_up_after_longer_and_longer_pauses(
    api: Api, stage: Stage, pauses: list[float]
) -> None:
    stage.on("GET", EVENTS, Answer(lost=True))

    with pytest.raises(CommandFailed, match="Cannot reach the platform") as gone:
        names(api)

    assert gone.value.code is Exit.UNREACHABLE
    assert len(stage.asked("GET", EVENTS)) == TRIES
    assert pauses == sorted(pauses)
    assert 100 < sum(pauses) < 200


def test_an_answer_that_is_no_stream_of_events_does_not_loop_for_ever(
    api: Api, stage: Stage
) -> None:
    stage.on("GET", EVENTS, document({"hello": "world"}))

    with pytest.raises(CommandFailed, match="text/event-stream"):
        names(api)


def test_an_unknown_job_is_not_found(api: Api) -> None:
    with pytest.raises(CommandFailed, match="Not found") as refused:
        names(api)

    assert refused.value.code is Exit.NOT_FOUND
