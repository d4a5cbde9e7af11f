"""How a running web process carries sleepers: streams of events, `Prefer: wait`, many clients.

    python -m benchmarks.streams [--streams N] [--waiters N] [--clients N] [--json]

It opens the sleepers, each on a job of its own, and starts nothing but these clients. Jobs must
stay queued meanwhile, so no worker may run: in an installation,
`supervisorctl stop platform:worker-interactive` first, and raised limits (RATE_LIMIT_KEY=1000000
RATE_LIMIT_ADDRESS=1000000 MAX_PER_ACCOUNT=2000). Each measurement has:
  pss_mb    of the largest process that listens on the platform's port (Linux, this machine)
  get_ms    GET of a job beside the sleepers, one after the other
  wake_ms   from sending a job's cancellation until its sleeper has the news: the request, its
            commit and the wake-up together
  lost      sleepers that were refused, broken, or never told, by what happened
The load and the platform share the machine's cores. Do not point it at an installation in use.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

from benchmarks.connection import Connection
from benchmarks.latency import quantiles
from cli.access import Access, find_access
from cli.exits import CommandFailed

T = TypeVar("T")

#: Requests under way at once while sleepers are opened and woken.
AT_ONCE = 32
#: Sleepers whose wake-up is timed, one after the other; the rest are woken together.
SAMPLES = 200
#: Seconds that anything may take: a wait lasts 30 of them.
PATIENCE = 60.0
RECIPE = json.dumps({"ingredients": ["1 cup milk"]}).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="the platform; found like `nutrition` finds it")
    parser.add_argument("--key", help="an API key")
    parser.add_argument("--streams", type=int, default=2000, metavar="N", help="0: left out")
    parser.add_argument("--waiters", type=int, default=1000, metavar="N")
    parser.add_argument("--clients", type=int, default=1000, metavar="N")
    parser.add_argument("--seconds", type=float, default=10, help="of the ordinary clients")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        access = find_access(options.url, options.key)
        report = asyncio.run(Sleepers(access).measure(options))
    except (CommandFailed, OSError) as error:
        sys.exit(f"streams: {error}")
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, told in report.items():
        print(name)
        for what, value in told.items():
            print(f"  {what:<10} {value}")


class Sleepers:
    """The measurements, one after the other, on one platform."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._control: Connection

    async def measure(self, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
        self._control = await self._connect()
        told: dict[str, dict[str, Any]] = {}
        jobs = await self._submit(1)
        told["at rest"] = {"pss_mb": self._pss(), "get_ms": await self._gets(jobs[0])}
        await self._cancel(jobs[0])
        if options.streams:
            told[f"{options.streams} streams"] = await self._streams(options.streams)
        if options.waiters:
            told[f"{options.waiters} waiters"] = await self._waiters(options.waiters)
        if options.clients:
            name = f"{options.clients} clients, reading a job"
            told[name] = await self._clients(options.clients, options.seconds)
        return told

    async def _streams(self, count: int) -> dict[str, Any]:
        jobs = await self._submit(count)
        listening: dict[str, asyncio.Event] = {job: asyncio.Event() for job in jobs}
        ended: dict[str, float] = {}
        lost: Counter[str] = Counter()

        async def listen(job: str) -> None:
            try:
                connection = await self._connect()
                try:
                    async for event in connection.events(f"/v1/jobs/{job}/events"):
                        listening[job].set()
                        if event == "cancelled":
                            ended[job] = time.perf_counter()
                        elif event != "queued":
                            lost[f"a worker was there: {event}"] += 1
                finally:
                    connection.close()
            except (OSError, EOFError, ValueError) as error:
                lost[str(error) or type(error).__name__] += 1
            finally:
                listening[job].set()

        tasks = [asyncio.create_task(listen(job)) for job in jobs]
        for one in listening.values():
            await asyncio.wait_for(one.wait(), PATIENCE)
        told = await self._woken(jobs, ended, lambda: asyncio.wait(tasks, timeout=PATIENCE))
        return told | {"lost": _missing(lost, count - len(ended))}

    async def _waiters(self, count: int) -> dict[str, Any]:
        ended: dict[str, float] = {}
        lost: Counter[str] = Counter()

        async def wait() -> None:
            try:
                connection = await self._connect()
                answer = await connection.ask("POST", "/v1/analyses", body, {"Prefer": "wait=30"})
                connection.close()
                if "preference-applied" not in answer.headers:
                    lost[f"{answer.status}, declined"] += 1
                elif (job := json.loads(answer.body)).get("state") == "cancelled":
                    ended[job["id"]] = time.perf_counter()
                else:
                    lost[f"{answer.status}, {job.get('state', 'done')}"] += 1
            except (OSError, EOFError, ValueError) as error:
                lost[str(error) or type(error).__name__] += 1

        run = str(time.time_ns())
        body = json.dumps({"ingredients": ["1 cup milk"], "metadata": {"run": run}}).encode()
        tasks = [asyncio.create_task(wait()) for _ in range(count)]
        while len(jobs := await self._queued(run)) < count - sum(lost.values()):
            await asyncio.sleep(0.1)
        told = await self._woken(jobs, ended, lambda: asyncio.wait(tasks, timeout=PATIENCE))
        return told | {"lost": _missing(lost, count - len(ended))}

    async def _woken(
        self, jobs: list[str], ended: dict[str, float], all_ended: Callable[[], Awaitable[Any]]
    ) -> dict[str, Any]:
        """Look at the sleepers, then wake some one by one, and the others together."""
        told: dict[str, Any] = {"pss_mb": self._pss(), "get_ms": await self._gets(jobs[-1])}
        sent: dict[str, float] = {}
        for job in jobs[:SAMPLES]:
            sent[job] = time.perf_counter()
            await self._cancel(job)
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        await self._each(jobs[SAMPLES:], lambda http, job: http.ask("DELETE", f"/v1/jobs/{job}"))
        await all_ended()
        told["wake_ms"] = quantiles([ended[job] - at for job, at in sent.items() if job in ended])
        told["rest_s"] = round(time.perf_counter() - began, 2)
        return told

    async def _clients(self, count: int, seconds: float) -> dict[str, Any]:
        """Clients that ask again as soon as they are answered."""
        (job,) = await self._submit(1)
        connections = [await self._connect() for _ in range(count)]
        took: list[float] = []
        other: Counter[str] = Counter()
        ends = time.perf_counter() + seconds

        async def read(connection: Connection) -> None:
            try:
                while (began := time.perf_counter()) < ends:
                    answer = await connection.ask("GET", f"/v1/jobs/{job}")
                    if answer.status == 200:
                        took.append(time.perf_counter() - began)
                    else:
                        other[str(answer.status)] += 1
            except (OSError, EOFError) as error:
                other[type(error).__name__] += 1
            connection.close()

        await asyncio.gather(*(read(connection) for connection in connections))
        told = {"pss_mb": self._pss(), "get_ms": quantiles(took)}
        # The platform has closed the one that asked nothing meanwhile.
        self._control = await self._connect()
        await self._cancel(job)
        return told | {"a_second": round(len(took) / seconds, 1), "lost": dict(other)}

    async def _submit(self, count: int) -> list[str]:
        async def one(http: Connection, _: int) -> str:
            answer = await http.ask("POST", "/v1/analyses", RECIPE)
            if answer.status != 202:
                raise CommandFailed(f"a submission was answered {answer.status}: {answer.body!r}")
            return str(json.loads(answer.body)["id"])

        return await self._each(range(count), one)

    async def _cancel(self, job: str) -> None:
        answer = await self._control.ask("DELETE", f"/v1/jobs/{job}")
        if answer.status != 200:
            raise CommandFailed(f"{job} was not queued any more: do workers run? {answer.body!r}")

    async def _queued(self, run: str) -> list[str]:
        """The jobs whose metadata name this *run*: they are the newest."""
        jobs: list[str] = []
        path = "/v1/jobs?state=queued&limit=200"
        while True:
            page = json.loads((await self._control.ask("GET", path)).body)
            found = [item["id"] for item in page["items"] if item["metadata"].get("run") == run]
            jobs += found
            if not page["next"] or len(found) < len(page["items"]):
                return jobs
            path = f"/v1/jobs?state=queued&limit=200&cursor={page['next']}"

    async def _gets(self, job: str) -> dict[str, float]:
        took = []
        for _ in range(SAMPLES):
            began = time.perf_counter()
            await self._control.ask("GET", f"/v1/jobs/{job}")
            took.append(time.perf_counter() - began)
        return quantiles(took)

    async def _each(
        self, items: Iterable[Any], work: Callable[[Connection, Any], Awaitable[T]]
    ) -> list[T]:
        """What *work* answers for each of *items*, in order, on AT_ONCE connections."""
        waiting = list(enumerate(items))
        done: dict[int, T] = {}

        async def some() -> None:
            http = await self._connect()
            while waiting:
                number, item = waiting.pop()
                done[number] = await work(http, item)
            http.close()

        await asyncio.gather(*(some() for _ in range(min(AT_ONCE, len(waiting)))))
        return [done[number] for number in sorted(done)]

    async def _connect(self) -> Connection:
        return await Connection.open(self._access.url, self._access.key)

    def _pss(self) -> float | None:
        port = urlsplit(self._access.url).port
        listening = {
            found.pid
            for found in psutil.net_connections("tcp")
            if found.status == psutil.CONN_LISTEN and found.laddr[1:] == (port,) and found.pid
        }
        each = [getattr(psutil.Process(p).memory_full_info(), "pss", 0) for p in listening]
        return round(max(each) / 2**20, 1) if any(each) else None


def _missing(lost: Counter[str], missing: int) -> dict[str, int]:
    """What is known of the *missing* ones."""
    untold = missing - sum(lost.values())
    return dict(lost) | ({"never told": untold} if untold > 0 else {})


if __name__ == "__main__":
    main()
