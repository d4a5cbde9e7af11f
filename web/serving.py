"""What a web process does besides answering: it stops in time, and outlives nobody.

granian's workers let running requests finish when they are told to stop. A stream never finishes
by itself, so the hub must hear of the signal as well; and granian sets its handlers after the
application is loaded. A wakeup descriptor hears every signal beside any handler.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading

import structlog

from web.context import Platform

log = structlog.get_logger()

#: Seconds from the signal to the end, whatever still runs: supervisors kill after a little more.
GRACE = 12.0

_PR_SET_PDEATHSIG = 1


def stop_in_time(platform: Platform) -> None:
    """End streams and waits as soon as this process is told to stop, and the process in GRACE.

    To be called in the worker's main thread, before or after its handlers are set.
    """
    hears, tells = socket.socketpair()
    tells.setblocking(False)
    signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
    threading.Thread(
        target=_watch, args=(platform, hears, tells), name="stop_in_time", daemon=True
    ).start()


def _watch(platform: Platform, hears: socket.socket, _tells: socket.socket) -> None:
    # _tells is kept by this frame: closed, it would leave signals a dead descriptor to write to.
    while numbers := hears.recv(64):
        if {signal.SIGTERM, signal.SIGINT} & set(numbers):
            log.info("web_stopping")
            platform.hub.close()
            if not threading.Event().wait(GRACE):
                log.warning("web_stopped_late")
                os._exit(1)


def die_with(master: int) -> None:
    """Have this process told to stop when *master*, its parent, is gone however it went.

    Linux only; elsewhere a killed master leaves its worker to the supervisor.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        log.warning("parent_death_unwatched", errno=ctypes.get_errno())
    if os.getppid() != master:
        # It went before we asked to be told.
        os.kill(os.getpid(), signal.SIGTERM)
