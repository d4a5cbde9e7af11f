"""Threads: Celery's pool of them, which ends in order."""

from __future__ import annotations

from typing import Any

from celery.concurrency.thread import TaskPool as CeleryTaskPool


class TaskPool(CeleryTaskPool):
    """Named in supervisord.conf as the custom pool of worker-notifications."""

    def terminate_job(self, pid: int, signal: Any = None) -> None:
        """Nothing: a thread cannot be ended. Its claim can, and is (`runtime.Process`).

        Celery's own raises NotImplementedError here, and the worker's stop with it.
        """
