"""The server as a process: it streams, waits, stops in time, and shares its port with nobody."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psutil
import pytest

from kernel.database import Database
from kernel.settings import Settings
from tests.conftest import ROOT
from tests.processes import PYTHON, Platform, eventually
from tests.web.client import PANCAKES
from tests.web.conftest import environment


@pytest.fixture
def http(server: Platform, new_key: Callable[..., str]) -> Iterator[httpx2.Client]:
    """A client of the real server, with a key."""
    headers = {"Authorization": f"Bearer {new_key()}"}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=60) as client:
        yield client


def _submit(http: httpx2.Client) -> str:
    answer = http.post("/v1/analyses", json=PANCAKES)
    assert answer.status_code == 202
    return str(answer.json()["id"])


def _names(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("event: "):
            yield line.removeprefix("event: ")


def test_events_come_while_the_job_runs(http: httpx2.Client, work: Callable[[], None]) -> None:
    job = _submit(http)

    with http.stream("GET", f"/v1/jobs/{job}/events") as stream:
        names = _names(stream.iter_lines())
        first = next(names)
        # The stream is open and told of the acceptance; only now is there any work.
        work()
        rest = list(names)

    assert (first, rest) == ("queued", ["running", "succeeded"])


def test_a_wait_ends_as_soon_as_the_analysis_is_there(
    http: httpx2.Client,
    work: Callable[[], None],
    database: Database,
    meanwhile: Callable[..., object],
) -> None:
    answers: list[httpx2.Response] = []
    waiting = meanwhile(
        lambda: answers.append(
            http.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=30"})
        )
    )
    eventually("the job is accepted", lambda: bool(_queued(database)))
    work()
    waiting.join(timeout=60)

    assert answers[0].status_code == 200
    assert answers[0].json()["label"]


def _queued(database: Database) -> int:
    from sqlalchemy import text

    with database.transaction() as session:
        return int(session.scalars(text("SELECT count(*) FROM jobs")).one())


def test_told_to_stop_it_ends_its_streams_and_waits_and_exits(
    server: Platform,
    http: httpx2.Client,
    database: Database,
    meanwhile: Callable[..., object],
) -> None:
    answers: list[httpx2.Response] = []
    job = _submit(http)
    waiting = meanwhile(
        lambda: answers.append(
            http.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=30"})
        )
    )
    eventually("both jobs are accepted", lambda: _queued(database) == 2)

    with http.stream("GET", f"/v1/jobs/{job}/events") as stream:
        names = _names(stream.iter_lines())
        assert next(names) == "queued"
        code = server.stop("web", seconds=60)
        # Ended in order: a broken stream would raise.
        assert list(names) == []
    waiting.join(timeout=60)

    assert code == 0
    # The job was accepted, and the answer says so.
    assert answers[0].status_code == 202
    assert answers[0].json()["state"] == "queued"
    assert "web_stopped_late" not in server.log("web")


def test_a_second_server_on_the_port_says_so_and_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from web.__main__ import PortTaken, wait_for_port

    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken"):
            wait_for_port("127.0.0.1", port, seconds=0)
    wait_for_port("127.0.0.1", port, seconds=0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"WEB_PORT": "http"}, "WEB_PORT is 'http'"),
        ({"WEB_THREADS": "10"}, "exceed WEB_THREADS (10)"),
        ({"WEB_POOL": "2"}, "WEB_POOL is 2"),
        ({"WEB_HOST": "192.0.2.1"}, "WEB_HOST 192.0.2.1"),
    ],
)
def test_settings_that_cannot_work_end_the_start_in_one_line(
    settings: Settings, changed: dict[str, str], said: str
) -> None:
    ended = subprocess.run(
        [PYTHON, "-m", "web"],
        cwd=ROOT,
        env=os.environ | environment(settings) | changed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_worker_does_not_outlive_its_killed_master(server: Platform) -> None:
    (worker,) = server.children("web")
    os.kill(server.pid("web"), signal.SIGKILL)

    gone, alive = psutil.wait_procs([worker], timeout=60)

    assert gone == [worker]
    assert alive == []


def test_a_killed_worker_is_replaced(server: Platform) -> None:
    (worker,) = server.children("web")
    worker.kill()
    psutil.wait_procs([worker], timeout=60)

    eventually("web serves again", server.serves)


def test_a_body_without_an_announced_length_is_cut_off_where_it_grows_too_large(
    http: httpx2.Client,
) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"title": "'
        for _ in range(4096):
            yield b"x" * 1024

    answer = http.post(
        "/v1/analyses", content=endless(), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_batch_streams_in_and_out(http: httpx2.Client, work: Callable[[str], None]) -> None:
    def lines() -> Iterator[bytes]:
        for number in range(60):
            recipe = {"custom_id": str(number), "ingredients": ["1 cup milk"]}
            yield json.dumps(recipe).encode() + b"\n"

    accepted = http.post(
        "/v1/batches", content=lines(), headers={"Content-Type": "application/x-ndjson"}
    )
    batch = accepted.json()["id"]
    work("nutrition.bulk")
    partly = http.get(f"/v1/batches/{batch}/results").text.splitlines()
    work("nutrition.bulk")
    work("maintenance")
    wholly = http.get(f"/v1/batches/{batch}/results").text.splitlines()

    assert len(partly) in {10, 50}
    assert [json.loads(line)["custom_id"] for line in wholly] == [str(n) for n in range(60)]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_a_batch_may_be_larger_than_any_other_body(http: httpx2.Client, announced: bool) -> None:
    recipe = json.dumps({"ingredients": ["1 cup milk " + "x" * 400] * 50}).encode() + b"\n"
    body = recipe * (5_000_000 // len(recipe) + 1)
    content = body if announced else iter([body[:3_000_000], body[3_000_000:]])

    accepted = http.post(
        "/v1/batches", content=content, headers={"Content-Type": "application/x-ndjson"}
    )

    assert ("content-length" in accepted.request.headers) is announced
    assert accepted.status_code == 202, accepted.text
    assert accepted.json()["progress"]["total"] == body.count(b"\n")


def test_many_clients_at_once_are_all_answered(http: httpx2.Client, server: Platform) -> None:
    """Far more than there are connections to the database."""
    key = http.headers["Authorization"]

    def ask(_: int) -> int:
        answer = httpx2.get(f"{server.url}/v1/jobs", headers={"Authorization": key}, timeout=60)
        return answer.status_code

    with ThreadPoolExecutor(100) as clients:
        assert set(clients.map(ask, range(300))) == {200}


def test_a_client_that_goes_away_frees_its_place(
    settings: Settings,
    database: Database,
    new_key: Callable[..., str],
    tmp_path: Path,
) -> None:
    one_stream = environment(settings) | {"MAX_STREAMS": "1"}
    platform = Platform(one_stream, tmp_path)
    platform.start("web")
    eventually("web serves", platform.serves)
    headers = {"Authorization": f"Bearer {new_key()}"}
    with httpx2.Client(base_url=platform.url, headers=headers, timeout=60) as http:
        job = _submit(http)
        with http.stream("GET", f"/v1/jobs/{job}/events") as stream:
            assert next(_names(stream.iter_lines())) == "queued"
            assert http.get(f"/v1/jobs/{job}/events").status_code == 503

        def free() -> bool:
            with http.stream("GET", f"/v1/jobs/{job}/events") as again:
                return again.status_code == 200

        eventually("the place is free again", free)
    platform.close()


def test_web_needs_neither_celery_nor_the_engine() -> None:
    """Its memory is what streams and waiters need; both would double it."""
    loaded = subprocess.run(
        [PYTHON, "-c", "import web.app, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    for heavy in ("celery", "kombu", "worker", "tasks", "nutrition.engine", "numpy", "nltk"):
        assert heavy not in loaded
