"""The platform's real processes under the real supervisord.conf, for tests that kill them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import ProtocolError, ServerProxy

import httpx2
import psutil
from supervisor.xmlrpc import SupervisorTransport

from embedded.ports import free_port
from tests.conftest import ROOT
from tests.processes import eventually


class Supervised:
    """supervisord and all that it runs, on the tests' engines, with its files in *folder*."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        (folder / "log").mkdir()
        # A Unix socket's path ends at 107 bytes; a test's own folder is often longer.
        self._sockets = tempfile.TemporaryDirectory(prefix="np-")
        self._socket = Path(self._sockets.name) / "supervisor.sock"
        # The file itself, only living elsewhere: its %(here)s is the project's root.
        conf = (ROOT / "supervisord.conf").read_text()
        conf = conf.replace("%(here)s/var/supervisor.sock", str(self._socket))
        conf = conf.replace("%(here)s/var/", f"{folder}/").replace("%(here)s", str(ROOT))
        self._conf = folder / "supervisord.conf"
        self._conf.write_text(conf.replace("files = var/embedded.conf", "files = nothing.conf"))
        self._environ = os.environ | environ
        self._environ |= {
            "WEB_PORT": str(self.port),
            "FLOWER_PORT": str(free_port()),
            "FLOWER_BASIC_AUTH": "tests:only",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self._supervisord: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start supervisord, and with it every program."""
        self._supervisord = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._conf)],
            cwd=ROOT,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        eventually("supervisord answers", self._answers)
        eventually("web serves", self.serves)

    def order(self, method: str, *arguments: Any) -> Any:
        """One order to supervisord, such as `stopProcess`, "platform:web"."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=cast(Any, transport)) as server:
            return getattr(server.supervisor, method)(*arguments)

    def pid(self, name: str) -> int:
        """The main process of a program; 0 while it does not run."""
        return int(self.order("getProcessInfo", f"platform:{name}")["pid"])

    def children(self, name: str) -> list[psutil.Process]:
        """The processes that *name* forked."""
        return psutil.Process(self.pid(name)).children(recursive=True)

    def kill(self, name: str) -> None:
        """SIGKILL a program and what it forked, as a machine out of memory would."""
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
        return (self.folder / "log" / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End supervisord and everything under it, at once."""
        if self._supervisord is None:
            return
        found = psutil.Process(self._supervisord.pid).children(recursive=True)
        self._supervisord.kill()
        for process in found:
            if process.is_running():
                process.kill()
        self._supervisord.wait()
        psutil.wait_procs(found, timeout=10)
        self._sockets.cleanup()

    def _answers(self) -> bool:
        try:
            return bool(self.order("getState"))
        except (OSError, ProtocolError):
            return False
