"""The platform's Celery application with the no-op kinds: `celery -A benchmarks.costs_worker`.

COSTS_EVENTS=off leaves task events out, to show what they cost.
"""

from __future__ import annotations

import os

import benchmarks.costs_kinds  # first: worker.app registers the kinds that it finds
from worker.app import app

if os.environ.get("COSTS_EVENTS") == "off":
    app.conf.worker_send_task_events = False

__all__ = ["app", "benchmarks"]
