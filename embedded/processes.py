"""Which running processes are ours: told by where they work and what they carry.

A pid in a file may belong to anybody after a power cut. Servers rewrite their environment and
title, so they are known by name and working folder (kernel/processes.py); everything else that the
platform starts carries NUTRITION_HOME in its environment.
"""

import os
from collections.abc import Container
from pathlib import Path

import psutil

from kernel.processes import lives

MARKER = "NUTRITION_HOME"


def marked(home: Path, *, without: Container[str] = ()) -> list[psutil.Process]:
    """The live processes that carry this platform's marker, save this one and its parents.

    without: names of programs that are left out.
    """
    wanted = os.path.realpath(home)
    above = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid not in above
                and process.name() not in without
                and lives(process)
                and process.environ().get(MARKER) == wanted
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
