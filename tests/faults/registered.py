"""Make the tests' own kinds part of a process of the platform.

Imported first by `tests.faults.celery` and `tests.faults.dispatcher`, before anything of `worker`
derives queues, tasks and slots from the kinds. The platform itself has no option for this.
"""

from __future__ import annotations

import beat_schedule
import services.kinds
from tests.faults.kinds import KINDS, TICK
from worker import handlers

services.kinds.KINDS = (*services.kinds.KINDS, *KINDS)
handlers.MODULES["faults"] = "tests.faults.tasks"
beat_schedule.SCHEDULE = (  # type: ignore[assignment]
    # No backup beside a test of something else: it restores into a server of its own.
    *(entry for entry in beat_schedule.SCHEDULE if entry.name != "backup"),
    TICK,
)
