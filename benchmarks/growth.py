"""Whether a full archive slows the queue down, and what retention costs.

    python -m benchmarks.growth [--jobs 10_000_000] [--rounds N] [--folder DIR] [--json]

Starts a PostgreSQL of its own with two databases: one with an empty archive, one with --jobs
finished jobs over 30 day partitions (made by the server; only then is fsync off). Then it works on
both in turn, by the platform's own functions: accepts jobs with a commit each, takes, claims and
ends them, and looks finished ones up. At last retention drops the partitions.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url, text

from benchmarks import costs_cpu, growth_archive
from benchmarks.growth_work import Work
from embedded.engines import Engines
from embedded.errors import EmbeddedError
from kernel.database import Database
from migrations.run import upgrade
from services.upkeep.retention import drop_partitions

DAYS = 30
#: Change allowed by issue 12, part 8.
ALLOWED = 0.10
#: What is measured: name → unit.
MEASURED = {
    "submit": "jobs/s",
    "claim and finish": "jobs/s",
    "look-up by id": "ms",
    "newest of an owner": "ms",
    "PostgreSQL CPU": "µs/job",
}


def main() -> None:
    options = _options()
    try:
        with _folder(options.folder) as folder:
            report = measure(folder, options)
    except EmbeddedError as error:
        sys.exit(f"growth: {error}")
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Fill, measure in turn, drop; answers the report."""
    began = time.perf_counter()
    with Engines(folder / "engines", durable=False) as engines:
        urls = _databases(engines.env)
        growth_archive.fill(urls["grown"][0], options.jobs, DAYS, _say)
    filled = time.perf_counter() - began
    with Engines(folder / "engines") as engines:
        urls = _databases(engines.env)
        jobs, events, table_bytes, index_bytes = growth_archive.size(urls["grown"][0])
        assert engines.postgres.pid is not None
        seen = _rounds(urls, engines.postgres.pid, options)
        retention = _retention(urls["grown"][1])
        left = growth_archive.size(urls["grown"][0])[0]
    return {
        "setting": {
            "python": platform.python_version(),
            "rounds": options.rounds,
            "jobs_a_round": options.batch,
            "fill_seconds": round(filled, 1),
        },
        "archive": {
            "jobs": jobs,
            "events": events,
            "tables_gb": round(table_bytes / 2**30, 2),
            "indexes_gb": round(index_bytes / 2**30, 2),
        },
        "measured": seen,
        "retention": {**retention, "jobs_left": left},
    }


def _rounds(
    urls: dict[str, tuple[str, str]], server: int, options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    seen: dict[str, dict[str, list[float]]] = {
        what: {name: [] for name in urls} for what in MEASURED
    }
    works = {name: Work(app) for name, (_, app) in urls.items()}
    for number in range(options.rounds + 1):
        # The other way round each time; the first round warms up and is not counted.
        for name in urls if number % 2 else reversed(urls):
            before = costs_cpu.spent({"PostgreSQL": server})
            told = works[name].round(options.batch)
            after = costs_cpu.spent({"PostgreSQL": server})
            told["PostgreSQL CPU"] = costs_cpu.each(before, after, options.batch)["PostgreSQL"]
            if number:
                for what, value in told.items():
                    seen[what][name].append(value)
    for work in works.values():
        work.close()
    measured = {}
    for what, by_name in seen.items():
        empty, grown = (statistics.median(by_name[name]) for name in ("empty", "grown"))
        pairs = zip(by_name["empty"], by_name["grown"], strict=True)
        measured[what] = {
            "empty": round(empty, 3),
            "grown": round(grown, 3),
            # Of neighbours in time: what others do to the machine meets both alike.
            "change": round(statistics.median(b / a for a, b in pairs) - 1, 4),
        }
    return measured


def _retention(app_url: str) -> dict[str, Any]:
    """Drop all days but the last, as the platform's upkeep does; what it took."""
    database = Database(app_url, pool=1, idle_seconds=60)
    began = time.perf_counter()
    with database.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        dropped = drop_partitions(session, timedelta(days=1))
    took = time.perf_counter() - began
    database.close()
    return {"partitions": dropped, "seconds": round(took, 3)}


def _databases(env: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Name → addresses for owner and platform, of two migrated databases on one server."""
    owner, app = make_url(env["DATABASE_OWNER_URL"]), make_url(env["DATABASE_URL"])
    with psycopg.connect(env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        urls = {}
        for name in ("empty", "grown"):
            if not admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
            ).fetchone():
                admin.execute(f"CREATE DATABASE {name} TEMPLATE nutrition OWNER {owner.username}")
            urls[name] = (
                owner.set(database=name).render_as_string(hide_password=False),
                app.set(database=name).render_as_string(hide_password=False),
            )
    for owner_url, app_url in urls.values():
        upgrade(owner_url, app_url)
    return urls


def show(report: dict[str, Any]) -> None:
    """Print it for people."""
    setting, archive = report["setting"], report["archive"]
    print(
        f"\n{archive['jobs']:,} finished jobs and {archive['events']:,} events in {DAYS} days: "
        f"{archive['tables_gb']} GB and {archive['indexes_gb']} GB of indexes, filled in "
        f"{setting['fill_seconds']} s; {setting['rounds']} rounds of {setting['jobs_a_round']} jobs"
    )
    print(f"\n{'medians':<26}{'unit':>8}{'empty':>11}{'grown':>11}{'change':>9}")
    for what, told in report["measured"].items():
        met = ""
        if MEASURED[what] == "jobs/s":
            met = "  met" if told["change"] > -ALLOWED else "  short"
        print(
            f"{what:<26}{MEASURED[what]:>8}{told['empty']:>11,.2f}{told['grown']:>11,.2f}"
            f"{told['change']:>+9.1%}{met}"
        )
    retention = report["retention"]
    print(
        f"\nretention dropped {retention['partitions']} partitions in {retention['seconds']} s; "
        f"{retention['jobs_left']:,} jobs are left"
    )


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="nutrition-growth-") as made:
        Path(made).chmod(0o755)  # PostgreSQL runs as somebody lesser where root starts it
        yield Path(made)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--jobs", type=int, default=10_000_000, help="finished jobs; default 10_000_000 (10 GB)")
    add("--rounds", type=int, default=40, help="on each database; default 40")
    add("--batch", type=int, default=100, help="jobs of a round; default 100")
    add("--folder", type=Path, help="a new folder for the server; default: a temporary one")
    add("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args()
    if options.jobs < DAYS or min(options.rounds, options.batch) < 1:
        parser.error(f"--jobs is at least {DAYS}, --rounds and --batch are 1 or more")
    return options


if __name__ == "__main__":
    main()
