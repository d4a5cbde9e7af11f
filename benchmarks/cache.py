"""The cache as readers meet it: reads by Zipf's law, many misses at once, the minute after a flush.

    RATE_LIMIT_KEY=10000000 RATE_LIMIT_ADDRESS=10000000 ./scripts/up.sh --detach
    .venv/bin/python -m benchmarks.cache

On a running platform, by its operator: it makes four accounts with a key each (words are remembered
only once three have asked them), and revokes the keys at the end. The cache is flushed three times.

replay: 50,000 reads of foods (60 of 100) and searches, drawn with P(rank) ~ 1/rank from all 8,789
foods and 3,000 searches, into an empty cache. together: 200 clients that ask at once for what is
not there; one of their answers may say `stored`. flushed: reads at a steady rate from the moment of
a flush on, with the warming that follows it, and with the queue `cache` paused.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx2

from benchmarks.latency import quantiles
from cli.access import find_access
from cli.operator import actor, app_session, settings
from services.accounts import keys

READERS = 4
PAUSED = "/v1/admin/rules/queue/cache"
_TIMEOUT = httpx2.Timeout(45, connect=5)


@dataclass(slots=True)
class Seen:
    """What readers were answered. by_status: counts of `Cache-Status`, by what it says."""

    by_status: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def told(self) -> dict[str, Any]:
        reads = self.by_status.total()
        return {
            "reads": reads,
            "hit_rate": round(self.by_status["hit"] / reads, 4) if reads else None,
            "by_status": dict(self.by_status),
            "reads_per_second": round(reads / self.seconds, 1) if self.seconds else None,
            "ms": quantiles(self.latencies),
        }


class World:
    """All that may be asked, the most wanted first, drawn from by Zipf's law."""

    def __init__(self, foods: Sequence[str], searches: Sequence[str], seed: int) -> None:
        self._foods, self._searches = list(foods), list(searches)
        self._seed = seed
        random.Random(seed).shuffle(self._foods)
        random.Random(seed + 1).shuffle(self._searches)
        self._food_weights = list(itertools.accumulate(1 / n for n in range(1, len(foods) + 1)))
        self._search_weights = list(
            itertools.accumulate(1 / n for n in range(1, len(searches) + 1))
        )

    def paths(self, salt: int) -> Iterator[str]:
        """Endless reads; the same for the same *salt*."""
        dice = random.Random(f"{self._seed}:{salt}")
        while True:
            if dice.random() < 0.6:
                (food,) = dice.choices(self._foods, cum_weights=self._food_weights)
                yield f"/v1/foods/{food}"
            else:
                (words,) = dice.choices(self._searches, cum_weights=self._search_weights)
                yield f"/v1/foods?q={quote_plus(words)}&limit=10"


def main() -> None:
    options = _options()
    access = find_access(None, None)
    here = settings()
    with app_session(here) as session:
        made = [_key(session, f"benchmark {number}", "user") for number in range(READERS - 1)]
        made.append(_key(session, "benchmark operator", "operator"))
    try:
        clients = [_client(access.url, secret) for _, _, secret in made]
        report = measure(clients, options)
    finally:
        with app_session(here) as session:
            for owner_id, key_id, _ in made:
                keys.revoke(session, owner_id, key_id)
    print(json.dumps(report, indent=1))


def measure(clients: list[httpx2.Client], options: argparse.Namespace) -> dict[str, Any]:
    operator = clients[-1]
    world = _world(operator, options.seed)
    report: dict[str, Any] = {"seed": options.seed, "readers": READERS}
    _paused(operator, paused=True)
    try:
        _ok(operator.post("/v1/admin/cache/flush"))
        report["replay"] = _replay(clients, world, options.reads).told()
        report["cache"] = _ok(operator.get("/v1/admin/cache"))["regions"]
        report["together"] = _together(clients, options.callers)
        report["flushed_cold"] = _flushed(clients, world, options, 1).told()
    finally:
        _paused(operator, paused=False)
    _warm(operator)  # what was wanted so far is noted, whatever becomes of Redis
    report["flushed_warmed"] = _flushed(clients, world, options, 1).told()
    report["warmings"] = _ok(operator.get("/v1/admin/cache"))["warmings"]
    return report


