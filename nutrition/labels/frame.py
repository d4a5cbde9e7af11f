"""A framed text of fixed width for a terminal: aligned, wrapped, and harmless whatever it says.

Titles are other people's input. Control and direction characters are taken out of them, columns
are counted as terminals give them, and what the terminal's encoding lacks is replaced.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LTR_MARK, ISOLATE, END_ISOLATE = "\u200e", "\u2068", "\u2069"
TITLE_LINES = 3


@dataclass(frozen=True, slots=True)
class Strokes:
    """What the frame is drawn with; `part` marks a figure known in part, `more` a text cut off."""

    top: str
    thin: str
    thick: str
    bottom: str
    side: str
    part: str
    more: str


BOX = Strokes("┌─┐", "├─┤", "┝━┥", "└─┘", "│", "†", "…")
ASCII = Strokes("+-+", "+-+", "+=+", "+-+", "|", "+", "...")


@dataclass(frozen=True, slots=True)
class Frame:
    """The terminal a text is meant for. width: columns in all, of which four are the frame's."""

    width: int
    encoding: str
    strokes: Strokes

    @property
    def inside(self) -> int:
        return self.width - 4

    def drawn(self, content: Iterable[str | list[str]]) -> str:
        """The content framed, line by line, without a newline at the end.

        content: texts of up to `inside` columns in a list, or three strokes (left, middle, right)
        as a string.
        """
        lines: list[str] = []
        for part in content:
            if isinstance(part, str):
                lines.append(part[0] + part[1] * (self.width - 2) + part[2])
                continue
            for text in part:
                text = _writable(text, self.encoding)
                padding = " " * (self.inside - cells(text))
                side = self.strokes.side
                lines.append(_left_to_right(f"{side} ", text, f"{padding} {side}"))
        return "\n".join(lines)

    def pair(self, left: str, right: str) -> list[str]:
        """Left and right on one line, or on two where they do not fit."""
        gap = self.inside - cells(left) - cells(right)
        if gap >= 1 or not right:
            return self.wrapped(left, "  ") if gap < 0 else [left + " " * gap + right]
        return [*self.wrapped(left, "  "), right.rjust(self.inside)]

    def title(self, title: str | None) -> list[str]:
        """At most three lines of it, made plain; none where nothing of it can be seen."""
        shown = plain(title)
        lines = self.wrapped(shown, "") if shown else []
        if len(lines) <= TITLE_LINES:
            return lines
        last = lines[TITLE_LINES - 1]
        while cells(last + self.strokes.more) > self.inside:
            last = last[:-1]
        return [*lines[: TITLE_LINES - 1], last.rstrip() + self.strokes.more]

    def wrapped(self, text: str, later: str) -> list[str]:
        """Broken at spaces, and inside a word longer than a line. later: indent from line 2."""
        indent = text[: len(text) - len(text.lstrip(" "))]
        lines: list[str] = []
        line, empty = indent, True
        for word in text.split():
            if not empty and cells(line) + 1 + cells(word) > self.inside:
                lines.append(line)
                line, empty = later, True
            if not empty:
                line += " "
            for character in word:
                if cells(line) + _cells(character) > self.inside:
                    lines.append(line)
                    line = later
                line += character
            empty = False
        return [*lines, line]


def frame(width: int, encoding: str) -> Frame:
    """The frame for a terminal of that encoding: in ASCII where it has no box-drawing."""
    if not _writes(encoding, "a"):
        encoding = "ascii"  # an encoding that Python does not know
    needed = "".join((*_strokes(BOX), *_strokes(ASCII)))
    return Frame(width, encoding, BOX if _writes(encoding, needed) else ASCII)


def plain(text: str | None) -> str:
    """The text on one line, without control and direction characters; "" for none.

    A title is someone else's input: an escape sequence in it would command the reader's terminal,
    and a control character would make a drawing that no reader of XML takes.
    """
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text or "")
    return " ".join("".join(kept).split())


def from_the_right(text: str) -> bool:
    """Whether the text holds writing that runs from right to left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def cells(text: str) -> int:
    """Columns that a terminal gives the text: two for wide characters, none for combining marks."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _left_to_right(before: str, text: str, after: str) -> str:
    """One line that keeps its frame in place where the text runs from right to left.

    Terminals that know directions would take a line's from its first letter.
    """
    if from_the_right(text):
        return f"{LTR_MARK}{before}{ISOLATE}{text}{END_ISOLATE}{after}"
    return before + text + after


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
