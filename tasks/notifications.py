"""Notifications on the queue."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

from kernel import metrics
from services import notifications
from services.jobs.retry import Outbound
from services.jobs.run import Run
from services.notifications import broadcasts, deliver
from services.notifications.channels import EMAIL, Channel
from services.notifications.channels.email import Email
from worker import runtime
from worker.handlers import handles

#: Letters between two transactions that write down how they went: what a crash sends again.
AT_ONCE = 10


@cache
def channels() -> dict[str, Channel]:
    """The channels that call the outside, on this process's settings."""
    return {EMAIL: Email.of(runtime.settings())}


@handles(notifications.FanOut)
def fan_out(job: notifications.FanOut, run: Run) -> None:
    """Tell one part of a broadcast's people, in the transaction that ends the job."""
    result: dict[str, Any] = {}
    with run.finish(result) as session:
        result["people"] = broadcasts.fan_out(session, job)


@handles(notifications.ConcludeBroadcast)
def conclude(job: notifications.ConcludeBroadcast, run: Run) -> None:
    """Look for anybody who was left out, then close the broadcast."""
    told = 0
    while True:
        with run.read() as session:
            late = broadcasts.catch_up(session, job.broadcast_id)
        if not late:
            break
        told += late
        run.progress(told, told)
    result: dict[str, Any] = {"caught_up": told}
    with run.finish(result) as session:
        result |= broadcasts.finish(session, job.broadcast_id)


@handles(notifications.DeliverNotifications)
def deliver_notifications(job: notifications.DeliverNotifications, run: Run) -> None:
    """Deliver a packet; those that cannot go now make it come again.

    One call of the channel, so that its deadline is the whole packet's; how letters went is
    written down some at a time, while it goes on.
    """
    channel = channels()[job.channel]
    with run.read() as session:
        letters = deliver.letters(session, job.delivery_ids)
    again: list[str] = []
    asked: list[float] = []
    counts: dict[str, int] = {}
    gone = (
        deliver.Sent(letter.id, outcome)
        for letter, outcome in zip(letters, channel.deliver(letters, run.read), strict=True)
    )
    for start in range(0, len(letters), AT_ONCE):
        run.progress(start, len(letters))
        sent = list(islice(gone, AT_ONCE))
        with run.read() as session:
            deliver.settle(session, sent)
        for outcome in (each.outcome for each in sent):
            metrics.DELIVERIES.labels(job.channel, outcome.state).inc()
            counts[outcome.state] = counts.get(outcome.state, 0) + 1
            if outcome.state == "again":
                again.append(outcome.reason or "It could not be delivered now.")
                asked += [] if outcome.retry_after is None else [outcome.retry_after]
    if again:
        more = f" So {len(again)} of {len(letters)}." if len(again) > 1 else ""
        raise Outbound(again[0] + more, max(asked, default=None))
    with run.finish(counts):
        pass
