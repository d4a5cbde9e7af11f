"""CPU seconds of the parts of a run: of each program, its forked children told apart."""

from __future__ import annotations

from collections.abc import Mapping

import psutil


def spent(roots: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds so far, user and system, by part.

    roots: part → the pid of its first process. A worker's children are a part of their own,
    `<part> children`; whoever else forks (PostgreSQL) is one sum. Children that ended count.
    """
    told: dict[str, float] = {}
    for part, pid in roots.items():
        root = psutil.Process(pid)
        times = root.cpu_times()
        own = times.user + times.system
        below = times.children_user + times.children_system
        for child in root.children(recursive=True):
            try:
                one = child.cpu_times()
            except psutil.NoSuchProcess:
                continue  # its time is in its parent's account now, or at the next look
            below += one.user + one.system
        if part.endswith("worker"):
            told[f"{part} main"], told[f"{part} children"] = own, below
        else:
            told[part] = own + below
    return told


def each(before: Mapping[str, float], after: Mapping[str, float], jobs: int) -> dict[str, float]:
    """CPU in µs a job of each part."""
    return {part: 1e6 * (after[part] - before[part]) / jobs for part in after}
