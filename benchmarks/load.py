"""Clients that load the platform over HTTP, in processes of their own, each with threads.

One Python process sends some thousand requests a second at most, and as the measured platform
shares the machine with it, its CPU is part of the answer: `Load.client_cpu_seconds`.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import httpx2

from benchmarks import invented
from cli.access import Access

#: Seconds that client processes may take to start: a loaded machine imports slowly.
_START = 60.0
_TIMEOUT = httpx2.Timeout(45, connect=5)


@dataclass(slots=True)
class Load:
    """What one or more clients saw. latencies: seconds, of answers as wanted. seconds: wall time.

    errors: every other outcome, counted by status code or name of the exception. uncounted:
    answers as wanted while warming up.
    """

    latencies: list[float] = field(default_factory=list)
    uncounted: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    client_cpu_seconds: float = 0.0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.latencies + other.latencies,
            self.uncounted + other.uncounted,
            self.errors + other.errors,
            max(self.seconds, other.seconds),
            self.client_cpu_seconds + other.client_cpu_seconds,
        )


def client(access: Access) -> httpx2.Client:
    """A client of one connection, kept alive."""
    return httpx2.Client(
        base_url=access.url,
        headers={"Authorization": f"Bearer {access.key}"},
        timeout=_TIMEOUT,
        trust_env=False,
        limits=httpx2.Limits(max_connections=1),
    )


def submit(
    access: Access, *, processes: int, threads: int, seconds: float, seed: int, warm_up: float
) -> Load:
    """Every thread submits analyses, one after the other, for *seconds*; nobody waits for results.

    They begin together; the first *warm_up* seconds are sent as well and not counted.
    """
    context = get_context("spawn")
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_remember, initargs=(barrier,)
    ) as pool:
        parts = [
            pool.submit(_submit, access, threads, seconds, seed + 1000 * number, warm_up)
            for number in range(processes)
        ]
        return sum((part.result() for part in parts), start=Load())


_together: Barrier | None = None


def _remember(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _submit(access: Access, threads: int, seconds: float, seed: int, warm_up: float) -> Load:
    assert _together is not None
    # Bodies are made before the clock runs: more than can be sent, so that none comes twice.
    bodies = [
        [body(recipe) for recipe in itertools.islice(invented.recipes(seed + number), 2_000)]
        for number in range(threads)
    ]
    ready = threading.Barrier(threads + 1)
    with ThreadPoolExecutor(threads) as pool:
        parts = [
            pool.submit(_thread, access, itertools.cycle(own), ready, seconds, warm_up)
            for own in bodies
        ]
        ready.wait(_START)
        _together.wait(_START)
        before = os.times()
        ready.wait(_START)
        whole = sum((part.result() for part in parts), start=Load())
    after = os.times()
    whole.client_cpu_seconds = after.user + after.system - before.user - before.system
    return whole


def _thread(
    access: Access,
    bodies: Iterator[bytes],
    ready: threading.Barrier,
    seconds: float,
    warm_up: float,
) -> Load:
    load = Load()
    with client(access) as http:
        http.get("/livez")  # the connection stands
        ready.wait(_START)
        ready.wait(_START)
        began = time.perf_counter()
        ends = began + warm_up + seconds
        while (now := time.perf_counter()) < ends:
            outcome = post(http, next(bodies), {})
            took = time.perf_counter() - now
            if outcome != "202":
                load.errors[outcome] += 1
            elif now - began < warm_up:
                load.uncounted += 1
            else:
                load.latencies.append(took)
        load.seconds = time.perf_counter() - began - warm_up
    return load


def post(http: httpx2.Client, content: bytes, headers: dict[str, str]) -> str:
    """Submit one analysis; answers the status code, or the name of what went wrong."""
    try:
        answer = http.post(
            "/v1/analyses",
            content=content,
            headers={"Content-Type": "application/json", **headers},
        )
    except httpx2.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def body(recipe: invented.Recipe) -> bytes:
    """A request's body."""
    return json.dumps(recipe, ensure_ascii=False).encode()
