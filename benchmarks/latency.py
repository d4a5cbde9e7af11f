"""Latency as one caller sees it: submit an analysis, have its result; a plain read beside it."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from benchmarks.invented import Recipe
from benchmarks.load import body

#: Seconds that the platform is asked to wait for the result.
WAIT = 20
#: One line that the engine has read before: what remains is the platform's own time.
REMEMBERED: Recipe = {"title": "Flour", "ingredients": ["2 cups all-purpose flour"]}


@dataclass(slots=True)
class Samples:
    """Seconds, a value an analysis: result (POST to its answer), read (GET of the job after it).

    queue and run are the job's own times, of the platform's clock: accepted to claimed, claimed to
    stored. errors: outcomes other than a result, by status or name of the exception.
    """

    result: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    queue: list[float] = field(default_factory=list)
    run: list[float] = field(default_factory=list)
    lines: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, Any]:
        """For the report: quantiles in ms, each with its count."""
        return {
            "result_ms": quantiles(self.result),
            "of_it_queue_ms": quantiles(self.queue),
            "of_it_run_ms": quantiles(self.run),
            "read_ms": quantiles(self.read),
            "lines_a_recipe": round(self.lines / max(len(self.result), 1), 1),
            "errors": dict(self.errors),
        }


class Sampler:
    """One caller with one connection, who sends the next recipe when the last is answered."""

    def __init__(self, http: httpx2.Client, recipes: Iterator[Recipe]) -> None:
        self._http = http
        self._recipes = recipes

    def sample(self, count: int) -> tuple[Samples, Samples]:
        """*count* analyses of recipes, and in turn with them as many of REMEMBERED."""
        new, remembered = Samples(), Samples()
        for _ in range(count):
            self._one(new, next(self._recipes))
            self._one(remembered, REMEMBERED)
        return new, remembered

    def sample_while(self, holds: Callable[[], bool]) -> Samples:
        """Analyses until it no longer *holds*; the last, which may have seen the end, is dropped.

        *holds* is asked between two analyses, twice a second: asking is a request of its own.
        """
        seen, batch = Samples(), Samples()
        asked = time.monotonic()
        while True:
            self._one(batch, next(self._recipes))
            if time.monotonic() - asked >= 0.5:
                if not holds():
                    return seen
                _add(seen, batch)
                batch = Samples()
                asked = time.monotonic()

    def _one(self, seen: Samples, recipe: Recipe) -> None:
        content = body(recipe)
        headers = {"Content-Type": "application/json", "Prefer": f"wait={WAIT}"}
        began = time.perf_counter()
        try:
            answer = self._http.post("/v1/analyses", content=content, headers=headers)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                seen.errors[str(answer.status_code)] += 1
                return
            began = time.perf_counter()
            read = self._http.get(answer.headers["Location"])
            read_took = time.perf_counter() - began
        except httpx2.HTTPError as error:
            seen.errors[type(error).__name__] += 1
            return
        job = read.json()
        created, started, finished = (
            datetime.fromisoformat(job[f"{what}_at"]) for what in ("created", "started", "finished")
        )
        seen.result.append(took)
        seen.read.append(read_took)
        seen.queue.append((started - created).total_seconds())
        seen.run.append((finished - started).total_seconds())
        seen.lines += len(recipe["ingredients"])


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the largest in ms, with the count; empty where nothing was measured."""
    if not seconds:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else []
    of = {name: cuts[at - 1] if cuts else seconds[0] for name, at in _CUTS.items()}
    told = {name: round(1000 * value, 2) for name, value in of.items()}
    return told | {"max": round(1000 * max(seconds), 2), "n": len(seconds)}


_CUTS = {"p50": 50, "p95": 95, "p99": 99}


def _add(seen: Samples, more: Samples) -> None:
    for name in ("result", "read", "queue", "run"):
        getattr(seen, name).extend(getattr(more, name))
    seen.lines += more.lines
    seen.errors += more.errors
