"""One owner's tens of thousands of recipes beside another's one."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from functools import partial

import httpx2
import numpy as np

from tests.faults.report import Report
from tests.faults.stage import Stage, account
from tests.processes import eventually


def one_beside_many(stage: Stage, *, recipes: int, samples: int) -> Report:
    """Owner A submits a batch of *recipes*; owner B one recipe after the other, both ways."""
    report = Report(f"Owner A submits {recipes:,} recipes, owner B one")
    _, other = account(stage.database)
    with stage.http(timeout=300) as a, stage.http(other, timeout=60) as b:
        idle = {"analysis": _analyses(b, samples, "idle"), "batch": _batches(b, samples)}
        big = _batch(a, recipes)
        eventually("A's batch is at work", lambda: _done(a, big) > 0)
        beside = {"analysis": _analyses(b, samples, "beside"), "batch": _batches(b, samples)}
        done = _done(a, big)
        report.holds("B's jobs ended before A's", f"less than {recipes}", done, done < recipes)
        for what, calm in idle.items():
            before, during = np.percentile(calm, 95), np.percentile(beside[what], 95)
            if what == "analysis":
                report.at_most("B's p95 of one, in times of idle", 2, float(during / before))
            # A batch stands in A's own queue: it waits for a chunk in hand, 50 recipes, to end.
            report.figures[f"B's p95 of one {what}, idle and beside (ms)"] = (
                f"{before * 1000:.1f}, {during * 1000:.1f} over {len(calm)}"
            )
        with suppress(httpx2.HTTPError):
            a.delete(f"/v1/jobs/{big}")
    return report


def _analyses(http: httpx2.Client, samples: int, name: str) -> list[float]:
    """Seconds from the submission of one recipe to its result."""
    taken = []
    for number in range(samples):
        recipe = {"title": f"{name} {number}", "ingredients": [f"{number + 1} g flour", "1 egg"]}
        began = time.monotonic()
        answer = http.post("/v1/analyses", json=recipe, headers={"Prefer": "wait=30"})
        taken.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
    return taken


def _batches(http: httpx2.Client, samples: int) -> list[float]:
    """The same for batches of one recipe, which stand in the queue of A's chunks."""
    taken = []
    for _ in range(samples):
        began = time.monotonic()
        job = _batch(http, 1)
        eventually("B's batch ended", partial(_is_done, http, job), 120)
        taken.append(time.monotonic() - began)
    return taken


def _batch(http: httpx2.Client, recipes: int) -> str:
    body = "\n".join(
        json.dumps({"ingredients": [f"{n + 1} g flour", f"{n % 7} tbsp sugar", "1 egg"]})
        for n in range(recipes)
    )
    answer = http.post(
        "/v1/batches", content=body.encode(), headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _done(http: httpx2.Client, job: str) -> int:
    """Recipes done so far."""
    progress = http.get(f"/v1/jobs/{job}").json()["progress"]
    return int(progress["done"]) if progress else 0


def _is_done(http: httpx2.Client, job: str) -> bool:
    return _done(http, job) >= 1
