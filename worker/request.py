"""Request: how a message that carries several jobs shows in Flower: each job by itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from celery.worker.request import Request

#: Outcomes of an attempt that are no failure of it, and a letter for each: a group's result is a
#: word of them, since the main process is handed a result's first thousand characters only.
_LETTERS = {
    "succeeded": "s",
    "handed back": "h",
    "refused": "r",
    "cancelled": "c",
    "snoozed": "z",
    "fenced": "f",
    "unclaimed": "u",
}
QUIET = frozenset(_LETTERS)
_NAMES = {letter: name for name, letter in _LETTERS.items()}
_FAILED = "x"


def encode(outcomes: Sequence[str]) -> str:
    """A letter for each outcome."""
    return "".join(_LETTERS.get(outcome, _FAILED) for outcome in outcomes)


class GroupRequest(Request):
    """A group's message: with its own event goes one for each of its jobs, under the job's id."""

    # Celery's types know nothing of these.
    _eventer: Any
    _payload: Any
    task: Any

    def send_event(self, type: str, **fields: Any) -> None:
        super().send_event(type, **fields)
        if type != "task-succeeded" or not (self._eventer and self._eventer.enabled):
            return
        (members,), _, _ = self._payload
        letters = ast.literal_eval(fields["result"])  # as celery quotes it
        runtime = fields["runtime"] / len(members)
        for (job, claim), letter in zip(members, letters, strict=True):
            failed = letter == _FAILED
            self._eventer.send(
                "task-failed" if failed else "task-succeeded",
                uuid=f"{job}.{claim}",
                name=self.task.kind.name,
                args=f"(job {job}, claim {claim})",
                kwargs="{}",
                runtime=runtime,
                result=_NAMES.get(letter, "failed"),
                exception="the attempt failed; see the job" if failed else None,
            )
