"""The Nutrition Facts label as a drawing: the vertical standard format of 21 CFR 101.9(d)(12).

Type and rules in points, after (d)(1) to (d)(9), else as packets commonly have them: heading across
the whole width; servings 10; "Calories" 16 and their number 22; nutrients 8 with hairlines between
them; bars of 7 and 3; footnotes 6. The title of the recipe stands above the box, which the
regulation reserves for what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nutrition.labels.drawing import SLACK, Drawing, Run, runs_width, width, wrapped
from nutrition.labels.fda import MICROS
from nutrition.labels.frame import from_the_right, plain
from nutrition.labels.wording import Said, basis, marked, remarks, said, serving_size

WIDTH = 200.0
_EDGE = 2.0  # outside the box
LEFT, RIGHT = 7.0, WIDTH - 7.0
INSIDE = RIGHT - LEFT
INDENT = 8.0
HAIRLINE = 0.4
TITLE, SERVINGS, CALORIES, NUMBER, ROW, SMALL = 10.0, 10.0, 16.0, 22.0, 8.0, 6.0


def svg(label: Mapping[str, Any]) -> str:
    """The label as a standalone SVG document. label: what `nutrition.labels.fda.label` makes."""
    drawing = Drawing(WIDTH, _EDGE)
    title(drawing, label["title"], LEFT, RIGHT)
    top = drawing.y
    heading(drawing, "Nutrition Facts", LEFT, RIGHT)
    _servings(drawing, label)
    calories, *rows = label["rows"]
    _calories(drawing, label, calories)
    drawing.y += SMALL + 2.5
    drawing.text(RIGHT, [Run("% Daily Value*", bold=True)], SMALL, right=True)
    drawing.y += 2.5
    for row in rows:
        if row["code"] == MICROS[0]:  # vitamins and minerals stand below a bar of their own
            drawing.bar(LEFT, 7, RIGHT)
        else:
            # Added sugars are part of the sugars above them: their hairline is as indented.
            start = LEFT + INDENT * row["indent"] if row["code"] == "SUGAD" else LEFT
            drawing.bar(start, HAIRLINE, RIGHT)
        _row(drawing, said(row), row)
    drawing.bar(LEFT, 3, RIGHT)
    footnotes(drawing, remarks(label), LEFT, RIGHT)
    drawing.y += 4
    drawing.box(_EDGE, top, WIDTH - _EDGE, 1)
    drawing.y += _EDGE
    return drawing.svg(name("Nutrition Facts", label["title"]), described(label))


def title(drawing: Drawing, text: str | None, left: float, right: float) -> None:
    """At most three lines above the box, at the side where the writing begins."""
    shown = plain(text)
    if not shown:
        return
    lines = wrapped(shown, TITLE, right - left, bold=True, most=3)
    reversed_ = any(map(from_the_right, lines))
    for line in lines:
        drawing.y += TITLE + 2
        drawing.text(right if reversed_ else left, [Run(line, bold=True)], TITLE, right=reversed_)
    drawing.y += 5


def heading(drawing: Drawing, text: str, left: float, right: float) -> None:
    """Across the whole width, whatever the font, and a hairline below."""
    size = (right - left) / width(text, 1, bold=True)
    drawing.y += size * 0.92
    drawing.text(left, [Run(text, bold=True)], size, filling=right - left, heavier=0.4)
    drawing.y += size * 0.24
    drawing.bar(left, HAIRLINE, right)


def footnotes(drawing: Drawing, notes: list[Any], left: float, right: float) -> None:
    """Remarks in small type, each with its mark hanging before it."""
    drawing.y += 2
    for mark, text, detail in notes:
        start = left + (10 if detail else 5)
        for number, line in enumerate(wrapped(text, SMALL, right - start)):
            drawing.y += SMALL + 1.2
            if mark and number == 0:
                drawing.text(left, mark, SMALL)
            drawing.text(start, line, SMALL)


def _servings(drawing: Drawing, label: Mapping[str, Any]) -> None:
    drawing.y += SERVINGS + 1
    drawing.text(LEFT, label["servings_shown"], SERVINGS)
    name, size = [Run("Serving size", bold=True)], [Run(serving_size(label), bold=True)]
    drawing.y += SERVINGS + 1
    drawing.text(LEFT, name, SERVINGS)
    if (runs_width(name, SERVINGS) + runs_width(size, SERVINGS)) * SLACK > INSIDE:
        drawing.y += SERVINGS + 1
    drawing.text(RIGHT, size, SERVINGS, right=True)
    drawing.y += 4
    drawing.bar(LEFT, 7, RIGHT)


def _calories(drawing: Drawing, label: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    drawing.y += SMALL + 2.5
    drawing.text(LEFT, [Run(basis(label), bold=True)], SMALL)
    drawing.y += NUMBER * 0.8 + 1
    drawing.text(LEFT, [Run("Calories", bold=True)], CALORIES)
    shown = marked(row)
    room = INSIDE / SLACK - width("Calories  ", CALORIES, bold=True)
    most = CALORIES * 0.75 if row["known"] == "no" else NUMBER
    size = min(most, most * room / width(shown, most, bold=True))
    drawing.text(RIGHT, [Run(shown, bold=True)], size, right=True)
    drawing.y += 4
    drawing.bar(LEFT, 3, RIGHT)


def _row(drawing: Drawing, words: Said, row: Mapping[str, Any]) -> None:
    """Names bold where the regulation has them so, percentages too; a line, or two if need be."""
    micro = row["code"] in MICROS
    start = LEFT + INDENT * row["indent"]
    left = [Run(words.before), Run(words.name, bold=row["indent"] == 0 and not micro)]
    if words.name.startswith("Trans "):  # (c)(2)(ii), the samples: in italics
        left[1:] = [Run("Trans", italic=True), Run(words.name.removeprefix("Trans"))]
    left.append(Run(words.after))
    right = [Run(words.right, bold=words.percent and not micro)]
    drawing.y += ROW + 1.4
    drawing.text(start, left, ROW)
    if (runs_width(left, ROW) + runs_width(right, ROW)) * SLACK + start - LEFT > INSIDE:
        drawing.y += ROW + 1.4
    if words.right:
        drawing.text(RIGHT, right, ROW, right=True)
    drawing.y += 3


def name(kind: str, title: str | None) -> str:
    """What the drawing is, and of what."""
    shown = plain(title)
    return f"{kind}: {shown}" if shown else kind


def described(label: Mapping[str, Any]) -> str:
    """The whole label in words, for who hears it."""
    spoken = [f"{label['servings_shown']}. Serving size {serving_size(label)}. {basis(label)}:"]
    for row in label["rows"]:
        words = said(row)
        if words.percent:
            spoken.append(f"{words.left}, {words.right} of the Daily Value;")
        else:
            spoken.append(f"{words.left} {words.right}".rstrip() + ";")
    return " ".join([*spoken, *(f"{note.mark} {note.text}".strip() for note in remarks(label))])
