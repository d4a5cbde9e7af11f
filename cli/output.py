"""What the command writes: results on standard output, everything else on standard error.

Names, titles and messages are other people's text: an escape sequence in them must not command
the reader's terminal, so all of it passes `printable` on its way.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

#: Columns of a table that goes into a pipe or a file, where COLUMNS does not say otherwise.
PIPE_WIDTH = 120
#: Marks that embed or override a direction: what follows would read backwards.
DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def printable(text: object) -> str:
    """The text on one line, without characters that command a terminal or turn its direction."""
    return "".join(" " if _commands(character) else character for character in str(text))


def _commands(character: str) -> bool:
    kind, direction = unicodedata.category(character), unicodedata.bidirectional(character)
    return kind in ("Cc", "Cs", "Zl", "Zp") or direction in DIRECTIONS


def emit(document: Any) -> None:
    """One JSON document, for a machine."""
    click.echo(json.dumps(document, ensure_ascii=_ascii(), indent=2))


def emit_line(document: Any) -> None:
    """One line of NDJSON, for a machine; flushed, since lines come as things happen."""
    click.echo(json.dumps(document, ensure_ascii=_ascii(), separators=(",", ":")))
    sys.stdout.flush()


def name_of(file: IO[bytes]) -> str:
    """What messages call an input file."""
    name = str(getattr(file, "name", "<stdin>"))
    return "standard input" if name == "<stdin>" else name


def note(message: str) -> None:
    """A line for the person at the terminal."""
    click.echo(printable(message), err=True)


def console(*, err: bool = False) -> Console:
    """A rich console that takes text as it is; colour only on a terminal, and not with NO_COLOR."""
    from rich.console import Console

    file = sys.stderr if err else sys.stdout
    return Console(
        file=file,
        width=None if file.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )


def table(
    columns: Sequence[str],
    rows: Iterable[tuple[Sequence[object], str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Rows of cells, each row with a rich style ("" for none). None is an empty cell.

    right: columns set flush right. whole: columns never folded, such as ids to copy.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for name in columns:
        drawn.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name in right or name in whole,
            overflow="fold",
        )
    for cells, style in rows:
        drawn.add_row(*(Text("" if c is None else printable(c)) for c in cells), style=style)
    console().print(drawn)


def _ascii() -> bool:
    return (sys.stdout.encoding or "ascii").lower().replace("-", "") not in ("utf8", "utf8sig")
