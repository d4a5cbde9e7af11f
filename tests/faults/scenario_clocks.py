"""Clocks of hosts that are an hour off: all times are the database's, so nothing is early or twice.

The clocks are shifted by libfaketime, which is a package of Debian's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.faults import slots
from tests.faults.accounts import losses, settle
from tests.faults.load import Load, closed
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

_PLACES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1")
_MIXTURE = {"analysis": 30, "effect": 30, "later": 35, "flaky": 4, "steps": 1}


def library() -> Path | None:
    """Where libfaketime is installed, or None."""
    found = [path for place in _PLACES for path in Path("/").glob(place.lstrip("/"))]
    return found[0] if found else None


def shifted(shifts: Mapping[str, str], library: Path) -> dict[str, dict[str, str]]:
    """Variables for the programs of *shifts*, such as {"beat": "+1h"}; see `Supervised`."""
    return {
        name: {
            "LD_PRELOAD": str(library),
            "FAKETIME": shift,
            # A clock that is wrong, not one that jumps: waiting is as long as ever.
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        for name, shift in shifts.items()
    }


def an_hour_off(stage: Stage, dice: Random, *, count: int) -> Report:
    """*count* jobs, a third of them scheduled, on a platform whose clocks are shifted already."""
    stage = stage.fresh()
    report = Report(f"Clocks an hour off, {count:,} jobs")
    load = Load(stage, dice, jobs=count, mixture=_MIXTURE)
    try:
        eventually("all were accepted", lambda: load.done, 300)
    finally:
        closed(load)
    settle(stage, report, load.accepted)
    slots.more(stage, 3)
    slots.judge(stage, report)
    report.equal("jobs counted as lost", 0, losses(stage)["lost"])
    off = stage.rows(
        """SELECT id FROM jobs_archive WHERE finished_at NOT BETWEEN created_at AND now()
            OR started_at NOT BETWEEN created_at AND finished_at LIMIT 5"""
    )
    report.none("jobs whose recorded times are not the database's", off)
    return report
