"""What the lines of this process's recipes have to do with those of the others."""

from __future__ import annotations

import functools

from kernel.redis import BestEffort, client
from services.analyses.lines import SharedLines, engine_version
from services.warming.tally import Tally
from worker import runtime


@functools.cache
def shared() -> SharedLines:
    """The lines that any process has read."""
    tally()
    return SharedLines(runtime.cache(), runtime.engine(), engine_version(runtime.settings().data))


@functools.cache
def tally() -> Tally:
    """What this process was asked for. Its Redis calls are nobody's to wait for, and may take long:
    a breaker of their own, or they would open the cache's.
    """
    settings = runtime.settings()
    counting = BestEffort(client(settings.cache_redis_url, timeout=2, connections=2))
    made = Tally(counting, accounts=settings.wanted_accounts)
    runtime.cache().listeners.append(made.looked_up)
    return made
