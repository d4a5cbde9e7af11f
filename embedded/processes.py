"""Which running processes are ours: told by where they work and what they carry.

A pid in a file may belong to anybody after a power cut. Servers rewrite their environment and
title, so they are known by name and working folder; everything else that the platform starts
carries NUTRITION_HOME in its environment.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import psutil

MARKER = "NUTRITION_HOME"


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The live processes called *name* whose working folder is *folder*."""
    wanted = os.path.realpath(folder)
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != name:
            continue
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == wanted:
                found.append(process)
        except psutil.Error:
            continue  # gone meanwhile, or another person's: not ours
    return found


def marked(home: Path) -> list[psutil.Process]:
    """The live processes that carry this platform's marker, without this one and its parents."""
    wanted = os.path.realpath(home)
    above = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid not in above
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(MARKER) == wanted
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end(processes: Iterable[psutil.Process], signal: int, seconds: float) -> None:
    """Send *signal*, give them *seconds* to go, then SIGKILL those that stay.

    psutil compares start times first, so a pid that passed on meanwhile is left alone.
    """
    waiting = list(processes)
    for process in waiting:
        try:
            process.send_signal(signal)
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(waiting, timeout=seconds)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=seconds)
