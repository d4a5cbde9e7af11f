"""Jobs over HTTP: listed, filtered, cancelled, and followed event by event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kernel.database import Database
from kernel.settings import Settings
from services.jobs import settle
from tests.analyses.claiming import claim_next
from tests.processes import eventually
from tests.web.client import Caller
from web.app import create_app

INTERACTIVE = "nutrition.interactive"


@dataclass(frozen=True)
class Event:
    id: int
    name: str


def events(stream: str) -> list[Event]:
    """The events of a stream's text."""
    found = []
    for block in stream.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append(Event(int(fields["id"]), fields["event"]))
    return found


def follow(caller: Caller, job: str, last: int | None = None) -> TestResponse:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    return caller.get(f"/v1/jobs/{job}/events", headers=headers)


def test_jobs_are_listed_newest_first_and_paged_without_a_gap(caller: Caller) -> None:
    made = [caller.submit() for _ in range(5)]

    seen: list[str] = []
    cursor = ""
    while True:
        page = caller.get(f"/v1/jobs?limit=2{cursor}").json
        seen += [job["id"] for job in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == made[::-1]


def test_jobs_are_filtered_by_state_and_kind(caller: Caller, work: Callable[[], None]) -> None:
    first, second = caller.submit(), caller.submit()
    work()

    def ids(query: str) -> list[str]:
        return [job["id"] for job in caller.get(f"/v1/jobs?{query}").json["items"]]

    assert ids("state=succeeded") == [first]
    assert ids("state=queued") == [second]
    assert ids("kind=analyses.analyze") == [second, first]
    assert ids("kind=batches.chunk") == []


def test_a_job_document_links_to_its_result_and_events(caller: Caller) -> None:
    job = caller.submit()

    assert caller.get(f"/v1/jobs/{job}").json["links"] == {
        "self": f"/v1/jobs/{job}",
        "events": f"/v1/jobs/{job}/events",
        "result": f"/v1/analyses/{job}",
    }


def test_a_waiting_job_is_cancelled_at_once_and_twice_is_no_error(caller: Caller) -> None:
    job = caller.submit()

    first, again = caller.delete(f"/v1/jobs/{job}"), caller.delete(f"/v1/jobs/{job}")

    assert (first.status_code, first.json["state"]) == (200, "cancelled")
    assert (again.status_code, again.json["state"]) == (200, "cancelled")


def test_a_running_job_is_asked_to_stop(caller: Caller, database: Database) -> None:
    job = caller.submit()
    claim_next(database, INTERACTIVE)

    answer = caller.delete(f"/v1/jobs/{job}")

    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["cancelling"]) == ("running", True)


def test_a_job_that_has_ended_cannot_be_cancelled(caller: Caller, work: Callable[[], None]) -> None:
    job = caller.submit()
    work()

    answer = caller.delete(f"/v1/jobs/{job}")

    assert answer.status_code == 409
    assert "succeeded" in answer.json["detail"]


def test_the_events_of_a_finished_job_are_all_there_and_the_stream_ends(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    stream = follow(caller, job)

    assert stream.content_type == "text/event-stream; charset=utf-8"
    assert events(stream.text) == [
        Event(1, "queued"),
        Event(2, "running"),
        Event(3, "succeeded"),
    ]


def test_a_client_that_comes_back_gets_what_it_has_not_seen_and_no_more(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    assert events(follow(caller, job, last=1).text) == [Event(2, "running"), Event(3, "succeeded")]
    assert events(follow(caller, job, last=2).text) == [Event(3, "succeeded")]
    assert follow(caller, job, last=3).status_code == 204
    assert follow(caller, job, last=99).status_code == 204


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "99999999999999999999", "²"])
def test_what_is_no_event_number_is_malformed(caller: Caller, last: str) -> None:
    job = caller.submit()

    answer = caller.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": last})

    assert answer.status_code == 400


def test_an_open_stream_tells_what_happens(
    caller: Caller, app: Flask, work: Callable[[], None], meanwhile: Callable[..., object]
) -> None:
    job = caller.submit()

    def work_once_followed() -> None:
        eventually("somebody follows", app.extensions["platform"].hub.listened)
        work()

    meanwhile(work_once_followed)

    assert [event.name for event in events(follow(caller, job).text)] == [
        "queued",
        "running",
        "succeeded",
    ]


def test_without_redis_a_stream_still_tells_everything(
    settings: Settings,
    new_key: Callable[..., str],
    work: Callable[[], None],
    meanwhile: Callable[..., object],
) -> None:
    # An address where nobody listens: the database alone has to tell.
    from dataclasses import replace

    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    caller = Caller(app.test_client(), new_key())
    job = caller.submit()

    def work_once_followed() -> None:
        eventually("somebody follows", app.extensions["platform"].hub.listened)
        work()

    meanwhile(work_once_followed)
    told = events(follow(caller, job).text)
    app.extensions["platform"].close()

    assert [event.id for event in told] == [1, 2, 3]


def test_a_stream_tells_of_cancellation(caller: Caller, database: Database) -> None:
    job = caller.submit()
    attempt = claim_next(database, INTERACTIVE)
    assert attempt is not None
    caller.delete(f"/v1/jobs/{job}")
    with database.transaction() as session:
        settle.cancelled(session, attempt.run.job)

    names = [event.name for event in events(follow(caller, job).text)]

    assert names == ["queued", "running", "cancelling", "cancelled"]


def test_above_the_cap_a_stream_is_refused_for_now(caller: Caller, app: Flask) -> None:
    job = caller.submit()
    streams = app.extensions["platform"].streams
    while streams.take(object()):
        pass

    answer = follow(caller, job)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_stream_gives_its_place_back(
    caller: Caller, app: Flask, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()
    platform = app.extensions["platform"]

    for _ in range(platform.settings.max_streams + 1):
        answer = follow(caller, job)
        assert answer.status_code == 200
        assert answer.text
        answer.close()

    assert platform.hub.listened() == 0
