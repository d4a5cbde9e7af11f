"""Metric files: what the processes of one machine count, in files that one of them reads out.

prometheus-client keeps a process's values in a mapped file. It names the file by process id, and
pools replace their children all day: files would pile up, and to remove one is to lose its counts.
So here a process takes the lowest free number, and its file, with whatever was counted in it, for
as long as it lives. There are as many files as ever lived at once; the kernel frees the numbers of
the dead, however they died.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from kernel import metrics

#: Where prometheus-client reads the folder's name.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Slots:
    """Numbers, of which each living process holds one: a lock on a file, freed by its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._number = -1
        self._lock = -1

    def mine(self) -> int:
        """This process's number, another after a fork. Asked at every change of a value."""
        if self._pid != os.getpid():
            if self._lock >= 0:
                os.close(self._lock)  # the parent's, which keeps it by its own descriptor
            self._take()
            self._pid = os.getpid()
        return self._number

    def bury(self) -> None:
        """Remove what those of ended processes said of how things stand with them."""
        for number in self._numbers():
            lock = None if self._is_mine(number) else self._locked(number)
            if lock is not None:
                mark_process_dead(number, str(self._folder))  # type: ignore[no-untyped-call]
                os.close(lock)

    def clean(self) -> None:
        """Where nobody lives, remove what the processes of an earlier start have left."""
        locks = [self._locked(number) for number in self._numbers()]
        if None not in locks:
            for file in self._folder.glob("*.db"):
                file.unlink(missing_ok=True)
        for lock in locks:
            if lock is not None:
                os.close(lock)

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in self._folder.glob("*.lock"))

    def _is_mine(self, number: int) -> bool:
        return self._pid == os.getpid() and number == self._number

    def _take(self) -> None:
        for number in itertools.count():
            lock = self._locked(number)
            if lock is not None:
                self._number, self._lock = number, lock
                # What the number's last holder said of how things stand, stands no more.
                mark_process_dead(number, str(self._folder))  # type: ignore[no-untyped-call]
                return

    def _locked(self, number: int) -> int | None:
        """The number's lock, taken; None where a living process has it."""
        lock = os.open(
            self._folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock


_begun: Path | None = None


def begin(work: Path) -> None:
    """Have this process, and those that it forks, count in files below the folder *work*.

    Before anything is counted: what was counted before is forgotten. A second call changes nothing.
    """
    global _begun
    folder = work.resolve() / "metrics"
    if folder == _begun:
        return
    folder.mkdir(parents=True, exist_ok=True)
    slots = Slots(folder)
    for metric in metrics.ALL:
        metric.forget()
    with (folder / "start").open("w") as door:
        # One at a time: of several that start together, the first cleans for all.
        fcntl.flock(door, fcntl.LOCK_EX)
        slots.clean()
        os.environ[_VARIABLE] = str(folder)
        values.ValueClass = values.MultiProcessValue(slots.mine)  # type: ignore[no-untyped-call]
    _begun = folder


class Collector(MultiProcessCollector):
    """The values of all processes that count below the folder *work*."""

    def __init__(self, work: Path) -> None:
        folder = work.resolve() / "metrics"
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]
        self._slots = Slots(folder)

    def collect(self) -> Iterable[Metric]:
        """The metrics. Gauges of the dead are left out; what they counted stays."""
        self._slots.bury()
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return found
