"""What a run costs the machine: memory and CPU of the platform's programs, and who else works.

Linux tells proportional memory (PSS: what is shared counts once, divided among its users) in
/proc/<pid>/smaps_rollup. Elsewhere, or where the platform runs on another machine, there is none.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psutil

#: Set by supervisord in what it starts, and inherited by children.
_PROGRAM = "SUPERVISOR_PROCESS_NAME"
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Running:
    """One process: the program of supervisord.conf that it belongs to, its PSS and CPU so far."""

    pid: int
    program: str
    pss_mb: float
    cpu_seconds: float


def home_of(url: str, folders: tuple[Path, ...]) -> Path | None:
    """The installation that serves *url* from this machine; None where none of *folders* does."""
    for folder in folders:
        try:
            saved = json.loads((folder / "var" / "access.json").read_text(encoding="utf-8"))
            pid = int((folder / "var" / "supervisord.pid").read_text(encoding="utf-8"))
            if saved["url"].rstrip("/") == url and psutil.pid_exists(pid):
                return folder
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def processes(home: Path) -> list[Running]:
    """Every process under the installation's supervisord, itself included."""
    pid = int((home / "var" / "supervisord.pid").read_text(encoding="utf-8"))
    supervisor = psutil.Process(pid)
    found = [_look(supervisor, "supervisord")]
    for child in supervisor.children():
        program = _program_of(child)
        found += [_look(one, program) for one in [child, *_below(child)]]
    return [running for running in found if running is not None]


def memory(home: Path) -> dict[str, dict[str, object]]:
    """PSS in MB by program: of each process, largest first, and together; `all` is the sum."""
    programs: dict[str, list[float]] = defaultdict(list)
    for running in processes(home):
        programs[running.program].append(round(running.pss_mb, 1))
    told: dict[str, dict[str, object]] = {
        name: {"pss_mb": round(sum(each), 1), "processes": sorted(each, reverse=True)}
        for name, each in sorted(programs.items(), key=lambda item: -sum(item[1]))
    }
    everything = [mb for each in programs.values() for mb in each]
    told["all"] = {"pss_mb": round(sum(everything), 1), "processes": len(everything)}
    return told


class Meter:
    """CPU seconds between its making and `read`, of each program and of the whole machine."""

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._before = self._spent()
        self._machine = _busy()

    def read(self, jobs: int = 0) -> dict[str, object]:
        """What was spent: by program in ms a job (where there were jobs), and cores in all.

        `cores_busy` counts everybody on this machine: the platform, this benchmark, and others.
        """
        (busy, total), (busy_before, total_before) = _busy(), self._machine
        cores = os.cpu_count() or 1
        share = (busy - busy_before) / max(total - total_before, 1e-9)
        told: dict[str, object] = {
            "load_average": [round(one, 2) for one in os.getloadavg()],
            "cores_busy": round(share * cores, 2),
            "cores": cores,
        }
        spent: dict[str, float] = defaultdict(float)
        for pid, running in self._spent().items():
            # A process that is new spent all of its own; one that ended took its figure with it.
            earlier = self._before.get(pid)
            spent[running.program] += running.cpu_seconds - (earlier.cpu_seconds if earlier else 0)
        if spent and jobs:
            told["cpu_ms_a_job"] = {
                name: round(1000 * seconds / jobs, 2)
                for name, seconds in sorted(spent.items(), key=lambda item: -item[1])
                if seconds > 0
            }
        return told

    def _spent(self) -> dict[int, Running]:
        return {} if self._home is None else {one.pid: one for one in processes(self._home)}


def _look(process: psutil.Process, program: str) -> Running | None:
    try:
        with process.oneshot():
            times = process.cpu_times()
            pss = getattr(process.memory_full_info(), "pss", 0)
    except psutil.Error:
        return None  # gone meanwhile
    return Running(process.pid, program, pss / _MB, times.user + times.system)


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _program_of(process: psutil.Process) -> str:
    """A server may have written its title over its environment: then its own name."""
    try:
        return process.environ().get(_PROGRAM) or process.name()
    except (psutil.Error, OSError):
        return process.name()


def _busy() -> tuple[float, float]:
    """CPU seconds that the machine worked, and that there were, since it started."""
    times = psutil.cpu_times()
    total = sum(times)
    idle = times.idle + getattr(times, "iowait", 0.0)
    return total - idle, total
