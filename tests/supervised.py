"""The platform's real processes under the real supervisord.conf, for tests that kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import ProtocolError, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from embedded.ports import free_port
from tests.conftest import ROOT
from tests.processes import Processes, eventually

#: The platform's commands, and those that run the same with the fault tests' own kinds.
_COMMANDS = (
    ("python -m celery ", "python -m tests.faults.celery "),
    ("python -m worker.dispatcher", "python -m tests.faults.dispatcher"),
)


class Supervised(Processes):
    """supervisord and all that it runs, on the tests' engines, with its files in *folder*.

    twice: programs that run a second time, as `<name>-2`.
    environ_of: variables for single programs, by name.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        folder: Path,
        *,
        twice: Sequence[str] = (),
        environ_of: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        super().__init__(folder, logs=folder / "log")
        (folder / "log").mkdir()
        # A Unix socket's path ends at 107 bytes; a test's own folder is often longer.
        self._sockets = tempfile.TemporaryDirectory(prefix="np-")
        self._socket = Path(self._sockets.name) / "supervisor.sock"
        self._conf = folder / "supervisord.conf"
        with self._conf.open("w") as file:
            self._configuration(twice, environ_of or {}).write(file)
        self._environ = os.environ | dict(environ)
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

    def names(self, role: str = "") -> list[str]:
        """The programs that run, or those whose name begins with *role*."""
        found = (str(info["name"]) for info in self.order("getAllProcessInfo"))
        return sorted(name for name in found if name.startswith(role))

    def order(self, method: str, *arguments: Any) -> Any:
        """One order to supervisord, such as `stopProcess`, "platform:web"."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=cast(Any, transport)) as server:
            return getattr(server.supervisor, method)(*arguments)

    def pid(self, name: str) -> int:
        """The main process of a program; 0 while it does not run."""
        return int(self.order("getProcessInfo", f"platform:{name}")["pid"])

    def freeze(self, pid: int) -> None:
        """SIGSTOP: alive, holding all it holds, and silent."""
        os.kill(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        os.kill(pid, signal.SIGCONT)

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

    def _configuration(
        self,
        twice: Sequence[str],
        environ_of: Mapping[str, Mapping[str, str]],
    ) -> RawConfigParser:
        """The file itself, only living elsewhere: its %(here)s is the project's root."""
        text = (ROOT / "supervisord.conf").read_text()
        text = text.replace("%(here)s/var/supervisor.sock", str(self._socket))
        text = text.replace("%(here)s/var/", f"{self.folder}/").replace("%(here)s", str(ROOT))
        for command, ours in _COMMANDS:
            text = text.replace(command, ours)
        conf = RawConfigParser(inline_comment_prefixes=None)
        conf.read_string(text.replace("files = var/embedded.conf", "files = nothing.conf"))
        names = conf["group:platform"]["programs"].split(",")
        for name in twice:
            again = dict(conf[f"program:{name}"])
            # A worker's node name must be its own: Celery refuses a second of the same.
            again["command"] = again["command"].replace("@%%h", "-2@%%h")
            conf[f"program:{name}-2"] = again
            names.append(f"{name}-2")
        for name, variables in environ_of.items():
            section = conf[f"program:{name}"]
            told = [section["environment"]] if "environment" in section else []
            told += [f'{variable}="{value}"' for variable, value in variables.items()]
            section["environment"] = ",".join(told)
        conf["group:platform"]["programs"] = ",".join(names)
        return conf

    def _answers(self) -> bool:
        try:
            return bool(self.order("getState"))
        except (OSError, ProtocolError):
            return False
