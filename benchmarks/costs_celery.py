"""Bare Celery, the yardstick: `celery -A benchmarks.costs_celery`, and a program that publishes.

    python -m benchmarks.costs_celery COUNT     # publish COUNT no-op tasks

Late acknowledgement, prefetch and events as the platform's workers have them. It has no time
limits and no log lines, which the platform has: the yardstick is not made slower than it must be.
"""

from __future__ import annotations

import os
import sys

from celery import Celery

QUEUE = "bare"

app = Celery("bare", broker=os.environ.get("REDIS_URL"))
app.conf.update(
    task_default_queue=QUEUE,
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=os.environ.get("COSTS_EVENTS") != "off",
    task_track_started=True,
    worker_max_tasks_per_child=5_000,
    broker_connection_retry_on_startup=True,
)


@app.task(name="bare.no_op")
def no_op(number: int) -> None:
    """Do nothing."""


def publish(count: int) -> None:
    """Publish *count* tasks on one connection."""
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(count):
            no_op.apply_async((number,), producer=producer)


if __name__ == "__main__":
    publish(int(sys.argv[1]))
