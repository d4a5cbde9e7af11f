"""Batches on the queue."""

from __future__ import annotations

from typing import Any

from kernel.errors import NotFound
from services.batches import AnalyzeChunk, ConcludeBatch, chunks, conclude
from services.batches.outcomes import Outcomes
from services.jobs.retry import Permanent
from services.jobs.run import Run
from services.jobs.sweep import QUARANTINE
from tasks.lines import shared
from worker import runtime
from worker.handlers import handles


@handles(AnalyzeChunk)
def analyze_chunk(job: AnalyzeChunk, run: Run) -> None:
    """Analyse the recipes of one chunk. A bad recipe is its own outcome and fails nothing else.

    So also one that kills its process: a second attempt notes each recipe before it begins it, and
    a third, before which the whole chunk would be quarantined, leaves out where that one ended.
    """
    objects, engine = runtime.objects(), runtime.engine()
    try:
        with run.read() as session:
            chunk = chunks.find(session, job.batch_id, job.number)
        lines = chunks.recipes(objects, chunk)
    except NotFound as error:
        raise Permanent(str(error)) from error
    outcomes = Outcomes()
    deadly = run.job.progress_done if run.job.lost == QUARANTINE - 1 else None
    for done, line in enumerate(lines):
        run.progress(done, chunk.recipes, at_once=run.job.lost > 0)
        if done == deadly:
            outcomes.give_up(line, chunk.first + done, "Its analysis ended its process, twice.")
        else:
            outcomes.analyse(engine, line, chunk.first + done, shared())
    key = chunks.put(objects, chunk, run.job.claim, outcomes)
    counts = {"succeeded": outcomes.succeeded, "failed": outcomes.failed}
    with run.finish(counts) as session:
        chunks.store(session, chunk, key, outcomes)


@handles(ConcludeBatch)
def conclude_batch(job: ConcludeBatch, run: Run) -> None:
    """Account for every recipe: those of chunks that ended without results have failed."""
    objects = runtime.objects()
    try:
        with run.read() as session:
            done, total = conclude.counted(session, job.batch_id)
            missing = chunks.without_results(session, job.batch_id)
    except NotFound as error:
        raise Permanent(str(error)) from error
    given_up = []
    for chunk in missing:
        run.progress(done, total)  # rises when they are stored; here it is where to stop
        outcomes = conclude.give_up(objects, chunk)
        given_up.append((chunk, chunks.put(objects, chunk, run.job.claim, outcomes), outcomes))
    result: dict[str, Any] = {}
    with run.finish(result) as session:
        for chunk, key, outcomes in given_up:
            chunks.store(session, chunk, key, outcomes)
        result.update(conclude.finish(session, job.batch_id))
