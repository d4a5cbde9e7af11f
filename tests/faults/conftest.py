"""A whole platform of real processes, that the tests may kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest

from embedded.engines import Engines
from kernel.database import Database
from kernel.settings import Settings
from tests.faults.report import Report
from tests.faults.stage import Stage, opened
from tests.supervised import Supervised


@pytest.fixture
def open_stage(
    engines: Engines, settings: Settings, database: Database, tmp_path: Path
) -> Iterator[Callable[..., Stage]]:
    """Opens the platform with the options that `stage.opened` takes; closed after the test."""
    with ExitStack() as stack:

        def make(**options: Any) -> Stage:
            return stack.enter_context(opened(engines, settings, database, tmp_path, **options))

        yield make


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    """All that supervisord.conf runs, ready, with the settings' defaults."""
    return open_stage()


@pytest.fixture
def platform(stage: Stage) -> Supervised:
    return stage.platform


@pytest.fixture
def key(stage: Stage) -> str:
    """An API key that may do anything of its account's."""
    return stage.key


@pytest.fixture
def dice() -> Random:
    """The same dice at every run: a test that fails fails again."""
    return Random(12)


def assert_holds(report: Report) -> None:
    """Fails with what does not hold, and the figures beside it."""
    assert not report.broken, f"\n{report}"
    print(report)
