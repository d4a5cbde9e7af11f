"""Events across releases: a stream comes to its end whichever release ended the job."""

from __future__ import annotations

import re

import httpx2
from sqlalchemy import create_engine, make_url, text

from kernel.settings import Settings
from tests.conftest import ROOT
from tests.deploys.conftest import Ledger
from tests.deploys.release import Release

GUIDE = ROOT / "docs" / "how-to" / "deploy-and-roll-back.md"


def submit(http: httpx2.Client) -> str:
    answer = http.post("/v1/analyses", json={"ingredients": ["1 egg"]})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def events(http: httpx2.Client, job: str) -> list[str]:
    """The names of a job's events, read until its stream ends."""
    names = []
    with http.stream("GET", f"/v1/jobs/{job}/events") as stream:
        for line in stream.iter_lines():
            assert not line.startswith(":"), f"the stream goes on after {names}"
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
    return names


def test_a_job_that_an_old_worker_ended_streams_to_its_end(
    old: Release, new: Release, key: str, ledger: Ledger
) -> None:
    new.start("web")
    old.start("dispatcher", "worker")
    http = new.client(key)
    job = submit(http)
    ledger.await_state(job, "succeeded")

    assert events(http, job) == ["queued", "running", "succeeded"]


def test_after_a_roll_back_the_guide_s_statement_ends_the_streams_of_jobs_ended_before_it(
    old: Release, new: Release, key: str, ledger: Ledger, settings: Settings
) -> None:
    """This release derives an event that 0.1.0 looks for in its table."""
    new.start("web", "dispatcher", "worker")
    job = submit(new.client(key))
    ledger.await_state(job, "succeeded")
    new.stop("dispatcher", "worker")
    (statement,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    owner = make_url(settings.database_owner_url).set(drivername="postgresql+psycopg")
    engine = create_engine(owner)
    for _ in range(2):  # twice does no harm
        with engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()

    old.start("web")

    assert events(old.client(key), job) == ["queued", "succeeded"]
    assert events(new.client(key), job) == ["queued", "running", "succeeded"]
