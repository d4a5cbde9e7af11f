"""The Nutrition Facts label as text for a terminal, in the vertical format of 21 CFR 101.9(d)(12).

Made from the label's JSON document and nothing else, so that a client prints what the API answered.
Figures that rest on a part of the recipe are marked, and the legend says on how much.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WIDTH = 44  # columns, frame included
INSIDE = WIDTH - 4
TITLE_LINES = 3
LTR_MARK, ISOLATE, END_ISOLATE = "\u200e", "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Strokes:
    """What the frame is drawn with; `part` marks a figure known in part."""

    top: str
    thin: str
    thick: str
    bottom: str
    side: str
    part: str
    more: str


BOX = Strokes("┌─┐", "├─┤", "┝━┥", "└─┘", "│", "†", "…")
ASCII = Strokes("+-+", "+-+", "+=+", "+-+", "|", "+", "...")


def panel(label: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """The label as lines of `WIDTH` columns, without a newline at the end.

    label: the document that `nutrition.label.label` makes. encoding: of the terminal; one that has
    no box-drawing characters gets a frame in ASCII, and "?" for what it cannot write.
    """
    if not _writes(encoding, "a"):
        encoding = "ascii"  # an encoding that Python does not know
    strokes = BOX if _writes(encoding, "".join((*_strokes(BOX), *_strokes(ASCII)))) else ASCII
    lines: list[str] = []
    for kind, text in _content(label, strokes):
        if kind == "rule":
            lines.append(text[0] + text[1] * (WIDTH - 2) + text[2])
        else:
            text = _writable(text, encoding)
            padding = " " * (INSIDE - cells(text))
            lines.append(_left_to_right(f"{strokes.side} ", text, f"{padding} {strokes.side}"))
    return "\n".join(lines)


def _left_to_right(before: str, text: str, after: str) -> str:
    """One line that keeps its frame in place where the text runs from right to left.

    Terminals that know directions would take a line's from its first letter.
    """
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"{LTR_MARK}{before}{ISOLATE}{text}{END_ISOLATE}{after}"
    return before + text + after


def _content(label: Mapping[str, Any], strokes: Strokes) -> Iterator[tuple[str, str]]:
    """Lines from top to bottom: ("rule", its strokes) or ("text", up to INSIDE columns)."""
    calories, *rows = label["rows"]
    yield "rule", strokes.top
    yield "text", "Nutrition Facts"
    yield "rule", strokes.thin
    if label["title"]:
        for line in _title(label["title"], strokes.more):
            yield "text", line
    yield "text", label["servings_shown"]
    mark = strokes.part if 0 < label["serving_grams_coverage"] < 1 else ""
    yield from _texts(_pair("Serving size", label["serving_size"] + mark))
    yield "rule", strokes.thick
    yield "text", "Amount per serving" if label["servings"] else "Amount per recipe"
    yield from _texts(_pair("Calories", _amount(calories, strokes)))
    yield "rule", strokes.thick
    yield "text", "% Daily Value*".rjust(INSIDE)
    yield "rule", strokes.thin
    for row in rows:
        if row["code"] == "VITD":  # vitamins and minerals stand below a bar of their own
            yield "rule", strokes.thick
        yield from _texts(_pair(*_row(row, strokes)))
    yield "rule", strokes.thick
    yield from _texts(_wrap("* " + label["footnote"], "  "))
    if label["daily_values"] != "fda-2016":
        yield from _texts(_wrap(f"  Daily Values for {label['audience']}.", "  "))
    yield from _texts(_legend(label, strokes))
    yield "rule", strokes.bottom


def _row(row: Mapping[str, Any], strokes: Strokes) -> tuple[str, str]:
    amount = _amount(row, strokes)
    indent = "  " * row["indent"]
    if row["known"] == "no":
        return f"{indent}{row['name']}", amount
    # 101.9(c)(6)(iii): the amount of added sugars is "prefaced with the word 'Includes'".
    if row["code"] == "SUGAD":
        left = f"{indent}Includes {amount} {row['name']}"
    else:
        left = f"{indent}{row['name']} {amount}"
    percent = row["percent_daily_value"]
    return left, "" if percent is None else f"{percent:.6g}%"


def _amount(row: Mapping[str, Any], strokes: Strokes) -> str:
    mark = strokes.part if row["known"] == "in part" else ""
    return f"{row['shown']}{mark}"


def _legend(label: Mapping[str, Any], strokes: Strokes) -> list[str]:
    unknown = any(row["known"] == "no" for row in label["rows"])
    parts = [(r["coverage"], r["name"]) for r in label["rows"] if r["known"] == "in part"]
    if 0 < label["serving_grams_coverage"] < 1:
        parts.insert(0, (label["serving_grams_coverage"], "Serving size"))
    shares: dict[int, list[str]] = {}
    for coverage, name in parts:
        # Rounded down: what is not covered in full must not read 100 %. Through a decimal, for
        # 0.29 times 100 is 28.999999999999996.
        shares.setdefault(int(Decimal(str(coverage)) * 100), []).append(name)
    lines: list[str] = []
    if shares:
        lines += _wrap(
            f"{strokes.part} Known part only: the rest of the recipe has no figure.", "  "
        )
        for share, names in sorted(shares.items()):
            covered = "under 1%" if share == 0 else f"{share}%"
            lines += _wrap(f"  {covered} known: {', '.join(names)}", "    ")
    if unknown:
        lines += _wrap(
            "  Not known is not zero: no figure exists for any part of the recipe.", "  "
        )
    return lines


def _texts(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        yield "text", line


def _pair(left: str, right: str) -> list[str]:
    """Left and right on one line, or on two where they do not fit."""
    gap = INSIDE - cells(left) - cells(right)
    if gap >= 1 or not right:
        return _wrap(left, "  ") if gap < 0 else [left + " " * gap + right]
    return [*_wrap(left, "  "), right.rjust(INSIDE)]


def _title(title: str, more: str) -> list[str]:
    lines = _wrap(plain(title), "")
    if len(lines) <= TITLE_LINES:
        return lines
    last = lines[TITLE_LINES - 1]
    while cells(last + more) > INSIDE:
        last = last[:-1]
    return [*lines[: TITLE_LINES - 1], last.rstrip() + more]


def plain(text: str) -> str:
    """The text on one line, without control and direction characters.

    A title is someone else's input: an escape sequence in it would command the reader's terminal.
    """
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return " ".join("".join(kept).split())


def cells(text: str) -> int:
    """Columns that a terminal gives the text: two for wide characters, none for combining marks."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrap(text: str, later: str) -> list[str]:
    """Break at spaces, and inside a word that is longer than a line. later: indent from line 2."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines: list[str] = []
    line, empty = indent, True
    for word in text.split():
        if not empty and cells(line) + 1 + cells(word) > INSIDE:
            lines.append(line)
            line, empty = later, True
        if not empty:
            line += " "
        for character in word:
            if cells(line) + _cells(character) > INSIDE:
                lines.append(line)
                line = later
            line += character
        empty = False
    return [*lines, line]


def _strokes(strokes: Strokes) -> tuple[str, ...]:
    return (strokes.top, strokes.thick, strokes.thin, strokes.bottom, strokes.side, strokes.part)


def _writes(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _writable(text: str, encoding: str) -> str:
    """The text as the encoding can write it: accents dropped first, then "?"."""
    if _writes(encoding, text):
        return text
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return "".join(c if _writes(encoding, c) else "?" * _cells(c) for c in bare)
