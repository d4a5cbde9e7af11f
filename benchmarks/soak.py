"""Faults at full counts: kill, freeze and cut off everything, and account for every accepted job.

    python -m benchmarks.soak [--scenario NAME …] [--seed N] [--scale X] [--json]

Starts engines (durable) and the whole platform for each scenario, with the settings' defaults, and
prints the seed and every finding beside what is required. Exits with 1 where one does not hold.
The scenarios are those of tests/faults, which runs them at reduced counts. All of it takes about
an hour and a half on two cores; the clocks are shifted where libfaketime is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random

from benchmarks.soak_scenarios import Scenario, scenarios
from embedded.engines import Engines
from embedded.errors import EmbeddedError
from kernel.database import Database
from kernel.redis import BestEffort, client
from kernel.settings import Settings
from migrations.run import upgrade
from services.catalogue.load import load
from services.jobs.hints import Hints
from tests.faults.report import Report
from tests.faults.stage import opened

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    options = _options()
    known = scenarios()
    chosen = [one for one in known if not options.scenario or one.name in options.scenario]
    reports: list[Report] = []
    for one in chosen:
        _say(f"== {one.name}, seed {options.seed}, load {os.getloadavg()[0]:.1f}")
        began = time.monotonic()
        try:
            for report in play(one, options.seed, options.scale):
                report.figures["seconds"] = round(time.monotonic() - began)
                began = time.monotonic()
                reports.append(report)
                _say(str(report))
        except (AssertionError, EmbeddedError) as error:
            broken = Report(one.name)
            broken.none("what stopped the scenario", [error])
            reports.append(broken)
            _say(str(broken))
    if options.json:
        print(json.dumps({"seed": options.seed, "reports": [asdict(one) for one in reports]}))
    wrong = sum(not each.holds for one in reports for each in (*one.findings, *one.speeds))
    _say(f"{len(reports)} scenarios, seed {options.seed}: {wrong} findings do not hold")
    sys.exit(1 if wrong else 0)


def play(scenario: Scenario, seed: int, scale: float) -> Iterator[Report]:
    """One scenario on engines and a platform of its own."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        (folder / "platform").mkdir()
        with Engines(folder / "engines") as engines:
            settings = _settings(engines, folder)
            hints = Hints(BestEffort(client(settings.redis_url, timeout=1)))
            database = Database(settings.database_url, pool=8, announce=hints.send)
            try:
                with opened(
                    engines, settings, database, folder / "platform", **scenario.options
                ) as stage:
                    yield from scenario.play(stage, Random(seed), scale)
            finally:
                database.close()


def _settings(engines: Engines, folder: Path) -> Settings:
    """Schema and catalogue are made; answers the settings on those engines."""
    env = engines.env
    upgrade(env["DATABASE_OWNER_URL"], env["DATABASE_URL"])
    owner = Database(env["DATABASE_OWNER_URL"], pool=1, idle_seconds=300)
    with owner.transaction() as session:
        load(session, ROOT / "data" / "sr28.npz")
    owner.close()
    return Settings.read(
        env
        | {
            "OBJECT_STORE_URL": (folder / "objects").as_uri(),
            "DATA_FOLDER": str(ROOT / "data"),
            "WORK_FOLDER": str(folder / "work"),
            "JWT_SECRET": secrets.token_hex(32),
        }
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__.split("\n")[0])
    names = [one.name for one in scenarios()]
    parser.add_argument("--scenario", nargs="+", choices=names, help="only these")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of all dice")
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts; 1 is the table")
    parser.add_argument("--json", action="store_true", help="print the reports as JSON as well")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
