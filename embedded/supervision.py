"""supervisord: its generated part, starting it, talking to it, ending it and what it left."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Fault, ProtocolError, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from embedded import processes
from embedded.child import last_words
from embedded.engines import Installation
from embedded.errors import EmbeddedError
from embedded.home import Home
from embedded.private import write_private
from embedded.program import Engine
from kernel.processes import end, working_in

MODULE = "supervisor.supervisord"
SOCKET_SECONDS = 30
ENGINE_SECONDS = 90
# The slowest program may take its stopwaitsecs, then the engines take theirs.
STOP_SECONDS = 60
# What outlived its supervisor is asked first. Jobs lose nothing by a kill: they run again.
ORPHAN_SECONDS = 6
SERVER_SECONDS = 20

ENGINE = """\
[program:{name}]
command = {command}
user = {user}
autostart = false
autorestart = true
startretries = 1000
redirect_stderr = true
stdout_logfile = %(here)s/log/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
stopsignal = {signal}
stopwaitsecs = 30
killasgroup = true
"""


def write_configuration(home: Home, engines: list[Engine]) -> None:
    """Write var/embedded.conf: the engines first, and the platform only when it is told to."""
    # Sections of an included file add to those of the file that includes it.
    parts = [
        "; Written by scripts/up.sh at every start.",
        f"[unix_http_server]\nfile = {home.socket}\n",
    ]
    parts += [f"[program:{name}]\nautostart = false\n" for name in _platform_programs(home)]
    parts += [_engine_section(home, engine) for engine in engines]
    if engines:
        names = ",".join(engine.name for engine in engines)
        parts.append(f"; Stopped last.\n[group:engines]\nprograms = {names}\npriority = 1\n")
    write_private(home.embedded_configuration, "\n".join(parts))


def _engine_section(home: Home, engine: Engine) -> str:
    program = engine.program()
    text = ENGINE.format(
        name=engine.name,
        command=" ".join(f'"{word}"' for word in program.command(home.root)),
        user=program.account.uid,
        signal=signal.Signals(program.stop_signal).name.removeprefix("SIG"),
    )
    return text if program.account.uid is not None else text.replace("user = None\n", "")


def _platform_programs(home: Home) -> list[str]:
    lines = home.configuration.read_text(encoding="utf-8").splitlines()
    return [line[9:-1] for line in lines if line.startswith("[program:")]


class Refused(EmbeddedError):
    """supervisord does not carry out an order, for the reason given."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"supervisord refused: {reason}")


class Supervisor:
    """The supervisord of one installation, running or not."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def running(self) -> psutil.Process | None:
        """Its process, recognised by what it carries and not by a pid in a file."""
        for process in processes.marked(self._home.root):
            try:
                if MODULE in process.cmdline():
                    return process
            except psutil.Error:
                continue
        return None

    def start(self, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start it with *variables* in a session of its own, and wait until it takes orders."""
        complaint = self._home.log / "supervisord.err"
        with complaint.open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE, "-c", str(self._home.configuration)],
                cwd=self._home.root,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
                # Ctrl-C at the terminal is for the launcher, which ends all in order.
                start_new_session=True,
            )
        deadline = time.monotonic() + SOCKET_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                self.call("getState")
            except (OSError, ProtocolError):
                time.sleep(0.05)
            else:
                return process
        process.kill()
        process.wait()
        said = complaint.read_text(encoding="utf-8", errors="replace")
        raise EmbeddedError(f"supervisord did not start: {last_words(said)}")

    def call(self, method: str, *arguments: Any) -> Any:
        """One order over its socket. Raises OSError where nobody listens, or Refused."""
        transport = SupervisorTransport(None, None, f"unix://{self._home.socket}")
        with ServerProxy("http://127.0.0.1", transport=cast(Any, transport)) as server:
            try:
                return getattr(server.supervisor, method)(*arguments)
            except Fault as fault:
                raise Refused(fault.faultString) from fault

    def run_engine(self, engine: Engine) -> str | None:
        """Start *engine* and wait until it is ready; answers what had to be mended, if anything."""
        mended = None
        for _ in range(2):
            log = self._home.log / f"{engine.name}.log"
            before = log.stat().st_size if log.exists() else 0
            engine.prepare()
            self._order("startProcess", f"engines:{engine.name}", False)
            if self._await(engine):
                engine.settle()
                return mended
            self._order("stopProcess", f"engines:{engine.name}")
            with log.open("rb") as file:
                file.seek(before)
                said = file.read()[-8000:].decode(errors="replace")
            mended = engine.mend(said)
            if mended is None:
                break
        raise EmbeddedError(f"{engine.name} did not start: {last_words(said)}")

    def start_programs(self, *names: str) -> None:
        """Start these programs of supervisord.conf; without *names*, all that do not run yet."""
        for name in names:
            self._order("startProcess", f"platform:{name}", False)
        if not names:
            self._order("startProcessGroup", "platform", False)

    def states(self) -> dict[str, str]:
        """Program → the state that supervisord reports, such as RUNNING or BACKOFF."""
        return {info["name"]: info["statename"] for info in self.call("getAllProcessInfo")}

    def stop(self) -> bool:
        """End it and all it started, then what outlived an earlier one. False: nothing ran."""
        process = self.running()
        if process is not None:
            end([process], signal.SIGTERM, STOP_SECONDS)
        ended = self.end_orphans()
        self._home.discard_socket()
        return ended or process is not None

    def end_orphans(self) -> bool:
        """End our processes that no supervisord watches any more. False: there were none."""
        ended = False
        # The engines' clients first, then the engines, each by the signal that it wants.
        servers = [(name, working_in(f, name), stop) for f, name, stop in self._servers()]
        clients = processes.marked(self._home.root, without={name for name, _, _ in servers})
        for found, stop, seconds in [
            (clients, signal.SIGTERM, ORPHAN_SECONDS),
            *((found, stop, SERVER_SECONDS) for _, found, stop in servers),
        ]:
            if found:
                end(found, stop, seconds)
                ended = True
        return ended

    def _servers(self) -> list[tuple[Path, str, int]]:
        var = self._home.var
        return [
            (var / "postgres", "postgres", signal.SIGINT),
            (var / "queue", "valkey-server", signal.SIGTERM),
            (var / "cache", "valkey-server", signal.SIGTERM),
        ]

    def _await(self, engine: Engine) -> bool:
        deadline = time.monotonic() + ENGINE_SECONDS
        while time.monotonic() < deadline:
            if engine.answers():
                return True
            info = self.call("getProcessInfo", f"engines:{engine.name}")
            if info["statename"] not in ("STARTING", "RUNNING"):
                return False
            time.sleep(0.03)
        return False

    def _order(self, method: str, *arguments: Any) -> None:
        try:
            self.call(method, *arguments)
        except Refused as refusal:
            # Then it is as we want it already.
            if not any(word in str(refusal) for word in ("ALREADY_STARTED", "NOT_RUNNING")):
                raise


def engines_of(installation: Installation, *, database: bool, redis: bool) -> list[Engine]:
    """Those engines that are ours to run."""
    found: list[Engine] = []
    if redis:
        found += [installation.queue, installation.cache]
    if database:
        found.append(installation.postgres)
    return found
