"""The command run in this process, against a stage or against the real platform's stores."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from kernel.database import Database
from kernel.settings import Settings
from tests.cli.stage import KEY, Stage


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of the command ended: its exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Result]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A server that answers as a test has it answer."""
    server = Stage()
    yield server
    server.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the command would have slept; it does not sleep."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `nutrition` with these words, and what is typed as standard input."""

    monkeypatch.setenv(
        "COLUMNS", "160"
    )  # so that no cell folds in the middle of what is looked for

    def call(*words: str | Path, typed: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def nutrition(
    command: Command, stage: Stage, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs `nutrition` as a client of the stage."""
    monkeypatch.setenv("NUTRITION_URL", stage.url)
    monkeypatch.setenv("NUTRITION_API_KEY", KEY)
    return command


@pytest.fixture
def operator(
    command: Command, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs `nutrition` with the environment of the platform's operator."""
    for name in ("database_url", "database_owner_url", "redis_url", "data_folder"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    return command
