"""Analytics on the queue."""

from __future__ import annotations

from functools import partial

from services import analytics
from services.analytics import ingest, rollup
from services.jobs.retry import Snooze
from services.jobs.run import Done, Run
from worker.handlers import handles, handles_small

#: Seconds until one comes again that met another at work.
TURN = 3.0


@handles_small(analytics.IngestEvents)
def ingest_events(job: analytics.IngestEvents, run: Run) -> Done:
    """Ingest one batch, with the end of its job; or give new jobs to those that lost theirs."""
    if job.batch_id is None:
        return Done(effects=ingest.find_left_behind)
    return Done(effects=partial(ingest.ingest, batch_id=job.batch_id))


@handles(analytics.RollUp)
def roll_up(_: analytics.RollUp, run: Run) -> None:
    """Count what is marked, pass by pass, each of which may be repeated."""
    hours, left = 0, True
    while left:
        try:
            with run.read() as session:
                rolled = rollup.roll_up(session)
        except rollup.Busy:
            raise Snooze(TURN, "another rollup is at work") from None
        hours, left = hours + rolled.hours, rolled.left
        run.progress(hours, hours)
    with run.finish({"hours": hours}):
        pass
