"""What each row of the EU declaration says, in a terminal, a drawing and a page alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nutrition.labels.eu import STATED
from nutrition.labels.notes import PART, Note, notes

HEADING = "Nutrition declaration"


class Said(NamedTuple):
    """A line of the table. name: "" on the second line of energy. share: of the reference intake of
    what is in a portion, or ""."""

    name: str
    indent: int
    per_100g: str
    per_portion: str
    share: str

    @property
    def cells(self) -> tuple[str, str, str]:
        return self.per_100g, self.per_portion, self.share


def columns(table: Mapping[str, Any], part: str = PART) -> tuple[str, str, str, str]:
    """The headings of the four columns. 100 g are marked where some line has no weight."""
    return "Typical values", f"per 100 g{_weight_mark(table, part)}", "per portion", "% RI*"


def portion(table: Mapping[str, Any], part: str = PART) -> str:
    """The size of a portion, marked in the same way."""
    return f"{table['portion']}{_weight_mark(table, part)}"


def _weight_mark(table: Mapping[str, Any], part: str) -> str:
    return part if 0 < table["portion_grams_coverage"] < 1 else ""


def lines(table: Mapping[str, Any], part: str = PART) -> Iterator[Said]:
    """Energy on two lines, kJ and kcal; then a line a row. part: the mark of what is partly known.

    A vitamin or mineral carries its percentage in 100 g too, as Article 32(3) wants it.
    """
    energy, *rows = table["rows"]
    yield from _energy(energy, part)
    for row in rows:
        yield _said(row, part, "")
    for row in table["vitamins_and_minerals"]:
        share = row["per_100g"]["percent_reference_intake"]
        yield _said(row, part, f" ({_percent(share)})")


def remarks(table: Mapping[str, Any], part: str = PART) -> list[Note]:
    """The statement of Article 32(5), what the brackets are, and what is unknown."""
    found = [Note("*", f"{table['statement']}; of a portion.")]
    micros = table["vitamins_and_minerals"]
    if micros:
        found.append(Note("", "In brackets: share of the nutrient reference value in 100 g."))
    if table["weight_basis"] not in (None, STATED):
        # Figures in 100 g stand and fall with what the finished dish weighs.
        found.append(Note("", f"Weight of the dish: {table['weight_basis']}."))
    weight = ("Weight of a portion", table["portion_grams_coverage"])
    return found + notes([*table["rows"], *micros], weight, part)


def _energy(row: Mapping[str, Any], part: str) -> Iterator[Said]:
    if row["known"] == "no":
        yield _said(row, part, "")
        return
    mark = part if row["known"] == "in part" else ""
    pairs = [_split(row[column]["shown"]) for column in ("per_100g", "per_portion")]
    (first, second), (third, fourth) = pairs
    share = _percent(row["per_portion"]["percent_reference_intake"])
    yield Said(row["name"], 0, first + mark, third + mark, share)
    yield Said("", 0, second + mark, fourth + mark, "")


def _split(shown: str) -> tuple[str, str]:
    kj, _, kcal = shown.partition(" / ")
    return kj, kcal


def _said(row: Mapping[str, Any], part: str, after: str) -> Said:
    mark = part if row["known"] == "in part" else ""
    hundred, portion = row["per_100g"], row["per_portion"]
    return Said(
        row["name"],
        row["indent"],
        f"{hundred['shown']}{mark if hundred['amount'] is not None else ''}{after}",
        f"{portion['shown']}{mark}",
        _percent(portion["percent_reference_intake"]),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.6g}%"
