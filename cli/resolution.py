"""How much of a recipe was resolved: the count behind "10 of 11 lines"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: A line that is no food (a heading, a remark) is neither resolved nor missing.
NO_FOOD = "ignored"


@dataclass(slots=True)
class Resolution:
    """Food lines of analyses, and those of them that were resolved to a food and its grams."""

    lines: int = 0
    resolved: int = 0

    def add(self, analysis: Mapping[str, Any]) -> None:
        """Count the lines of one analysis."""
        statuses = [line["status"] for line in analysis["lines"] if line["status"] != NO_FOOD]
        self.lines += len(statuses)
        self.resolved += statuses.count("ok")

    @property
    def share(self) -> float | None:
        """Resolved lines by all food lines; None where there are none."""
        return self.resolved / self.lines if self.lines else None

    def __str__(self) -> str:
        share = "" if self.share is None else f" ({self.share:.1%})"
        return f"{self.resolved} of {self.lines} food lines resolved{share}"
