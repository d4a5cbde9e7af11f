"""Stop: a flag that a worker's main process sets and its forked children see.

Celery sends `worker_shutting_down` only after the soft shutdown's sleep, when it is too late for a
child to hand its job back. So the flag is set in front of Celery's own signal handlers.
"""

from __future__ import annotations

import mmap
import signal
from types import FrameType
from typing import Any

# An anonymous mapping is shared with children forked later; one byte of it is the flag.
_FLAG = mmap.mmap(-1, mmap.PAGESIZE)


def stopping() -> bool:
    """True once this worker was told to stop."""
    return _FLAG[0] != 0


def tell() -> None:
    """Tell this worker, and every child it forked, to stop."""
    _FLAG[0] = 1


def listen() -> None:
    """Set the flag at SIGTERM, SIGQUIT and SIGINT, then let Celery's handler do its work."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        _chain(number)


def _chain(number: signal.Signals) -> None:
    before: Any = signal.getsignal(number)

    def handler(received: int, frame: FrameType | None) -> None:
        tell()
        if callable(before):
            # Celery's handlers install their successors; ours stands aside after the first call.
            signal.signal(number, before)
            before(received, frame)

    signal.signal(number, handler)
