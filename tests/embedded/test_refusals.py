"""What stops a start is one clear line with the way out, never a traceback."""

import errno
import os
import shutil
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from embedded import environment, launch
from embedded.engines import Installation
from embedded.errors import EmbeddedError
from embedded.home import Home, explain

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_taken_port_is_named_with_its_holder_and_another_choice(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home = Home(tmp_path)
        home.check()
        decided = environment.compose(home, Installation(home.var), {"WEB_PORT": str(port)})

        with pytest.raises(EmbeddedError) as refusal:
            launch.check_ports(decided)

    assert f"port {port} is taken by" in str(refusal.value)
    assert f"pid {os.getpid()}" in str(refusal.value)
    assert f"WEB_PORT={port + 1} ./scripts/up.sh" in str(refusal.value)


def test_one_port_for_two_programs_is_refused(tmp_path: Path):
    home = Home(tmp_path)
    home.check()
    same = {"WEB_PORT": "23456", "FLOWER_PORT": "23456"}

    with pytest.raises(EmbeddedError, match="WEB_PORT and FLOWER_PORT are both 23456"):
        launch.check_ports(environment.compose(home, Installation(home.var), same))


@pytest.mark.parametrize("name", ["50% done", "a[b]", 'quo"ted', "what?"])
def test_a_path_that_supervisord_would_misread_is_refused(tmp_path: Path, name: str):
    with pytest.raises(EmbeddedError, match="move or rename it"):
        Home(tmp_path / name).check()


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = Home(tmp_path)
    home.check()
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 5 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(EmbeddedError, match=r"is full \(5 MB free"):
        home.check_space()


def test_a_disk_that_fills_up_meanwhile_is_one_line():
    error = OSError(errno.ENOSPC, "No space left on device", "/somewhere/var/x")

    assert "the disk that holds /somewhere/var/x is full" in str(explain(error))


def test_a_place_where_var_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "var").write_text("a file")

    with pytest.raises(EmbeddedError, match="cannot write to"):
        Home(tmp_path).check()


def run_script(
    name: str, root: Path, *, tools: tuple[str, ...]
) -> "subprocess.CompletedProcess[str]":
    """Run a copy of scripts/NAME where nothing but *tools* is on PATH."""
    shutil.copytree(
        ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    for file in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / file, root)
    path = root / "bin"
    path.mkdir()
    for tool in tools:
        (path / tool).symlink_to(shutil.which(tool) or tool)
    bash = shutil.which("bash") or "bash"
    return subprocess.run(
        [bash, str(root / "scripts" / name)],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_a_machine_without_python_is_told_which_one_to_install(tmp_path: Path):
    done = run_script("up.sh", tmp_path, tools=("dirname", "cksum", "cat", "df", "awk", "rm"))

    assert done.returncode == 1
    assert done.stderr == (
        "nutrition: no Python 3.11 to 3.14 found on PATH: install one, or put it on PATH\n"
    )


def test_down_where_nothing_was_ever_started_is_content(tmp_path: Path):
    done = run_script("down.sh", tmp_path, tools=("dirname",))

    assert (done.returncode, done.stdout) == (0, "Nothing runs here.\n")
