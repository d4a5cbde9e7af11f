"""What durability costs: the platform's queue beside bare Celery and Procrastinate.

    python -m benchmarks.costs [--rounds N] [--only NAME …] [--json]

Starts a PostgreSQL and a Valkey of its own (fsync and synchronous commits on), lets each contestant
drain no-op jobs in turn, round after round, and prints medians, ratios beside what is required, and
the CPU of every part. Everything shares this machine's cores: believe the ratios, not the rates.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import costs_peer
from benchmarks.costs_contestants import BareCelery, Contestant, Ours, Procrastinate, Started
from benchmarks.costs_kinds import OWN, SMALL
from benchmarks.costs_report import show
from benchmarks.costs_rounds import Drained, drain, median
from embedded.engines import Engines
from embedded.errors import EmbeddedError
from migrations.run import upgrade


def main() -> None:
    options = _options()
    try:
        with _folder(options.folder) as folder, Engines(folder / "engines") as engines:
            report = measure(engines, folder, options)
    except (EmbeddedError, RuntimeError) as error:
        sys.exit(f"costs: {error}")
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)


def measure(engines: Engines, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All rounds; answers the report."""
    env = engines.env
    upgrade(env["DATABASE_OWNER_URL"], env["DATABASE_URL"])
    assert engines.postgres.pid is not None
    assert engines.queue.pid is not None
    stores = {"PostgreSQL": engines.postgres.pid, "Valkey": engines.queue.pid}
    started = Started(folder, env)
    versions: dict[str, str] = {}
    contestants = [
        one
        for one in _contestants(started, folder, options, versions)
        if not options.only or any(wanted in one.name for wanted in options.only)
    ]
    rounds: dict[str, list[Drained]] = {one.name: [] for one in contestants}
    loads = []
    for number in range(options.rounds):
        # The other way round each time: who comes first finds the machine as who comes last.
        for one in contestants if number % 2 == 0 else reversed(contestants):
            jobs = max(64, int(one.jobs * options.scale))
            loads.append(os.getloadavg()[0])
            drained = drain(one, started, stores, options.processes, jobs)
            rounds[one.name].append(drained)
            _say(f"round {number + 1}: {one.name}: {drained.per_second:,.0f} a second")
    told = {}
    for name, each in rounds.items():
        rate, cpu = median(each)
        told[name] = {
            "per_second": round(rate, 1),
            "rounds": [round(one.per_second, 1) for one in each],
            "jobs_measured": each[0].jobs,
            "cpu_us_a_job": {part: round(spent, 1) for part, spent in cpu.items()},
        }
    return {
        "setting": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "processes": options.processes,
            "rounds": options.rounds,
            "load_average": [round(min(loads), 2), round(max(loads), 2)],
            **versions,
        },
        "drained": told,
    }


def _contestants(
    started: Started, folder: Path, options: argparse.Namespace, versions: dict[str, str]
) -> Iterator[Contestant]:
    yield BareCelery(started, events=True)
    yield BareCelery(started, events=False)
    yield Ours(started, "singly", SMALL[1], 6_000)
    yield Ours(started, "singly, no events", SMALL[1], 6_000, events=False)
    yield Ours(started, "singly, own transaction", OWN, 4_000)
    yield Ours(started, "by 16", SMALL[16], 40_000)
    yield Ours(started, "by 64", SMALL[64], 80_000)
    yield Ours(started, "arriving, by 64", SMALL[64], 30_000, arriving=8)
    if options.procrastinate != "none":
        chosen = options.procrastinate
        program = Path(chosen) if chosen else costs_peer.python(folder)
        versions["procrastinate"] = costs_peer.version(program)
        url = costs_peer.database(started.environ["DATABASE_ADMIN_URL"])
        yield Procrastinate(started, program, url, options.concurrency)


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="nutrition-costs-") as made:
        # Engines started by root run as somebody else, who must reach their folders.
        Path(made).chmod(0o755)
        yield Path(made)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="of each; default 5")
    add("--processes", type=int, default=2, metavar="N", help="that execute; default 2")
    add("--scale", type=float, default=1.0, metavar="X", help="times the jobs of a round")
    add("--only", action="append", metavar="TEXT", help="those whose name has it; repeatable")
    add("--folder", type=Path, help="for servers and logs, kept; default: a temporary one")
    add(
        "--procrastinate",
        metavar="PYTHON",
        help="a Python that has it; default: installed into a fresh environment; none: left out",
    )
    add("--concurrency", type=int, default=1, metavar="N", help="of each Procrastinate process")
    add("--json", action="store_true", help="one JSON document instead of the tables")
    options = parser.parse_args()
    if min(options.rounds, options.processes, options.concurrency) < 1 or options.scale <= 0:
        parser.error("--rounds, --processes and --concurrency are 1 or more, --scale above 0")
    return options


if __name__ == "__main__":
    main()
