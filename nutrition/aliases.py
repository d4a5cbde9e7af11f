"""Everyday names of common foods, written by hand: "scallion" is SR28's 11291.

One food a line: `<NDB number>: <name>, <name>, …`; `#` starts a comment. The file is knowledge of
the kitchen, not of any labelled data set, and a strong hint to the matcher, never its last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
