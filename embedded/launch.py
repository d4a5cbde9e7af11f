"""Start, stop and state of the whole platform on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from embedded import environment, platform
from embedded.child import Child
from embedded.engines import Installation
from embedded.environment import Platform
from embedded.errors import EmbeddedError
from embedded.home import Home
from embedded.ports import holder, is_free
from embedded.processes import MARKER
from embedded.steps import Steps
from embedded.supervision import Supervisor, engines_of, write_configuration

# What an answer needs. The rest is started once it has come: on a machine with two cores, eight
# processes that load at once would keep the first answer waiting for the last of them.
FIRST = ("web", "dispatcher", "worker-interactive")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A platform that answers is asked twice before it counts as half started.
PATIENCE_SECONDS = 5


class Interrupted(BaseException):
    """Ctrl-C, or the terminal went away."""


def up(home: Home, *, detach: bool) -> int:
    """Start everything and print the example's label; serve until Ctrl-C unless *detach*."""
    steps = Steps()
    home.check()
    supervisor = Supervisor(home)
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    with home.starting():
        if supervisor.running() and _answers(Platform.saved(home)):
            print("The platform runs already.")
            print(platform.addresses(home, Platform.saved(home)))
            return 0
        try:
            process = _start(home, supervisor, steps)
        except BaseException:
            # Half a platform is worse than none.
            _ignore_signals()
            supervisor.stop()
            raise
    print(f"\nReady after {steps.total():.1f} s.")
    print(platform.addresses(home, Platform.saved(home)))
    print(f"  stop     {'scripts/down.sh' if detach else 'Ctrl-C'}", flush=True)
    return 0 if detach else _serve(supervisor, process)


def down(home: Home) -> int:
    """Stop everything that runs here, and nothing else."""
    began = time.monotonic()
    if not home.var.exists():
        print("Nothing runs here.")
        return 0
    home.check()
    with home.starting():
        stopped = Supervisor(home).stop()
    print(f"Stopped in {time.monotonic() - began:.1f} s." if stopped else "Nothing runs here.")
    return 0


def status(home: Home) -> int:
    """Print each program's state. 0 where web takes traffic, 1 where not, 3 where nothing runs."""
    supervisor = Supervisor(home)
    if supervisor.running() is None:
        print("Nothing runs here.")
        return 3
    for name, state in supervisor.states().items():
        print(f"  {name:<24}{state}")
    saved = Platform.saved(home)
    ready = platform.is_ready(saved)
    print(f"  {saved.url}/readyz: {'ready' if ready else 'not ready'}")
    return 0 if ready else 1


def database(home: Home) -> int:
    """Run the database alone for whoever called: its addresses as JSON, then until input ends.

    For work on the database while the platform is down; a start meanwhile waits for its end.
    """
    home.check()
    with home.starting():
        if Supervisor(home).running():
            raise EmbeddedError("the platform runs here, and its database with it")
        installation = Installation(home.var)
        server = Child(installation.postgres, home.var, log=home.log / "postgres-alone.log")
        server.start()
        try:
            print(json.dumps(installation.database_env()), flush=True)
            sys.stdin.read()
        finally:
            server.stop()
    return 0


def _start(home: Home, supervisor: Supervisor, steps: Steps) -> "subprocess.Popen[bytes]":
    if supervisor.stop():
        steps.note("ended what an interrupted run had left behind")
    installation = Installation(home.var)
    installation.ensure_ports_free()
    decided = environment.compose(home, installation, os.environ)
    check_ports(decided)
    process, decided = _start_engines(home, supervisor, installation, decided, steps)
    environment.save(home, decided)
    with steps.step("database schema"):
        platform.run(home, decided, "migrate")
    # They load while the catalogue goes into the database; /readyz waits for it.
    supervisor.start_programs(*FIRST)
    with steps.step("food catalogue"):
        platform.run(home, decided, "foods", "load")
    with steps.step("web, dispatcher, worker"):
        platform.await_ready(home, decided, supervisor.states)
    with steps.step("access key"):
        platform.ensure_access(home, decided)
    with steps.step(f"example recipe ({platform.EXAMPLE})"):
        label = platform.example_label(home, decided)
    with steps.step("other workers, beat, Flower"):
        supervisor.start_programs()
    print(f"\n{label}", flush=True)
    return process


def _start_engines(
    home: Home,
    supervisor: Supervisor,
    installation: Installation,
    decided: Platform,
    steps: Steps,
) -> tuple["subprocess.Popen[bytes]", Platform]:
    """Start supervisord and under it the engines that are ours."""
    engines = engines_of(installation, database=decided.own_database, redis=decided.own_redis)
    if decided.own_database and not installation.postgres.data.exists():
        home.check_space()
    write_configuration(home, engines)
    with steps.step(_engine_names(decided)):
        process = supervisor.start(_served(home, decided))
        mended = {engine.name: supervisor.run_engine(engine) for engine in engines}
        now = environment.compose(home, installation, os.environ)
        if now.variables["DATABASE_URL"] != decided.variables["DATABASE_URL"] or (
            now.variables["REDIS_URL"] != decided.variables["REDIS_URL"]
        ):
            raise EmbeddedError("an engine's port was taken while it started: start again")
    for name, what in mended.items():
        if what:
            steps.note(f"{name}: {what}")
    return process, decided


def _served(home: Home, decided: Platform) -> dict[str, str]:
    """What the platform's processes see: all but the way to the schema's owner."""
    variables = _surroundings(home) | decided.lesser()
    variables.pop(environment.OWNER_VARIABLE, None)
    return variables


def _surroundings(home: Home) -> dict[str, str]:
    """The caller's environment, with the `python` that runs this first, and our marker."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", MARKER: str(home.root)}


def _engine_names(decided: Platform) -> str:
    ours = ["PostgreSQL"] * decided.own_database + ["two Valkeys"] * decided.own_redis
    theirs = ["DATABASE_URL"] * (not decided.own_database) + ["REDIS_URL"] * (not decided.own_redis)
    return ", ".join(ours + [f"{name} as given" for name in theirs])


def check_ports(decided: Platform) -> None:
    """Raises EmbeddedError where a port that people know is not to be had."""
    for name, port in decided.ports.items():
        same = [other for other, taken in decided.ports.items() if taken == port]
        if len(same) > 1:
            raise EmbeddedError(f"{' and '.join(same)} are both {port}: choose two ports")
        if not is_free(port):
            who = holder(port)
            raise EmbeddedError(
                f"port {port} is taken{f' by {who}' if who else ''}: end that program, or choose "
                f"another port: {name}={port + 1} ./scripts/up.sh"
            )


def _answers(saved: Platform) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not platform.is_ready(saved):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _serve(supervisor: Supervisor, process: "subprocess.Popen[bytes]") -> int:
    """Stay until somebody stops the platform, here or with `down`."""
    try:
        code = process.wait()
    except Interrupted:
        _ignore_signals()
        print("\nStopping…", flush=True)
        supervisor.stop()
        process.wait()
        print("Stopped.", flush=True)
        return 0
    if code == 0:
        print("Stopped.", flush=True)
        return 0
    supervisor.end_orphans()
    raise EmbeddedError(f"supervisord ended unexpectedly (code {code}); the rest was stopped")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


def _ignore_signals() -> None:
    """From here on we are stopping already; a second Ctrl-C must not leave processes behind."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
