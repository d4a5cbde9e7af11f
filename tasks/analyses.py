"""Analyses on the queue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.errors import Invalid
from services import analyses
from services.analyses import compute
from services.analyses.region import LINES
from services.jobs.retry import Permanent
from services.jobs.run import Done, Run
from tasks import lines
from worker import runtime
from worker.handlers import handles_small


@handles_small(analyses.Analyze)
def analyze(job: analyses.Analyze, run: Run) -> Done:
    """Compute an analysis and keep it; the job's own result is its summary."""
    try:
        document = compute.analyse(runtime.engine(), job, lines.shared())
    except Invalid as error:
        # What the engine refuses once, it refuses always.
        raise Permanent(str(error)) from error
    for text in compute.texts(job):
        lines.tally().wanted_text(LINES.name, text, run.job.owner_id)
    summary = compute.summary(document)
    days = runtime.settings().retention_days

    def keep(session: Session) -> None:
        analyses.keep(session, run.job.id, run.job.owner_id, document, summary, days)

    return Done(summary, keep)
