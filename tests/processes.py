"""Real processes of the platform, one at a time; `tests/supervised.py` runs them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx2
import psutil

from embedded.ports import free_port
from tests.conftest import ROOT

PYTHON = sys.executable
COMMANDS: dict[str, Sequence[str]] = {"web": (PYTHON, "-m", "web")}


def eventually(what: str, happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until *happened*, looking often; fails with *what* after generous *seconds*."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


class Processes:
    """What tests ask of running processes of the platform, however they were started.

    logs: the folder with a log file of each. The web server's address is *url*.
    """

    def __init__(self, folder: Path, logs: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self._logs = logs

    def pid(self, name: str) -> int:
        """The main process of *name*."""
        raise NotImplementedError

    def children(self, name: str) -> list[psutil.Process]:
        """The processes that *name* forked."""
        return psutil.Process(self.pid(name)).children(recursive=True)

    def kill(self, name: str) -> None:
        """SIGKILL it and what it forked, as a machine's out-of-memory killer or a crash would."""
        children = self.children(name)
        psutil.Process(self.pid(name)).kill()
        for child in children:
            child.kill()

    def serves(self) -> bool:
        """True once web answers."""
        try:
            return httpx2.get(f"{self.url}/livez", timeout=2).status_code == 200
        except httpx2.TransportError:
            return False

    def log(self, name: str) -> str:
        """What a program has printed."""
        return (self._logs / f"{name}.log").read_text(errors="replace")


class Platform(Processes):
    """Single programs on the tests' engines, with a log file each in *folder*."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        super().__init__(folder, logs=folder)
        self._environ = os.environ | environ | {"REMAP_SIGTERM": "SIGQUIT"}
        self._environ["WEB_PORT"] = str(self.port)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    COMMANDS[name],
                    cwd=ROOT,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        super().kill(name)
        self._running.pop(name).wait()

    def stop(self, name: str, seconds: float = 30) -> int:
        """SIGTERM, as supervisord sends it; answers the exit code."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=seconds)

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)
