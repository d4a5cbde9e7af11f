"""Processes of this machine: which work in a folder, and how they are ended for certain."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL

import psutil


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The live processes called *name* whose working folder is *folder*."""
    wanted = os.path.realpath(folder)
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != name:
            continue
        try:
            if lives(process) and process.cwd() == wanted:
                found.append(process)
        except psutil.Error:
            continue  # gone meanwhile, or another person's: not ours
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
        while waiting := [process for process in waiting if lives(process)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """False for a zombie too: in a container without an init nobody may ever collect it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
