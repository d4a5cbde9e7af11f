"""Outcomes: what became of one recipe of a batch, as a line of the batch's results.

{"custom_id", "index", "status": "succeeded", "analysis": {…}}
{"custom_id", "index", "status": "failed", "error": {"title", "detail", "errors"}}
"""

from __future__ import annotations

import gzip
import io
from collections import Counter
from typing import Any

import structlog

from kernel import codec
from kernel.errors import Invalid, Malformed
from nutrition.engine import Engine
from services.analyses import compute
from services.analyses.lines import SharedLines
from services.analyses.requests import parse_request
from services.analyses.store import foods_of

log = structlog.get_logger()

#: Characters of a caller's own id for a recipe.
CUSTOM_ID = 200

# What a defect of ours raises on a recipe nobody thought of. It is that recipe's outcome, not its
# neighbours'. Named one by one, since what interrupts a job (a time limit, a cancellation, a store
# that is away, memory that is out) has to pass.
DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Outcomes:
    """The results of one chunk, compressed as they come, and their counts.

    succeeded, failed: recipes. lines, lines_resolved: food lines of those that succeeded.
    foods: how many of those used each, by its id.
    """

    def __init__(self) -> None:
        self.succeeded = self.failed = self.lines = self.lines_resolved = 0
        self.foods: Counter[str] = Counter()
        self._buffer = io.BytesIO()
        # Level 3: nearly as small as 9 for such documents, in a fifth of the time.
        self._file = gzip.GzipFile(fileobj=self._buffer, mode="wb", compresslevel=3, mtime=0)

    def analyse(
        self, engine: Engine, line: bytes, index: int, lines: SharedLines | None = None
    ) -> None:
        """Analyse one line of the input. Whatever is wrong with it becomes its outcome.

        lines: ingredient lines that other processes have read.
        """
        custom_id = None
        try:
            recipe = codec.loads(line)
            custom_id = _custom_id(recipe)
            document = compute.document(engine, parse_request(recipe), lines=lines)
        except Invalid as error:
            self._fail(custom_id, index, "This recipe makes no sense", str(error), error.errors)
        except Malformed as error:
            self._fail(custom_id, index, "This recipe cannot be read", str(error))
        except DEFECTS as error:
            log.exception("recipe_defect", index=index)
            detail = (
                f"A defect of the platform ({type(error).__name__}); the operator's log has it."
            )
            self._fail(custom_id, index, "This recipe could not be analysed", detail)
        else:
            food_lines, resolved = compute.lines_of(document)
            self.succeeded += 1
            self.foods.update(foods_of(document))
            self.lines += food_lines
            self.lines_resolved += resolved
            self._write(custom_id, index, "succeeded", {"analysis": document})

    def give_up(self, line: bytes, index: int, reason: str) -> None:
        """The outcome of a recipe whose job ended before it was analysed."""
        try:
            custom_id = _custom_id(codec.loads(line))
        except (Invalid, Malformed):
            custom_id = None
        self._fail(custom_id, index, "This recipe was not analysed", reason)

    def finish(self) -> bytes:
        """All outcomes as gzipped NDJSON. Nothing can be added afterwards."""
        self._file.close()
        return self._buffer.getvalue()

    def _fail(
        self,
        custom_id: str | None,
        index: int,
        title: str,
        detail: str,
        errors: dict[str, list[str]] | None = None,
    ) -> None:
        error: dict[str, Any] = {"title": title, "detail": detail}
        if errors:
            error["errors"] = errors
        self.failed += 1
        self._write(custom_id, index, "failed", {"error": error})

    def _write(self, custom_id: str | None, index: int, status: str, rest: dict[str, Any]) -> None:
        outcome = {"custom_id": custom_id, "index": index, "status": status, **rest}
        self._file.write(codec.dumps(outcome) + b"\n")


def _custom_id(recipe: dict[str, Any]) -> str | None:
    """Take the caller's own id out of a recipe. Raises Invalid where it is no short text."""
    custom_id = recipe.pop("custom_id", None)
    if custom_id is None or (isinstance(custom_id, str) and 1 <= len(custom_id) <= CUSTOM_ID):
        return custom_id
    reason = f"Must be a text of 1 to {CUSTOM_ID} characters."
    raise Invalid(f"custom_id: {reason}", {"custom_id": [reason]})
