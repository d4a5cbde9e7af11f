"""What stands below a label's figures: which are known in part, which not at all, and why.

The same lines serve the terminal, the drawing and the page, for either standard's document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

#: Marks a figure that rests on a part of the recipe.
PART = "†"
#: Figures that one remark names one by one.
MANY = 6


class Note(NamedTuple):
    """One remark. mark: what refers to it among the figures, or ""; detail: subordinate to it."""

    mark: str
    text: str
    detail: bool = False


def notes(
    rows: Iterable[Mapping[str, Any]], weight: tuple[str, float], part: str = PART
) -> list[Note]:
    """The remarks on the figures of a label, none where all is known.

    rows: each with `name`, `known` ("in full", "in part", "no") and `coverage`. weight: what the
    label calls the weight of a serving, and the share of the recipe which that weight adds up.
    part: the mark of a figure known in part, where "†" cannot be written.
    """
    rows = list(rows)
    partly = [(row["coverage"], row["name"]) for row in rows if row["known"] == "in part"]
    partly = [(coverage, name.removeprefix("of which ")) for coverage, name in partly]
    name, weighed = weight
    if 0 < weighed < 1:
        partly.insert(0, (weighed, name))
    shares: dict[int, list[str]] = {}
    for coverage, of in partly:
        # Rounded down: what is not covered in full must not read 100 %. Through a decimal, for
        # 0.29 times 100 is 28.999999999999996.
        shares.setdefault(int(Decimal(str(coverage)) * 100), []).append(of)
    found: list[Note] = []
    if shares:
        found.append(Note(part, "Known part only: the rest of the recipe has no figure."))
    by_share = sorted(shares.items())
    most = max(by_share, key=lambda group: len(group[1]), default=None)
    if most and len(most[1]) > MANY and all(row["known"] != "in full" for row in rows):
        # A line of the recipe that nobody knows leaves its gap in every figure: said once, last.
        by_share.remove(most)
        by_share.append((most[0], ["all other figures" if by_share else "all figures"]))
    for share, names in by_share:
        covered = "under 1%" if share == 0 else f"{share}%"
        found.append(Note("", f"{covered} known: {', '.join(names)}", detail=True))
    if any(row["known"] == "no" for row in rows):
        found.append(
            Note("", "Not known is not zero: no figure exists for any part of the recipe.")
        )
    found += [Note("", row["percent_reason"]) for row in rows if row.get("percent_reason")]
    return found
