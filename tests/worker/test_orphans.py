"""A worker's process whose main process was killed ends by itself, and offers no slot meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
from sqlalchemy import text

from tests.processes import eventually
from tests.web.conftest import environment

#: What Celery's pool does: fork a child that executes, and wait for it. Here until a line comes.
WORKER = """
import os, signal, sys
from worker import runtime
child = os.fork()
if child == 0:
    runtime.begin(["maintenance"], slots=1)
    signal.pause()
print(child, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_whose_main_process_is_killed_ends_and_leaves_the_table(database, settings):
    """Its siblings hold the pipe open, so that it would wait for ever, and count as a slot."""
    environ = os.environ | environment(settings) | {"HEARTBEAT_SECONDS": "0.2"}
    command = [sys.executable, "-c", WORKER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as main:
        assert main.stdin is not None
        assert main.stdout is not None
        child = int(main.stdout.readline())

        def slots() -> list[int]:
            with database.transaction() as session:
                found = session.scalars(
                    text("SELECT slots FROM processes WHERE pid = :pid"), {"pid": child}
                )
                return list(found)

        eventually("the child beats", lambda: slots() == [1])
        main.stdin.write("end\n")
        main.stdin.flush()
        main.wait()
        eventually("the child is gone", lambda: _gone(child) and slots() == [])


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
