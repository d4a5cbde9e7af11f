"""A batch of recipes as its owner sees it: accepted, counted while it runs, results read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import httpx2

from benchmarks.invented import Recipe
from benchmarks.load import body

_UPLOAD_SECONDS = 120


class Batch:
    """One batch. has_begun and has_ended ask the platform."""

    def __init__(self, http: httpx2.Client, identifier: str, recipes: int, upload: float) -> None:
        self._http = http
        self._path = f"/v1/batches/{identifier}"
        self._recipes = recipes
        self._upload = upload
        self._last: dict[str, Any] = {}

    @classmethod
    def submit(cls, http: httpx2.Client, recipes: Iterable[Recipe]) -> Self:
        """Upload *recipes* as one NDJSON body."""
        lines = [body(recipe | {"custom_id": str(n)}) for n, recipe in enumerate(recipes)]
        began = time.perf_counter()
        answer = http.post(
            "/v1/batches",
            content=b"\n".join(lines),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=_UPLOAD_SECONDS,
        )
        took = time.perf_counter() - began
        if answer.status_code != 202:
            raise httpx2.HTTPError(f"a batch was answered {answer.status_code}: {answer.text}")
        return cls(http, answer.json()["id"], len(lines), took)

    def has_begun(self) -> bool:
        """True once some recipe is done."""
        return bool(self._look()["counts"]["succeeded"]) or self.has_ended()

    def has_ended(self) -> bool:
        return self._look()["finished_at"] is not None

    def told(self) -> dict[str, Any]:
        """For the report, of a batch that has ended: its rate by the platform's clock, results.

        Every recipe's result is downloaded and counted; a missing or doubled one is an error.
        """
        batch = self._look()
        took = _when(batch["finished_at"]) - _when(batch["created_at"])
        seconds = took.total_seconds()
        results: list[str] = []
        began = time.perf_counter()
        with self._http.stream("GET", f"{self._path}/results") as answer:
            results = [json.loads(line)["custom_id"] for line in answer.iter_lines() if line]
        download = time.perf_counter() - began
        counts, lines = batch["counts"], batch["lines"]
        errors = {
            "failed": counts["failed"],
            "missing": self._recipes - len(set(results)),
            "doubled": len(results) - len(set(results)),
        }
        return {
            "recipes": self._recipes,
            "lines": lines["total"],
            "upload_seconds": round(self._upload, 2),
            "seconds": round(seconds, 2),
            "recipes_per_second": round(self._recipes / seconds, 1),
            "lines_per_second": round(lines["total"] / seconds, 1),
            "lines_resolved": round(lines["resolved"] / max(lines["total"], 1), 4),
            "download_seconds": round(download, 2),
            "errors": {name: count for name, count in errors.items() if count},
        }

    def _look(self) -> dict[str, Any]:
        if self._last.get("finished_at") is None:
            answer = self._http.get(self._path)
            answer.raise_for_status()
            self._last = answer.json()
        return self._last


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)
