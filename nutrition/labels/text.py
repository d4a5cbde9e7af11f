"""The Nutrition Facts label as text for a terminal, in the vertical format of 21 CFR 101.9(d)(12).

Made from the label's JSON document and nothing else, so that a client prints what the API answered.
Figures that rest on a part of the recipe are marked, and the legend says on how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nutrition.labels.fda import MICROS
from nutrition.labels.frame import Frame, frame
from nutrition.labels.wording import basis, marked, remarks, said, serving_size

WIDTH = 44  # columns, frame included


def panel(label: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """The label as lines of `WIDTH` columns, without a newline at the end.

    label: the document that `nutrition.labels.fda.label` makes. encoding: of the terminal; one that
    has no box-drawing characters gets a frame in ASCII, and "?" for what it cannot write.
    """
    box = frame(WIDTH, encoding)
    return box.drawn(_content(label, box))


def _content(label: Mapping[str, Any], box: Frame) -> Iterator[str | list[str]]:
    """Rules and texts from top to bottom."""
    strokes = box.strokes
    calories, *rows = label["rows"]
    yield strokes.top
    yield ["Nutrition Facts"]
    yield strokes.thin
    yield box.title(label["title"])
    yield [label["servings_shown"]]
    yield box.pair("Serving size", serving_size(label, strokes.part))
    yield strokes.thick
    yield [basis(label)]
    yield box.pair("Calories", marked(calories, strokes.part))
    yield strokes.thick
    yield ["% Daily Value*".rjust(box.inside)]
    yield strokes.thin
    for row in rows:
        if row["code"] == MICROS[0]:  # vitamins and minerals stand below a bar of their own
            yield strokes.thick
        words = said(row, strokes.part)
        yield box.pair("  " * row["indent"] + words.left, words.right)
    yield strokes.thick
    for mark, text, detail in remarks(label, strokes.part):
        indent = f"{mark} " if mark else "  "
        yield box.wrapped(indent + text, "    " if detail else "  ")
    yield strokes.bottom
