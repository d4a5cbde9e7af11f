"""What a scenario answers: findings beside what is required, and figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement and what was found."""

    what: str
    required: str
    found: str
    holds: bool


@dataclass(slots=True)
class Report:
    """One scenario's findings. figures: what was counted and measured besides.

    speeds: findings about time. A soak judges them; a test does not, on whatever machine it runs.
    """

    scenario: str
    findings: list[Finding] = field(default_factory=list)
    speeds: list[Finding] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def none(self, what: str, found: Iterable[object]) -> None:
        """Require that nothing of the sort was found; the first few are told."""
        some = list(found)
        told = f"{len(some)}: {', '.join(map(str, some[:5]))}" if some else "0"
        self.findings.append(Finding(what, "0", told, not some))

    def equal(self, what: str, required: object, found: object) -> None:
        """Require that both are the same."""
        self.findings.append(Finding(what, str(required), str(found), required == found))

    def holds(self, what: str, required: str, found: object, holds: bool) -> None:
        """Require what was judged elsewhere."""
        self.findings.append(Finding(what, required, str(found), holds))

    def at_most(self, what: str, limit: float, found: float, unit: str = "") -> None:
        """A speed: require that it is not above *limit*."""
        told = f"at most {limit:g}{unit}"
        self.speeds.append(Finding(what, told, f"{found:.3g}{unit}", found <= limit))

    @property
    def broken(self) -> list[Finding]:
        """The findings that do not hold, those about time aside."""
        return [finding for finding in self.findings if not finding.holds]

    def __str__(self) -> str:
        """A table, one requirement a line."""
        rows = [
            f"  {'holds ' if finding.holds else 'BROKEN'}  {finding.what}: {finding.found}"
            f"  (required: {finding.required})"
            for finding in (*self.findings, *self.speeds)
        ]
        rows += [f"          {name}: {value}" for name, value in self.figures.items()]
        return "\n".join([self.scenario, *rows])
