"""Load: jobs of every sort, submitted from several threads through every outage.

Whatever was accepted is noted by its id: at the end each must be accounted for.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

import httpx2
from sqlalchemy import text

from kernel.errors import Unavailable
from kernel.ids import new_id
from services.jobs.enqueue import Order, enqueue
from tests.faults.kinds import AddEffect, AddEffectGrouped, TakeSteps
from tests.faults.stage import Stage

THREADS = 6
#: Seconds from one try to the next, while the platform is out of reach.
AGAIN = 0.05
BATCH = 60
#: Shares of the mixture, in a hundred.
MIXTURE = {"analysis": 50, "effect": 20, "grouped": 12, "flaky": 8, "later": 6, "steps": 3}
MIXTURE["batch"] = 100 - sum(MIXTURE.values())


@dataclass(slots=True)
class Accepted:
    """What the platform has accepted. due: when a scheduled job may run at the earliest."""

    analyses: set[uuid.UUID] = field(default_factory=set)
    batches: dict[uuid.UUID, int] = field(default_factory=dict)
    effects: set[uuid.UUID] = field(default_factory=set)
    #: Commits whose answer was lost: they may stand or not, but not by halves.
    doubtful: set[uuid.UUID] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.analyses) + len(self.batches) + len(self.effects)


class Load:
    """Submit jobs as fast as they are taken, until *jobs* are accepted or it is closed.

    A request without an answer is sent again under its Idempotency-Key, as a careful client does.
    mixture: shares by sort. pause: seconds that each thread rests between two jobs. answers: of
    each request its (moment, seconds, status), status 0 where the connection broke.
    """

    def __init__(
        self,
        stage: Stage,
        dice: Random,
        *,
        jobs: int = 10**9,
        mixture: Mapping[str, float] = MIXTURE,
        pause: float = 0,
    ) -> None:
        self.accepted = Accepted()
        self.errors: list[str] = []
        self.answers: list[tuple[float, float, int]] = []
        self.statuses: Counter[int] = Counter()
        self.without_retry_after = 0
        self._stage = stage
        self._pause = pause
        self._left = jobs
        self._mixture = mixture
        self._seeds = Random(dice.random())
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._futures: list[Future[None]] = [
            self._pool.submit(self._submit) for _ in range(THREADS)
        ]

    def seconds(self, since: float, until: float) -> list[float]:
        """How long each answer to a request of that time took (moments of the monotonic clock)."""
        return [took for began, took, status in self.answers if status and since <= began < until]

    @property
    def done(self) -> bool:
        """True once all were submitted; raises what a thread of the load raised."""
        for future in self._futures:
            if future.done():
                future.result()
        return all(future.done() for future in self._futures)

    def close(self) -> None:
        """Submit no more."""
        self._over.set()
        self._pool.shutdown(wait=True)

    def _submit(self) -> None:
        with self._stage.http(timeout=10) as http:
            while not self._over.is_set():
                with self._lock:
                    self._left -= 1
                    if self._left < 0:
                        return
                    dice = Random(self._seeds.random())
                (sort,) = dice.choices(list(self._mixture), list(self._mixture.values()))
                self._one(http, sort, dice)
                self._over.wait(self._pause)

    def _one(self, http: httpx2.Client, sort: str, dice: Random) -> None:
        name = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        attempt = partial(self._order, sort, dice)
        if sort == "analysis":
            attempt = partial(self._analysis, http, name, dice.randint(1, 900))
        elif sort == "batch":
            attempt = partial(self._batch, http, name)
        while not attempt() and not self._over.wait(AGAIN):
            pass

    def _analysis(self, http: httpx2.Client, name: str, grams: int) -> bool:
        recipe = {
            "title": name,
            "servings": 4,
            "ingredients": [f"{grams} g flour", "1 egg", "100 g sugar"],
        }
        answer = self._post(http, "/v1/analyses", name, json=recipe)
        if answer is None:
            return False
        self.accepted.analyses.add(uuid.UUID(answer.headers["Location"].rsplit("/", 1)[1]))
        return True

    def _batch(self, http: httpx2.Client, name: str) -> bool:
        body = "\n".join(
            json.dumps({"custom_id": f"{name} {n}", "ingredients": [f"{n + 1} g flour", "1 egg"]})
            for n in range(BATCH)
        )
        answer = self._post(
            http,
            "/v1/batches",
            name,
            content=body.encode(),
            content_type="application/x-ndjson",
        )
        if answer is None:
            return False
        self.accepted.batches[uuid.UUID(answer.json()["id"])] = BATCH
        return True

    def _post(
        self,
        http: httpx2.Client,
        path: str,
        name: str,
        *,
        json: object = None,
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> httpx2.Response | None:
        """The answer where it is 202; None where the request is to be sent again."""
        headers = {"Idempotency-Key": name, "Content-Type": content_type}
        began = time.monotonic()
        try:
            answer = http.post(path, json=json, content=content, headers=headers)
        except httpx2.TransportError as error:
            self.answers.append((began, time.monotonic() - began, 0))
            self.statuses[0] += 1
            if isinstance(error, httpx2.TimeoutException):
                self.errors.append(f"no answer within 10 s: {type(error).__name__}")
            return None
        self.answers.append((began, time.monotonic() - began, answer.status_code))
        self.statuses[answer.status_code] += 1
        if answer.status_code == 202:
            return answer
        if answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.without_retry_after += 1
        if answer.status_code not in {409, 503}:
            self.errors.append(f"{answer.status_code} {answer.text[:200]}")
        return None

    def _order(self, sort: str, dice: Random) -> bool:
        """A job of the tests' own, in a transaction of ours: the commit is the acceptance."""
        payload: object = AddEffect()
        if sort == "flaky":
            payload = AddEffect(fails=dice.choice((1, 2)))
        elif sort == "grouped":
            payload = AddEffectGrouped()
        elif sort == "steps":
            payload = TakeSteps(steps=dice.randint(2, 8), seconds=0.25)
        elif sort == "long":
            payload = TakeSteps(steps=32, seconds=0.25)
        job = new_id()
        try:
            with self._stage.database.transaction() as session:
                run_at = None
                if sort == "later":
                    now = session.scalars(text("SELECT now()")).one()
                    run_at = now + timedelta(seconds=dice.uniform(0.5, 8))
                enqueue(
                    session,
                    Order(
                        id=job,
                        payload=payload,
                        owner=self._stage.account,
                        actor="tests",
                        run_at=run_at,
                        metadata={"due": run_at.isoformat()} if run_at else {},
                    ),
                )
        except Unavailable:
            self.accepted.doubtful.add(job)
            return False
        self.accepted.effects.add(job)
        return True


def closed(load: Load) -> None:
    """Close a load whose scenario failed already, without hiding that failure."""
    with suppress(Exception):
        load.close()
