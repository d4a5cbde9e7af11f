"""The command as a whole: its help, its exit codes, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.exits import Exit
from cli.main import COMMANDS
from tests.cli.conftest import Command
from tests.cli.stage import Stage, document

ROOT = Path(__file__).resolve().parents[2]


def test_a_mistyped_command_is_answered_with_the_one_meant(command: Command) -> None:
    result = command("analyse")

    assert result.code == Exit.USAGE
    assert "Did you mean 'analyze'?" in result.err


def test_every_command_has_help_and_the_line_that_stands_for_it(command: Command) -> None:
    overview = command("--help").out
    for name, (_, line) in COMMANDS.items():
        assert line in overview
        assert command(name, "--help").code == Exit.OK


def test_the_help_imports_no_library_but_click() -> None:
    heavy = "httpx2", "rich", "sqlalchemy", "alembic", "numpy", "nutrition", "services"
    code = (
        "import sys; from cli.main import run; run(['--help']); "
        f"sys.exit(', '.join(set({heavy!r}) & set(sys.modules)) or 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_package_runs_as_a_module_and_its_exit_code_reaches_the_shell() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "foods", "show", "egg", "--url", "http://x", "--key", "npk"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == Exit.USAGE
    assert "Traceback" not in done.stderr


def test_an_output_that_ascii_cannot_write_is_written_all_the_same(stage: Stage) -> None:
    stage.on("GET", "/v1/jobs", document({"items": [{"id": "½"}], "next": None}))
    access = {"NUTRITION_URL": stage.url, "NUTRITION_API_KEY": "npk_test"}

    done = subprocess.run(
        [sys.executable, "-m", "cli", "jobs", "list", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, **access, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == rb'{"id":"\u00bd"}'


def test_a_reader_that_has_enough_is_no_failure(stage: Stage) -> None:
    stage.on("GET", "/v1/jobs", document({"items": [{"id": "x" * 200}] * 2000, "next": None}))
    access = {"NUTRITION_URL": stage.url, "NUTRITION_API_KEY": "npk_test"}

    with subprocess.Popen(
        [sys.executable, "-m", "cli", "jobs", "list", "--json", "--limit", "2000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **access},
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr is not None
        said = running.stderr.read()

    assert (running.returncode, said) == (Exit.OK, b"")


def test_a_shell_completes_its_words() -> None:
    asked = {
        "_NUTRITION_COMPLETE": "bash_complete",
        "COMP_WORDS": "nutrition jo",
        "COMP_CWORD": "1",
    }

    done = subprocess.run(
        [sys.executable, "-m", "cli"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **asked},
    )

    assert (done.returncode, done.stdout.split()) == (0, ["plain,jobs"])


def test_ctrl_c_ends_it_as_shells_expect(
    nutrition: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.api.Api.get", interrupt)

    result = nutrition("foods", "search", "egg")

    assert result.code == 130
    assert "Traceback" not in result.err


def test_the_openapi_document_is_printed(nutrition: Command, stage: Stage) -> None:
    stage.on("GET", "/v1/openapi.json", document({"openapi": "3.1.0"}))

    assert nutrition("openapi").json == {"openapi": "3.1.0"}


def test_the_reference_describes_every_exit_code_and_every_command() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(Exit)
    for name in COMMANDS:
        assert f"## `nutrition {name}" in page
