"""The nutrition declaration of the EU and the UK as a drawing.

Regulation (EU) No 1169/2011 asks for a table with its figures in columns (Article 34(2)) in type
whose x-height is at least 1.2 mm (Article 13(2), Annex IV): 8 points of Helvetica have 1.48 mm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nutrition.labels.drawing import SLACK, Drawing, Run, width
from nutrition.labels.eu_wording import HEADING, Said, columns, lines, portion, remarks
from nutrition.labels.svg import HAIRLINE, INDENT, ROW, footnotes, name, title

WIDTH = 290.0
_EDGE = 2.0
LEFT, RIGHT = 7.0, WIDTH - 7.0
_ENDS = (190.0, 252.0, RIGHT)  # right ends of the columns of figures
_ROOM = (80.0, 62.0, 31.0)  # and how wide each is


def svg(table: Mapping[str, Any]) -> str:
    """The declaration as a standalone SVG document, from what `nutrition.labels.eu.table` makes."""
    drawing = Drawing(WIDTH, _EDGE)
    title(drawing, table["title"], LEFT, RIGHT)
    top = drawing.y
    drawing.y += 16
    drawing.text(LEFT, [Run(HEADING, bold=True)], 14)
    drawing.y += ROW + 4
    drawing.text(LEFT, f"{table['servings_shown']}. Portion: {portion(table)}", ROW)
    drawing.y += 4
    drawing.bar(LEFT, 2, RIGHT)
    first, *heads = columns(table)
    _line(drawing, [Run(first, bold=True)], heads, LEFT, bold=True)
    micros = {row["name"] for row in table["vitamins_and_minerals"][:1]}
    for words in lines(table):
        if words.name:
            drawing.bar(LEFT, 2 if words.name in micros else HAIRLINE, RIGHT)
        start = LEFT + INDENT * words.indent
        _line(drawing, [Run(words.name, bold=words.indent == 0)], words.cells, start)
    drawing.bar(LEFT, 2, RIGHT)
    footnotes(drawing, remarks(table), LEFT, RIGHT)
    drawing.y += 4
    drawing.box(_EDGE, top, WIDTH - _EDGE, 1)
    drawing.y += _EDGE
    return drawing.svg(name(HEADING, table["title"]), described(table))


def _line(
    drawing: Drawing, name: list[Run], figures: Sequence[str], start: float, bold: bool = False
) -> None:
    drawing.y += ROW + 1.4
    drawing.text(start, name, ROW)
    for figure, end, room in zip(figures, _ENDS, _ROOM, strict=True):
        if figure:
            # A figure no recipe has is set smaller rather than over its neighbour.
            size = min(ROW, ROW * room / (width(figure, ROW, bold) * SLACK))
            drawing.text(end, [Run(figure, bold=bold)], size, right=True)
    drawing.y += 3


def described(table: Mapping[str, Any]) -> str:
    """The whole declaration in words, for who hears it."""
    spoken = [f"{table['servings_shown']}. Portion: {portion(table)}."]
    spoken += [_spoken(words) for words in lines(table)]
    return " ".join([*spoken, *(f"{note.mark} {note.text}".strip() for note in remarks(table))])


def _spoken(words: Said) -> str:
    hundred, portion, share = words.cells
    end = f", {share} of the reference intake;" if share else ";"
    return f"{words.name} {hundred} per 100 g, {portion} per portion{end}".strip()
