"""What an accepted submit costs, beside the least that Celery can do on the same server.

    python -m benchmarks.submits [--rounds N] [--seconds S] [--connections N [N ...]] [--json]

It starts engines of its own in a temporary folder (fsync and synchronous commit on) and two web
processes with the same granian settings on them:
  bare      a Flask view that calls Celery's `apply_async` on Valkey and answers 202 (bare.py)
  platform  POST /v1/analyses: authorised, limited, validated, committed to PostgreSQL, 202
No worker and no dispatcher runs. One client (hammer.py) loads one after the other, in turn, round
by round; medians are printed, and the ratio of rates beside the 0.8 that is required.
CPU is in µs an accepted request, of every process of that name, the client's own beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
import redis

from benchmarks.bare import QUEUE
from benchmarks.hammer import Seen, hammer
from benchmarks.latency import quantiles
from embedded.engines import Engines
from embedded.ports import free_port
from kernel.database import Database
from kernel.settings import Settings
from migrations.run import upgrade
from services.accounts import keys

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = 0.8
RECIPE = json.dumps(
    {
        "title": "Pancakes",
        "servings": 4,
        "ingredients": ["2 cups all-purpose flour, sifted", "2 large eggs", "1 1/2 cups milk"],
    }
).encode()


def main() -> None:
    options = _options()
    if options.serve_bare:
        serve_bare()
        return
    with tempfile.TemporaryDirectory(prefix="submits-") as folder, Engines(Path(folder)) as engines:
        report = measure(engines, Path(folder), options)
    print(json.dumps(report, indent=2)) if options.json else _show(report)


def measure(engines: Engines, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Both servers under both loads, in turn. Answers the report."""
    secret = _prepare(engines.env)
    environ = engines.env | {
        "RATE_LIMIT_KEY": "1000000000",
        "RATE_LIMIT_ADDRESS": "1000000000",
        "OBJECT_STORE_URL": (folder / "objects").as_uri(),
        "JWT_SECRET": secrets.token_urlsafe(48),
    }
    requests = {
        "bare": _request("/submit", ""),
        "platform": _request("/v1/analyses", f"Authorization: Bearer {secret}\r\n"),
    }
    commands = {"bare": ["benchmarks.submits", "--serve-bare"], "platform": ["web"]}
    seen: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    with (
        _server(commands["bare"], environ, folder) as bare,
        _server(commands["platform"], environ, folder) as ours,
    ):
        servers = {"bare": bare, "platform": ours}
        for number in range(options.rounds + 1):
            for connections in options.connections:
                for name, (process, port) in servers.items():
                    # The first round only warms up.
                    seconds = options.seconds if number else 1.0
                    one = _round(process, engines, port, requests[name], connections, seconds)
                    if number:
                        seen[name, connections].append(one)
                        _say(f"round {number}: {name}, {connections}: {one['per_second']:,.0f}/s")
                # Without a worker the messages would fill the memory.
                redis.Redis.from_url(engines.env["REDIS_URL"]).delete(QUEUE)
    return {
        "connections": {
            str(count): _compare(seen["bare", count], seen["platform", count])
            for count in options.connections
        },
        "required": REQUIRED,
        "rounds": options.rounds,
        "cores": os.cpu_count(),
    }


def serve_bare() -> None:
    """Serve the bare view as `python -m web` serves the platform's."""
    from web.__main__ import serve

    serve(Settings.read(), load_bare)


def load_bare(master: int) -> Any:
    from benchmarks.bare import create_app
    from web.serving import die_with

    die_with(master)
    return create_app(Settings.read().redis_url)


def _prepare(env: dict[str, str]) -> str:
    """Schema, an account, and a key of it; answers its secret."""
    upgrade(env["DATABASE_OWNER_URL"], env["DATABASE_URL"])
    database = Database(env["DATABASE_URL"], pool=1)
    with database.transaction() as session:
        _, secret = keys.create(session, keys.create_account(session, "benchmark").id, "submits")
    database.close()
    return secret


def _request(path: str, headers: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}{headers}Content-Length: {len(RECIPE)}\r\n\r\n".encode() + RECIPE


@contextmanager
def _server(
    command: list[str], environ: dict[str, str], folder: Path
) -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    log = (folder / f"{command[0]}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | environ | {"WEB_PORT": str(port)},
        stdout=log,
        stderr=log,
    )
    try:
        _await(port, process)
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait()
        log.close()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/livez", timeout=2)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"The server on port {port} did not start.")


def _round(
    server: psutil.Process,
    engines: Engines,
    port: int,
    request: bytes,
    connections: int,
    seconds: float,
) -> dict[str, Any]:
    watched = {
        "web": server,
        "postgres": psutil.Process(engines.postgres.pid),
        "valkey": psutil.Process(engines.queue.pid),
    }
    before = {name: _cpu(process) for name, process in watched.items()}
    seen: Seen = hammer(port, request, connections=connections, seconds=seconds)
    spent = {name: _cpu(process) - before[name] for name, process in watched.items()}
    count = max(len(seen.seconds), 1)
    return {
        "per_second": seen.rate,
        "ms": quantiles(seen.seconds),
        "cpu_us": {name: 1e6 * cpu / count for name, cpu in (spent | {"client": seen.cpu}).items()},
        "errors": dict(seen.errors),
    }


def _cpu(process: psutil.Process) -> float:
    """CPU seconds of a process and all below it. Servers keep theirs for a measurement's length."""
    spent = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
            spent += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return spent


def _compare(bare: list[dict[str, Any]], ours: list[dict[str, Any]]) -> dict[str, Any]:
    told = {"bare": _median(bare), "platform": _median(ours)}
    each = [b["per_second"] / a["per_second"] for a, b in zip(bare, ours, strict=True)]
    ratio = told["platform"]["per_second"] / told["bare"]["per_second"]
    return told | {"ratio": round(ratio, 2), "ratio_each_round": [round(one, 2) for one in each]}


def _median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    middle = statistics.median
    errors: dict[str, int] = defaultdict(int)
    for one in rounds:
        for name, count in one["errors"].items():
            errors[name] += count
    return {
        "per_second": round(middle(one["per_second"] for one in rounds), 0),
        "p50_ms": round(middle(one["ms"]["p50"] for one in rounds), 2),
        "p95_ms": round(middle(one["ms"]["p95"] for one in rounds), 2),
        "cpu_us": {
            name: round(middle(one["cpu_us"][name] for one in rounds))
            for name in rounds[0]["cpu_us"]
        },
        "errors": dict(errors),
    }


def _show(report: dict[str, Any]) -> None:
    print(f"\n{'':<26}{'a second':>9}{'p50 ms':>8}{'p95 ms':>8}   CPU µs a request")
    for connections, told in report["connections"].items():
        for name in ("bare", "platform"):
            one = told[name]
            spent = ", ".join(f"{who} {us}" for who, us in one["cpu_us"].items())
            print(
                f"{name + ', ' + connections + ' connections':<26}{one['per_second']:>9,.0f}"
                f"{one['p50_ms']:>8.1f}{one['p95_ms']:>8.1f}   {spent}"
                + (f"  errors {one['errors']}" if one["errors"] else "")
            )
        print(
            f"  platform / bare: {told['ratio']:.2f} (required {report['required']}); "
            f"round by round {told['ratio_each_round']}"
        )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="of each server and load; default 5")
    add("--seconds", type=float, default=3.0, help="length of a measurement; default 3")
    add("--connections", type=int, nargs="+", default=[8, 64])
    add("--json", action="store_true", help="one JSON document instead of the table")
    add("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
