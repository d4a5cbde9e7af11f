"""The nutrition declaration of the EU and the UK as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nutrition.labels.eu_wording import HEADING, columns, lines, portion, remarks
from nutrition.labels.frame import Frame, cells, frame

WIDTH = 64  # columns, frame included
_COLUMNS = (16, 13, 7)  # of the figures; the names have the rest


def panel(table: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """The declaration as lines of `WIDTH` columns, without a newline at the end.

    table: the document that `nutrition.labels.eu.table` makes. encoding: of the terminal.
    """
    box = frame(WIDTH, encoding)
    return box.drawn(_content(table, box))


def _content(table: Mapping[str, Any], box: Frame) -> Iterator[str | list[str]]:
    strokes = box.strokes
    yield strokes.top
    yield [HEADING]
    yield strokes.thin
    yield box.title(table["title"])
    yield [table["servings_shown"]]
    yield box.pair("Portion", portion(table, strokes.part))
    yield strokes.thick
    name, *heads = columns(table, strokes.part)
    yield _line(box, name, heads, heads)
    yield strokes.thin
    vitamins = {row["name"] for row in table["vitamins_and_minerals"][:1]}
    for said in lines(table, strokes.part):
        if said.name in vitamins:
            yield strokes.thin
        yield _line(box, "  " * said.indent + said.name, said.cells, heads)
    yield strokes.thick
    for mark, text, detail in remarks(table, strokes.part):
        indent = f"{mark} " if mark else "  "
        yield box.wrapped(indent + text, "    " if detail else "  ")
    yield strokes.bottom


def _line(box: Frame, name: str, figures: Sequence[str], heads: Sequence[str]) -> list[str]:
    """Name and figures in their columns; each figure on a line of its own where one is too long."""
    room = box.inside - sum(_COLUMNS)
    if cells(name) <= room and all(
        cells(figure) < width for figure, width in zip(figures, _COLUMNS, strict=True)
    ):
        right = "".join(
            " " * (width - cells(figure)) + figure
            for figure, width in zip(figures, _COLUMNS, strict=True)
        )
        return [name + " " * (room - cells(name)) + right]
    found = box.wrapped(name, "  ")
    for figure, head in zip(figures, heads, strict=True):
        if figure:
            found += box.pair(f"    {head}", figure)
    return found
