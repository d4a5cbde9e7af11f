"""supervisord runs engines and platform, and nothing of it outlives a stop."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from embedded import processes
from embedded.engines import Installation
from embedded.home import Home
from embedded.processes import MARKER
from embedded.supervision import Supervisor, engines_of, write_configuration
from kernel.processes import working_in

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
[group:platform]
programs = web
priority = 999

[program:web]
command = python -c "import signal; print('serving', flush=True); signal.pause()"
redirect_stderr = true
stdout_logfile = %(here)s/var/log/web.log
killasgroup = true
"""


def make_home(root: Path) -> Home:
    """A checkout whose platform is one small process, under the real file's general settings."""
    root.mkdir(parents=True)
    general, _, _ = (ROOT / "supervisord.conf").read_text().partition("; One group")
    (root / "supervisord.conf").write_text(general + PROGRAM)
    home = Home(root)
    home.check()
    return home


def start(home: Home, **variables: str) -> "subprocess.Popen[bytes]":
    """Start supervisord and the engines, as `up` does."""
    installation = Installation(home.var, durable=False)
    engines = engines_of(installation, database=True, redis=True)
    write_configuration(home, engines)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    supervisor = Supervisor(home)
    process = supervisor.start({"PATH": path, MARKER: str(home.root), **variables})
    for engine in engines:
        supervisor.run_engine(engine)
    return process


def ours(home: Home) -> list[psutil.Process]:
    """Every live process of this home."""
    servers = [
        process
        for folder, name in [
            ("postgres", "postgres"),
            ("queue", "valkey-server"),
            ("cache", "valkey-server"),
        ]
        for process in working_in(home.var / folder, name)
    ]
    return [*servers, *processes.marked(home.root)]


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a space in its path, whose database is made once for the module."""
    return make_home(tmp_path_factory.mktemp("supervision") / "a home")


@pytest.fixture
def home(made_home: Home) -> Iterator[Home]:
    """The home, stopped after the test."""
    yield made_home
    Supervisor(made_home).stop()


def test_the_platform_waits_for_the_word_and_the_engines_answer(home: Home):
    start(home)
    supervisor = Supervisor(home)
    before = supervisor.states()

    supervisor.start_programs()

    assert before["web"] == "STOPPED"
    assert supervisor.states()["web"] in ("STARTING", "RUNNING")
    with psycopg.connect(Installation(home.var).database_env()["DATABASE_URL"]):
        pass


def test_a_stop_ends_everything_that_was_started_and_nothing_else(home: Home):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        process = start(home)
        supervisor = Supervisor(home)
        supervisor.start_programs()

        assert supervisor.stop() is True

        process.wait(10)
        assert ours(home) == []
        assert supervisor.stop() is False
        assert bystander.poll() is None
        bystander.kill()


def test_what_outlives_a_killed_supervisord_is_found_and_the_next_start_works(home: Home):
    process = start(home)
    supervisor = Supervisor(home)
    supervisor.start_programs()
    process.kill()
    process.wait()
    left = {process.name() for process in ours(home)}

    assert supervisor.stop() is True
    assert left >= {"postgres", "valkey-server"}
    assert ours(home) == []

    start(home)
    assert supervisor.states()["postgres"] in ("STARTING", "RUNNING")


def test_an_engine_that_dies_is_started_again(home: Home):
    start(home)
    supervisor = Supervisor(home)
    pid = supervisor.call("getProcessInfo", "engines:queue")["pid"]
    queue = psutil.Process(pid)

    queue.kill()
    queue.wait(10)

    installation = Installation(home.var)
    for _ in iter(installation.queue.answers, True):
        pass  # until it answers; the suite's own limit ends a wait that would not
    assert supervisor.call("getProcessInfo", "engines:queue")["pid"] != pid


def test_the_engines_are_not_given_the_platform_s_secrets(home: Home):
    start(home, JWT_SECRET="not for engines")
    supervisor = Supervisor(home)

    for name in ("postgres", "queue", "cache"):
        pid = supervisor.call("getProcessInfo", f"engines:{name}")["pid"]
        assert "JWT_SECRET" not in psutil.Process(pid).environ()


def test_a_deep_folder_gets_a_short_private_socket(tmp_path: Path):
    deep = make_home(tmp_path.joinpath(*["deeper and deeper"] * 8))
    try:
        start(deep)

        assert len(os.fsencode(deep.socket)) < 100
        assert stat.S_IMODE(deep.socket.parent.stat().st_mode) == 0o700
        assert Supervisor(deep).states()["postgres"] in ("STARTING", "RUNNING")
    finally:
        short = deep.socket.parent
        Supervisor(deep).stop()
    assert not short.exists()


def test_an_engine_stops_by_the_signal_that_does_not_wait_for_clients(home: Home):
    start(home)
    stops = {
        engine.name: engine.program().stop_signal
        for engine in engines_of(Installation(home.var), database=True, redis=True)
    }

    assert stops["postgres"] == signal.SIGINT
    with psycopg.connect(Installation(home.var).database_env()["DATABASE_URL"]):
        assert Supervisor(home).stop() is True
    assert ours(home) == []
