"""Webhooks on the queue."""

from __future__ import annotations

from functools import cache

from kernel import metrics
from kernel.outbound import Outside
from services import webhooks
from services.jobs.retry import Snooze
from services.jobs.run import Run
from services.webhooks import sending
from worker import runtime
from worker.handlers import handles


@cache
def outside() -> Outside:
    """Where webhooks go."""
    return Outside(loopback=runtime.settings().outbound_loopback)


@handles(webhooks.DeliverWebhook)
def deliver(job: webhooks.DeliverWebhook, run: Run) -> None:
    """Call the endpoint once. An attempt that fails is logged, and tried again by its policy."""
    with run.read() as session:
        letter = sending.letter(session, job.delivery_id)
    if letter is None or not letter.enabled:
        with run.finish({"skipped": "The endpoint was removed or disabled."}) as session:
            sending.skip(session, job.delivery_id)
        return
    if letter.held:
        raise Snooze(letter.held, "the endpoint asked to be left alone")
    ids = {"X-Request-Id": run.job.correlation_id, "traceparent": run.job.traceparent}
    context = {name: value for name, value in ids.items() if value is not None}
    outcome = sending.send(letter, outside(), context)
    state = "delivered" if outcome.delivered else "failed" if outcome.hopeless else "again"
    metrics.DELIVERIES.labels("webhook", state).inc()
    if not outcome.delivered:
        with run.read() as session:
            sending.record(session, letter, outcome)
        raise outcome.problem()
    # Two attempts may have met the endpoint; this job has ended once.
    with run.finish({"status": outcome.status}) as session:
        sending.record(session, letter, outcome)
