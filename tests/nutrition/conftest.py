"""The engine over the shipped data, loaded once; no network, no clock."""

from __future__ import annotations

from pathlib import Path

import pytest

import nutrition
from nutrition.engine import Engine

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def engine(work_folder: Path) -> Engine:
    return nutrition.load(DATA, work_folder)
