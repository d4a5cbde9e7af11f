"""A release: its programs as real processes, started from its own folder on the tests' engines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import httpx2
import psutil

from embedded.ports import free_port
from tests.conftest import ROOT
from tests.processes import eventually

#: The release before this one; `tests/releases/README.md` says how its archive is made.
PREVIOUS = ROOT / "tests" / "releases" / "0.1.0.zip"

QUEUES = "nutrition.interactive,nutrition.bulk,maintenance"
PYTHON = sys.executable


class Release:
    """One release's programs, by name: web, dispatcher, worker, beat. Logs lie in *logs*.

    app: the module of the worker's Celery application.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        environ: Mapping[str, str],
        logs: Path,
        app: str = "worker.app",
    ) -> None:
        self.name = name
        self.port = free_port()
        self._folder = folder
        self._logs = logs
        self._environ = os.environ | dict(environ) | {"WEB_PORT": str(self.port)}
        # Its own code first: this checkout is installed beside it.
        self._environ |= {"PYTHONPATH": str(folder), "REMAP_SIGTERM": "SIGQUIT"}
        worker = f"-m celery -A {app} worker -n {name}@%h -Q {QUEUES} --pool prefork -c 1"
        self._commands = {
            "web": "-m web",
            "dispatcher": "-m worker.dispatcher",
            "worker": f"{worker} --without-gossip --without-mingle -E --loglevel INFO",
            "beat": "-m celery -A worker.app beat -S worker.beat:JobScheduler --loglevel INFO",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start programs; web is awaited."""
        for name in names:
            with (self._logs / f"{self.name}-{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [PYTHON, *self._commands[name].split()],
                    cwd=self._folder,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            eventually(f"web of {self.name} serves", self._serves, 180)

    def stop(self, *names: str) -> None:
        """Stop programs in order, as supervisord does; fails where one does not end."""
        for name in names:
            self._running[name].send_signal(signal.SIGTERM)
        for name in names:
            self._running.pop(name).wait(timeout=60)

    def kill(self, *names: str) -> None:
        """SIGKILL programs and what they forked."""
        for name in names:
            process = self._running.pop(name)
            children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for child in children:
                child.kill()
            process.wait()

    def kill_all(self) -> None:
        """SIGKILL whatever of it runs."""
        self.kill(*[name for name, process in self._running.items() if process.poll() is None])

    def client(self, key: str) -> httpx2.Client:
        """Requests to this release's web."""
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )

    def log(self, name: str) -> str:
        """What a program has printed."""
        return (self._logs / f"{self.name}-{name}.log").read_text(errors="replace")

    def origin(self, module: str) -> Path:
        """The file from which this release imports *module*."""
        printed = subprocess.run(
            [PYTHON, "-c", f"import {module} as m; print(m.__file__)"],
            cwd=self._folder,
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(printed.stdout.strip())

    def _serves(self) -> bool:
        code = self._running["web"].poll()
        assert code is None, f"web of {self.name} ended with {code}: {self.log('web')[-2000:]}"
        try:
            url = f"http://127.0.0.1:{self.port}/livez"
            return httpx2.get(url, timeout=2).status_code == 200
        except httpx2.TransportError:
            return False


def unpack(archive: Path, folder: Path) -> Path:
    """The release in *archive*, unpacked into *folder*."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder
