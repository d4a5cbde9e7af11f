"""What each row of the Nutrition Facts panel says, in a terminal, a drawing and a page alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from nutrition.labels.daily_values import ADULTS
from nutrition.labels.fda import NOT_KNOWN
from nutrition.labels.notes import PART, Note, notes


class Said(NamedTuple):
    """One row as it is read: "Includes ", "Added Sugars" between " 10g" and so on, then the right.

    before, after: of the name, on the left, spaces included. right: the percentage, or that the
    figure is not known, or "". percent: whether the right is a percentage.
    """

    before: str
    name: str
    after: str
    right: str
    percent: bool

    @property
    def left(self) -> str:
        return f"{self.before}{self.name}{self.after}"


def said(row: Mapping[str, Any], part: str = PART) -> Said:
    """The words of one row of the document. part: the mark of a figure known in part."""
    amount = marked(row, part)
    if row["known"] == "no":
        return Said("", row["name"], "", amount, False)
    # 101.9(c)(6)(iii): the amount of added sugars is "prefaced with the word 'Includes'".
    added = row["code"] == "SUGAD"
    before, after = (f"Includes {amount} ", "") if added else ("", f" {amount}")
    percent = row["percent_daily_value"]
    if percent is not None:
        return Said(before, row["name"], after, f"{percent:.6g}%", True)
    return Said(before, row["name"], after, NOT_KNOWN if "percent_reason" in row else "", False)


def marked(row: Mapping[str, Any], part: str = PART) -> str:
    """The amount as shown, marked where it is known in part."""
    return f"{row['shown']}{part if row['known'] == 'in part' else ''}"


def serving_size(label: Mapping[str, Any], part: str = PART) -> str:
    """The size of a serving, marked where some ingredient has no weight."""
    return f"{label['serving_size']}{part if 0 < label['serving_grams_coverage'] < 1 else ''}"


def basis(label: Mapping[str, Any]) -> str:
    """What the amounts are of: without servings the recipe is the serving."""
    return "Amount per serving" if label["servings"] else "Amount per recipe"


def remarks(label: Mapping[str, Any], part: str = PART) -> list[Note]:
    """The footnote of 101.9(d)(9), whose Daily Values where not an adult's, and what is unknown."""
    found = [Note("*", label["footnote"])]
    if label["daily_values"] != ADULTS:
        found.append(Note("", f"Daily Values for {label['audience']}."))
    return found + notes(label["rows"], ("Serving size", label["serving_grams_coverage"]), part)
