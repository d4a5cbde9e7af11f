"""Slots of the tests' own schedule: which fired, and whether each did so once and in time."""

from __future__ import annotations

from tests.faults.kinds import PERIOD, TICK
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually


def fired(stage: Stage) -> list[int]:
    """The slots whose job has ended, in order; a slot that fired twice stands there twice."""
    rows = stage.rows(
        """SELECT CAST(metadata->>'slot' AS bigint) AS slot FROM jobs_archive
        WHERE metadata->>'entry' = :entry AND state = 'succeeded' ORDER BY slot""",
        entry=TICK.name,
    )
    return [row.slot for row in rows]


def more(stage: Stage, slots: int) -> None:
    """Wait until so many more have fired and ended."""
    enough = len(fired(stage)) + slots
    eventually(f"{slots} slots more", lambda: len(fired(stage)) >= enough, 60)


def judge(stage: Stage, report: Report, *, missed: int | None = 0) -> None:
    """Each slot once, on the grid, not before its time by the database's clock.

    missed: slots that may be left out, while nobody could fire them; None: any number.
    """
    slots = fired(stage)
    report.figures["slots fired"] = len(slots)
    report.equal("slots that fired twice", 0, len(slots) - len(set(slots)))
    gaps = (slots[-1] - slots[0]) // PERIOD + 1 - len(set(slots))
    if missed is not None:
        report.holds("slots missed", f"at most {missed}", gaps, gaps <= missed)
    wrong = stage.rows(
        """SELECT metadata->>'slot' AS slot, min(at) AS at, count(*) AS effects
        FROM faults.effects JOIN jobs_archive ON jobs_archive.id = job_id
        WHERE metadata->>'entry' = :entry
        GROUP BY metadata->>'slot'
        HAVING count(*) > 1 OR min(at) < to_timestamp(CAST(metadata->>'slot' AS bigint))
            OR CAST(metadata->>'slot' AS bigint) % :period <> 0""",
        entry=TICK.name,
        period=PERIOD,
    )
    report.none("slots that ran twice, early or off the grid", wrong)
