"""Which running processes are ours: told by where they work and what they carry.

A pid in a file may belong to anybody after a power cut. Servers rewrite their environment and
title, so they are known by name and working folder; everything else that the platform starts
carries NUTRITION_HOME in its environment.
"""

import os
import time
from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL

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
            if _lives(process) and process.cwd() == wanted:
                found.append(process)
        except psutil.Error:
            continue  # gone meanwhile, or another person's: not ours
    return found


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
                and _lives(process)
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
    for number, patience in ((signal, seconds), (SIGKILL, seconds)):
        for process in waiting:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + patience
        while waiting := [process for process in waiting if _lives(process)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    """False for a zombie too: in a container without an init nobody may ever collect it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