def _replay(clients: list[httpx2.Client], world: World, reads: int) -> Seen:
    """Each reader sends its share, the next when the last is answered."""
    seen = Seen()

    def read(number: int) -> None:
        for path in itertools.islice(world.paths(number), reads // READERS):
            _read(clients[number], path, seen)

    began = time.monotonic()
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(read, range(READERS)))
    seen.seconds = time.monotonic() - began
    return seen


def _together(clients: list[httpx2.Client], callers: int) -> dict[str, Any]:
    """So many clients, a connection each, at one moment; five rounds of something new."""
    rounds = []
    for number in range(5):
        seen, ready = Seen(), threading.Barrier(callers, timeout=60)
        path = f"/v1/foods?q=whole wheat bread {number}{time.time_ns()}&limit=50"

        def ask(at: int, path: str = path, seen: Seen = seen, ready: Any = ready) -> None:
            template = clients[at % READERS]
            with _client(str(template.base_url), template.headers["Authorization"][7:]) as own:
                own.get("/livez")
                ready.wait()
                _read(own, path, seen)

        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(ask, range(callers)))
        rounds.append(dict(seen.by_status))
    return {"callers": callers, "rounds": rounds}


def _flushed(
    clients: list[httpx2.Client], world: World, options: argparse.Namespace, salt: int
) -> Seen:
    """Flush, and from then on reads at a steady rate."""
    seen = Seen()
    _ok(clients[-1].post("/v1/admin/cache/flush"))
    began = time.monotonic()
    each = READERS / options.rate

    def read(number: int) -> None:
        paths = world.paths(1_000 * salt + number)
        due = began + each * number / READERS
        while due < began + options.seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            # From when it was due: whoever is late has waited too.
            _read(clients[number], next(paths), seen, due)
            due += each

    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(read, range(READERS)))
    seen.seconds = time.monotonic() - began
    return seen


def _read(client: httpx2.Client, path: str, seen: Seen, due: float | None = None) -> None:
    began = time.monotonic() if due is None else due
    answer = client.get(path)
    seen.latencies.append(time.monotonic() - began)
    said = answer.headers.get("Cache-Status", f"status {answer.status_code}")
    words = said.removeprefix("nutrition; ").partition(";")
    seen.by_status["hit" if words[0] == "hit" else words[2].strip() or said] += 1


def _warm(operator: httpx2.Client) -> None:
    time.sleep(6)  # processes tell what they were asked every five seconds
    job = _ok(operator.post("/v1/admin/cache/warm"))
    for _ in range(600):
        if _ok(operator.get(f"/v1/jobs/{job['id']}"))["finished_at"]:
            return
        time.sleep(0.25)
    raise SystemExit("The warming did not end within 150 s: does a worker serve the queue cache?")


def _world(client: httpx2.Client, seed: int) -> World:
    """Every food, and searches by the first words of their names."""
    foods, words, cursor = [], {}, 0
    while cursor is not None:
        page = _ok(client.get("/v1/foods", params={"limit": 100, "cursor": cursor}))
        foods += [food["id"] for food in page["items"]]
        for food in page["items"]:
            words[" ".join(food["name"].lower().replace(",", " ").split()[:3])] = True
        cursor = page["next"]
    return World(foods, list(words)[:3_000], seed)


def _paused(operator: httpx2.Client, *, paused: bool) -> None:
    _ok(operator.put(PAUSED, json={"paused": paused}))


def _ok(answer: httpx2.Response) -> Any:
    if answer.status_code not in {200, 202}:
        raise SystemExit(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer.json()


def _key(session: Any, account: str, role: str) -> tuple[Any, Any, str]:
    owner = keys.find_account(session, account) or keys.create_account(session, account)
    key, secret = keys.create(session, owner.id, "benchmarks/cache.py", role, made_by=actor())
    return owner.id, key.id, secret


def _client(url: str, secret: str) -> httpx2.Client:
    return httpx2.Client(
        base_url=url, headers={"Authorization": f"Bearer {secret}"}, timeout=_TIMEOUT
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reads", type=int, default=50_000, help="of the replay")
    parser.add_argument("--callers", type=int, default=200, help="that miss one key at once")
    parser.add_argument("--seconds", type=float, default=60, help="after each flush")
    parser.add_argument("--rate", type=float, default=100, help="reads a second after a flush")
    parser.add_argument("--seed", type=int, default=13)
    return parser.parse_args()


if __name__ == "__main__":
    main()
