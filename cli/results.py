"""The results of a batch: fetched into a file, and counted as they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.api import Api
from cli.exits import CommandFailed
from cli.problems import problem_text
from cli.resolution import Resolution
from kernel import codec
from kernel.errors import Malformed

#: Failed recipes whose reasons are told one by one.
SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What a file of results holds."""

    succeeded: int = 0
    failed: int = 0
    resolution: Resolution = field(default_factory=Resolution)
    reasons: list[str] = field(default_factory=list)

    def add(self, line: bytes) -> None:
        """Count one result. Raises CommandFailed for a line that is none."""
        try:
            result = codec.loads(line)
            if result["status"] == "succeeded":
                self.resolution.add(result["analysis"])
                self.succeeded += 1
                return
            self.failed += 1
            if len(self.reasons) < SHOWN:
                self.reasons.append(f"{result.get('custom_id')}: {_reason(result.get('error'))}")
        except (Malformed, KeyError, TypeError) as error:
            raise CommandFailed(
                f"Result {self.recipes + 1} of the batch is no result: {error!r}"
            ) from None

    @property
    def recipes(self) -> int:
        return self.succeeded + self.failed

    def document(self, batch: str | None, state: str) -> dict[str, Any]:
        """The summary for a machine."""
        share = self.resolution.share
        return {
            "batch": batch,
            "state": state,
            "recipes": self.recipes,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "lines": self.resolution.lines,
            "lines_resolved": self.resolution.resolved,
            "share_resolved": None if share is None else round(share, 4),
        }


def tally_of(lines: Iterable[bytes]) -> Tally:
    """Count results that are there already."""
    tally = Tally()
    for line in lines:
        tally.add(line)
    return tally


def fetch(api: Api, batch: str, part: Path) -> tuple[Tally, str]:
    """Write the batch's results to *part*; what they hold, and the file's SHA-256.

    A connection that breaks is made again, and the results are fetched from their beginning.
    """
    return api.persist(lambda: _fetch(api, batch, part), api.waits)


def _fetch(api: Api, batch: str, part: Path) -> tuple[Tally, str]:
    tally, digest, rest = Tally(), hashlib.sha256(), b""
    with (
        api.stream(
            "GET", f"/v1/batches/{batch}/results", headers={"Accept": "application/x-ndjson"}
        ) as response,
        part.open("wb") as file,
    ):
        for block in response.iter_bytes():
            file.write(block)
            digest.update(block)
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                tally.add(line)
    if rest:
        tally.add(rest)
    return tally, digest.hexdigest()


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    text = problem_text({"title": error.get("type", "failed"), **error})
    return " ".join(line.strip() for line in text.splitlines())
