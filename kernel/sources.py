"""Sources: which version of the code an answer was made by.

A constant would have to be raised by whoever changes a rule, and once would not be. The text of the
modules that make an answer is its version: a release that changes one finds no old answers, and one
that changes none keeps them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules


def version_of(names: Iterable[str]) -> str:
    """A short digest of the text of modules and packages, by name; packages with all inside them.

    Raises ModuleNotFoundError for a name that is none.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(names):
        for path in sorted(_files(name)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _files(name: str) -> list[Path]:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"there is no module {name!r} with a file")
    files = [Path(spec.origin)]
    if spec.submodule_search_locations:
        package = import_module(name)
        for inner in iter_modules(package.__path__):
            files += _files(f"{name}.{inner.name}")
    return files
