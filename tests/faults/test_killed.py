"""Whatever is killed: every accepted job ends, and each result is stored once."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx2
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import Unavailable
from tests.processes import eventually
from tests.supervised import Supervised

JOBS = 1_000
RECIPE = {"servings": 4, "ingredients": ["2 cups flour", "1 egg", "100 g sugar", "1 tsp salt"]}


class Client:
    """Submits until JOBS were accepted, from several threads, through every outage.

    A request without an answer is sent again under its Idempotency-Key, as a careful client does.
    """

    def __init__(self, platform: Supervised, key: str) -> None:
        self.accepted: set[uuid.UUID] = set()
        self.errors: list[str] = []
        self._url = platform.url
        self._headers = {"Authorization": f"Bearer {key}"}
        self._numbers = count()
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(6)
        self._threads = [self._pool.submit(self._submit) for _ in range(6)]

    def _submit(self) -> None:
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=10) as http:
            while not self._over.is_set() and next(self._numbers) < JOBS:
                name = str(uuid.uuid4())
                while not self._over.is_set():
                    if self._once(http, name):
                        break
                    self._over.wait(0.05)

    def _once(self, http: httpx2.Client, name: str) -> bool:
        try:
            answer = http.post(
                "/v1/analyses", json=RECIPE | {"title": name}, headers={"Idempotency-Key": name}
            )
        except httpx2.TransportError:
            return False
        if answer.status_code == 202:
            self.accepted.add(uuid.UUID(answer.headers["Location"].rsplit("/", 1)[1]))
            return True
        if answer.status_code not in {409, 503}:
            self.errors.append(f"{answer.status_code} {answer.text[:200]}")
        return False

    def close(self) -> None:
        self._over.set()
        self._pool.shutdown(wait=True)


def ended(database: Database) -> int:
    try:
        with database.transaction() as session:
            return int(
                session.scalar(
                    text("SELECT count(*) FROM jobs_archive WHERE kind = 'analyses.analyze'")
                )
                or 0
            )
    except Unavailable:
        return -1


def test_every_accepted_job_ends_and_is_stored_once_whatever_is_killed(
    platform, key, database, engines
):
    """1,000 jobs; SIGKILL of a worker child, a worker, the dispatcher, web, Valkey, PostgreSQL."""

    def worker_child() -> None:
        platform.children("worker-interactive")[0].kill()

    def worker() -> None:
        platform.kill("worker-interactive")

    def dispatcher() -> None:
        platform.kill("dispatcher")

    def web() -> None:
        platform.kill("web")

    def valkey_restarted_empty() -> None:
        engines.queue.kill()
        engines.queue.start(empty=True)

    def postgres() -> None:
        engines.postgres.kill()
        engines.postgres.start()

    kills = (worker_child, worker, dispatcher, web, valkey_restarted_empty, postgres)
    client = Client(platform, key)
    try:
        for number, kill in enumerate(kills, start=1):
            enough = number * JOBS // (len(kills) + 2)
            eventually(f"{enough} jobs ended", lambda n=enough: ended(database) >= n, 120)
            kill()
        eventually("all were accepted", lambda: len(client.accepted) >= JOBS, 180)
        eventually("all ended", lambda: ended(database) >= JOBS, 180)
    finally:
        client.close()

    assert client.errors == []
    with database.transaction() as session:
        states = dict(
            session.execute(
                text("""
                    SELECT state, count(*) FROM jobs_archive WHERE kind = 'analyses.analyze'
                    GROUP BY state
                """)
            ).all()
        )
        stored = set(session.scalars(text("SELECT id FROM analyses")))
        finals = session.scalars(
            text("""
                SELECT job_id FROM job_events JOIN jobs_archive ON jobs_archive.id = job_id
                WHERE name = 'succeeded' AND kind = 'analyses.analyze'
            """)
        ).all()
    assert states == {"succeeded": JOBS}
    assert stored == client.accepted
    assert sorted(finals) == sorted(client.accepted)
