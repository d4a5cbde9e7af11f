"""Real engines in a folder whose path has spaces, as people's folders have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.engines import Engines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's engines live."""
    return tmp_path_factory.mktemp("an installation") / "var"


@pytest.fixture(scope="module")
def engines(folder: Path) -> Iterator[Engines]:
    """All three, shared by a module: a test that stops one starts it again."""
    with Engines(folder) as running:
        yield running
