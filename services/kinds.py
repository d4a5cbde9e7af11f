"""Every kind of job there is. Queues, routes, workers and documentation derive from this list."""

from __future__ import annotations

from typing import Any

from services.analyses.jobs import ANALYZE
from services.analytics.jobs import INGEST, ROLLUP
from services.backups.jobs import CREATE, DRILL
from services.batches.jobs import CHUNK, CONCLUDE
from services.jobs.kinds import Kind
from services.notifications import jobs as notifications
from services.privacy.jobs import ERASE, EXPORT
from services.upkeep.jobs import (
    CANARIES,
    ENFORCE_RETENTION,
    ENSURE_PARTITIONS,
    SWEEP_BROKER,
    WATCH_DATABASE,
)
from services.warming.jobs import WARM, WARM_LINES
from services.webhooks.jobs import DELIVER

KINDS: tuple[Kind[Any], ...] = (
    ANALYZE,
    CHUNK,
    CONCLUDE,
    CREATE,
    DRILL,
    *CANARIES,
    ERASE,
    EXPORT,
    ENFORCE_RETENTION,
    ENSURE_PARTITIONS,
    SWEEP_BROKER,
    WATCH_DATABASE,
    DELIVER,
    notifications.CONCLUDE,
    notifications.DELIVER,
    notifications.FAN_OUT,
    INGEST,
    ROLLUP,
    WARM,
    WARM_LINES,
)
