"""Everyday names of common foods, written by hand: "scallion" is SR28's 11291.

Files of `data/food_aliases/`, one food a line: `<NDB number>: <name>, <name>, …`; `#` starts a
comment. They are knowledge of the kitchen, not of any labelled data set, and a strong hint to the
matcher, never its last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nutrition.errors import MissingData


def read(lines: Iterable[str], source: str = "food aliases") -> Iterator[tuple[str, str]]:
    """Yield (NDB number, everyday name) pairs. A malformed line raises `MissingData`."""
    for number, line in enumerate(lines, start=1):
        content = line.split("#", 1)[0].strip()
        if not content:
            continue
        code, colon, names = content.partition(":")
        if not colon or not (code.isdigit() and len(code) == 5):
            raise MissingData(
                f"{source}, line {number}: expected '<5-digit NDB number>: name, name', "
                f"got {content[:60]!r}"
            )
        for name in names.split(","):
            if name.strip():
                yield code, name.strip()


def files(folder: Path) -> list[Path]:
    """The files of everyday names in *folder*, in order."""
    return sorted(folder.glob("*.txt"))


def read_folder(folder: Path) -> list[tuple[str, str]]:
    """The pairs of all files of *folder*. Raises `MissingData` where there is none."""
    found = files(folder)
    if not found:
        raise MissingData(f"{folder} is missing from the data folder, or holds no file")
    return [
        pair for file in found for pair in read(file.read_text("utf-8").splitlines(), str(file))
    ]
