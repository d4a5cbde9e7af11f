"""A drawing as SVG: lines of text and bars from top to bottom, measured so that nothing overflows.

Widths are those of Helvetica (Adobe's font metrics), which Arial and Liberation Sans share; another
font may run wider, and SLACK leaves it room. Lengths are points. Nothing in a drawing can run or
load: it has text, rectangles and lines with plain attributes, no style, script, link or font.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from nutrition.labels.frame import from_the_right

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
#: How much wider than Helvetica a font may run before a line of ours overflows.
SLACK = 1.1

# Widths of the printable characters of ASCII, space to tilde, in thousandths of the size.
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    *(556,) * 10, 278, 278, 584, 584, 584, 556, 1015,
    667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611,
    278, 278, 278, 469, 556, 333,
    556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833,
    556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500,
    334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    *(556,) * 10, 333, 333, 584, 584, 584, 611, 975,
    722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611,
    333, 278, 333, 584, 556, 333,
    556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889,
    611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500,
    389, 280, 389, 584,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one kind of type."""

    text: str
    bold: bool = False
    italic: bool = False


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide the text stands in Helvetica of that size; an estimate beyond Latin letters."""
    table = _BOLD if bold else _REGULAR
    total = 0
    for character in text:
        base = unicodedata.normalize("NFD", character)[0]
        if " " <= base <= "~":
            total += table[ord(base) - 32]
        elif unicodedata.category(base) not in ("Mn", "Me", "Cf"):
            total += 1000 if unicodedata.east_asian_width(base) in "WF" else 780
    return total * size / 1000


def runs_width(runs: list[Run], size: float) -> float:
    return sum(width(run.text, size, run.bold) for run in runs)


def wrapped(text: str, size: float, room: float, bold: bool = False, most: int = 0) -> list[str]:
    """The text in lines of at most *room*, broken at spaces and inside longer words.

    most: lines that are kept, the last cut short with "…"; 0 for all.
    """
    room /= SLACK
    lines = [""]
    for word in text.split():
        if lines[-1] and width(f"{lines[-1]} {word}", size, bold) > room:
            lines.append("")
        elif lines[-1]:
            lines[-1] += " "
        for character in word:
            if lines[-1] and width(lines[-1] + character, size, bold) > room:
                lines.append("")
            lines[-1] += character
    if not most or len(lines) <= most:
        return lines
    last = lines[most - 1]
    while width(f"{last}…", size, bold) > room:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"]


@dataclass(slots=True)
class Drawing:
    """What was drawn so far, to `y` points from the top."""

    width: float
    y: float = 0.0
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        runs: str | list[Run],
        size: float,
        *,
        right: bool = False,
        filling: float | None = None,
        heavier: float = 0.0,
    ) -> None:
        """Text with its base at the present y. right: x is its right end. filling: it is stretched
        or squeezed to this width. heavier: a stroke around its letters, where bold is not enough.
        """
        runs = [Run(runs)] if isinstance(runs, str) else runs
        attributes = f' text-anchor="{"end" if right else "start"}"'
        if any(from_the_right(run.text) for run in runs):
            # Then its start is at the right, and both meanings of an end change places.
            attributes = f' direction="rtl" text-anchor="{"start" if right else "end"}"'
        if filling is not None:
            attributes += f' textLength="{_n(filling)}" lengthAdjust="spacingAndGlyphs"'
        if heavier:
            attributes += f' stroke="#000" stroke-width="{_n(heavier)}"'
        spans = "".join(_span(run) for run in runs if run.text)
        self.parts.append(
            f'<text x="{_n(x)}" y="{_n(self.y)}" font-size="{_n(size)}"{attributes}>{spans}</text>'
        )

    def bar(self, x: float, thickness: float, end: float) -> None:
        """A bar below the present y, which moves on by its thickness."""
        self.parts.append(
            f'<rect x="{_n(x)}" y="{_n(self.y)}" width="{_n(end - x)}" height="{_n(thickness)}"/>'
        )
        self.y += thickness

    def box(self, x: float, y: float, end: float, thickness: float) -> None:
        """A frame from y to the present y."""
        self.parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(end - x)}" height="{_n(self.y - y)}" '
            f'fill="none" stroke="#000" stroke-width="{_n(thickness)}"/>'
        )

    def svg(self, name: str, described: str) -> str:
        """The document. name, described: what a screen reader says in place of the drawing."""
        # Ids of their own, so that many labels may stand in one page, also with equal figures.
        mark = f"{crc32(f'{name} {described}'.encode()):08x}"
        size = f"{_n(self.width)} {_n(self.y)}"
        labelled = quoteattr(f"label-{mark} label-{mark}-text")
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{_n(self.width)}pt" height="{_n(self.y)}pt" viewBox="0 0 {size}" '
            f'role="img" aria-labelledby={labelled} xml:lang="en" '
            f'font-family="{FONT}" fill="#000">\n'
            f'<title id="label-{mark}">{escape(name)}</title>\n'
            f'<desc id="label-{mark}-text">{escape(described)}</desc>\n'
            f'<rect width="{_n(self.width)}" height="{_n(self.y)}" fill="#fff"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


def _span(run: Run) -> str:
    kind = ' font-weight="700"' if run.bold else ""
    kind += ' font-style="italic"' if run.italic else ""
    # Spaces at the ends of a run would be dropped: they are kept by being unbreakable.
    inside = run.text.strip(" ")
    start, _, end = run.text.partition(inside) if inside else (run.text, "", "")
    text = "\u00a0" * len(start) + escape(inside) + "\u00a0" * len(end)
    return f"<tspan{kind}>{text}</tspan>" if kind else text


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
