"""Events accepted, ingested and counted: how many a second.

    python -m benchmarks.events [--events N] [--batch N [N ...]] [--clients N] [--json]

It starts engines of its own in a temporary folder (fsync and synchronous commit on), web, the
dispatcher and one worker process of the `analytics` queue. Clients send events over HTTP, 5 % of
them repeated and in no order, spread over 72 hours, in requests of --batch. Measured is the time
from the first request until
  accepted   the last 202: from then on nothing can be lost
  ingested   the last batch lies among the events
  counted    no hour waits to be counted, and the rollups equal a plain count, which is checked
CPU is in µs an event, of every process of that name until all are counted; the dispatcher's and the
worker's go on while nothing is to be done.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import psutil
from sqlalchemy import text

from embedded.engines import Engines
from embedded.ports import free_port
from kernel.database import Database
from migrations.run import upgrade
from services.accounts import keys

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = 5_000
HOURS = 72
REPEATED = 0.05
PROGRAMS = {
    "web": ("-m", "web"),
    "dispatcher": ("-m", "worker.dispatcher"),
    "worker": (
        *("-m", "celery", "-A", "worker.app", "worker", "-n", "events@%h", "-Q", "analytics"),
        *("--pool", "prefork", "-c", "1", "--without-gossip", "--without-mingle", "-E"),
    ),
}
_DIFFER = text("""
    SELECT count(*) FROM (
        SELECT date_trunc('hour', time) AS start, name, count(*) AS total FROM events
        WHERE owner_id = :owner GROUP BY 1, 2
    ) AS plain FULL JOIN (
        SELECT start, name, count AS total FROM event_counts
        WHERE owner_id = :owner AND grain = 'hour'
    ) AS rolled USING (start, name) WHERE plain.total IS DISTINCT FROM rolled.total
""")


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="events-") as folder,
        Engines(Path(folder)) as engines,
    ):
        report = measure(engines, Path(folder), options)
    print(json.dumps(report, indent=2)) if options.json else _show(report)


def measure(engines: Engines, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One round for each size of a request. Answers the report."""
    upgrade(engines.env["DATABASE_OWNER_URL"], engines.env["DATABASE_URL"])
    database = Database(engines.env["DATABASE_URL"], pool=2)
    port = free_port()
    environ = os.environ | engines.env
    environ |= {
        "WEB_PORT": str(port),
        "REMAP_SIGTERM": "SIGQUIT",
        "JWT_SECRET": secrets.token_urlsafe(32),
        "RATE_LIMIT_KEY": "1000000000",
        "RATE_LIMIT_ADDRESS": "1000000000",
        "OBJECT_STORE_URL": (folder / "objects").as_uri(),
    }
    with ExitStack() as stack:
        watched = {"postgres": psutil.Process(engines.postgres.pid)}
        for name, arguments in PROGRAMS.items():
            watched[name] = stack.enter_context(_running(name, arguments, environ, folder))
        _until(lambda: _serves(port), "web serves")
        _until(
            lambda: _one(database, "SELECT count(*) FROM processes WHERE role = 'worker'") > 0,
            "the worker is there",
        )
        rounds = [_round(database, watched, port, size, options) for size in options.batch]
    database.close()
    return {"rounds": rounds, "required": REQUIRED, "cores": os.cpu_count()}


def _round(
    database: Database,
    watched: dict[str, psutil.Process],
    port: int,
    size: int,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Send them all and wait; answers what a second took."""
    with database.transaction() as session:
        account = keys.create_account(session, f"events by {size}").id
        _, secret = keys.create(session, account, "events")
    events = invent(options.events, Random(size))
    bodies = [
        json.dumps({"events": events[at : at + size]}).encode()
        for at in range(0, len(events), size)
    ]
    before = {name: _cpu(process) for name, process in watched.items()}
    began = time.monotonic()
    with ThreadPoolExecutor(options.clients) as pool:
        parts = [bodies[number :: options.clients] for number in range(options.clients)]
        list(pool.map(lambda part: _send(port, secret, part), parts))
    accepted = time.monotonic() - began
    _until(lambda: _one(database, "SELECT count(*) FROM event_batches") == 0, "all are ingested")
    ingested = time.monotonic() - began
    _until(lambda: _one(database, "SELECT count(*) FROM event_marks") == 0, "all are counted")
    counted = time.monotonic() - began
    spent = {name: _cpu(process) - before[name] for name, process in watched.items()}
    with database.transaction() as session:
        differ = session.scalar(_DIFFER, {"owner": account})
        kept = session.scalar(
            text("SELECT count(*) FROM events WHERE owner_id = :id"), {"id": account}
        )
    once = len({event["id"] for event in events})
    if differ or kept != once:
        raise SystemExit(f"{kept} events of {once} are kept; {differ} hours are counted wrongly.")
    return {
        "batch": size,
        "sent": len(events),
        "kept": kept,
        "accepted_per_second": round(len(events) / accepted),
        "ingested_per_second": round(len(events) / ingested),
        "counted_after_seconds": round(counted - accepted, 1),
        "cpu_us": {name: round(1e6 * cpu / len(events)) for name, cpu in spent.items()},
    }


def invent(count: int, dice: Random) -> list[dict[str, Any]]:
    """*count* events in no order, 5 % of which are there before."""
    end = datetime.now(UTC)
    events: list[dict[str, Any]] = []
    for number in range(count):
        if events and dice.random() < REPEATED:
            events.append(dice.choice(events))
            continue
        time = end - timedelta(milliseconds=dice.randrange(HOURS * 3_600_000))
        event = {
            "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            "name": dice.choice(["recipe.opened", "recipe.saved", "search.done"]),
            "time": time.isoformat(),
            "properties": {"from": "search", "position": number % 20},
        }
        events.append(event)
    dice.shuffle(events)
    return events


def _send(port: int, secret: str, bodies: Sequence[bytes]) -> None:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
        for body in bodies:
            answer = http.post("/v1/events", content=body)
            if answer.status_code != 202:
                raise SystemExit(f"{answer.status_code}: {answer.text}")


@contextmanager
def _running(
    name: str, arguments: Sequence[str], environ: dict[str, str], folder: Path
) -> Iterator[psutil.Process]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _cpu(process: psutil.Process) -> float:
    """CPU seconds of a process and all below it."""
    spent = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
            spent += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return spent


def _one(database: Database, statement: str) -> int:
    with database.transaction() as session:
        return int(session.scalars(text(statement)).one())


def _serves(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/livez", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False


def _until(happened: Any, what: str, seconds: float = 300) -> None:
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            raise SystemExit(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def _show(report: dict[str, Any]) -> None:
    print(f"{'events a request':>16}{'sent':>9}{'kept':>9}{'accepted/s':>12}{'ingested/s':>12}")
    for one in report["rounds"]:
        print(
            f"{one['batch']:>16}{one['sent']:>9,}{one['kept']:>9,}"
            f"{one['accepted_per_second']:>12,}{one['ingested_per_second']:>12,}"
            f"   counted {one['counted_after_seconds']} s after the last was accepted"
        )
        spent = ", ".join(f"{who} {us}" for who, us in one["cpu_us"].items())
        print(f"{'':>16}CPU µs an event: {spent}")
    print(f"Required: {report['required']:,} a second. {report['cores']} cores.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--events", type=int, default=100_000, help="of each round; default 100,000")
    add("--batch", type=int, nargs="+", default=[1_000, 100])
    add("--clients", type=int, default=4)
    add("--json", action="store_true", help="one JSON document instead of the table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
