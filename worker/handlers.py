"""Handlers: which function runs the jobs of a kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from services.jobs.kinds import Kind, kind_with
from services.jobs.run import Done, Run

P = TypeVar("P")

#: Where handlers register, named as strings: `worker` imports no task module, it loads them.
MODULES = (
    "tasks.analyses",
    "tasks.analytics",
    "tasks.backups",
    "tasks.batches",
    "tasks.notifications",
    "tasks.privacy",
    "tasks.upkeep",
    "tasks.warming",
    "tasks.webhooks",
)


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, and whether it is one of small jobs, which answers what is to be finished."""

    function: Callable[[Any, Run], Done | None]
    small: bool


_HANDLERS: dict[str, Handler] = {}


def handles(payload: type[P]) -> Callable[[Callable[[P, Run], None]], Callable[[P, Run], None]]:
    """Register a function for the kind with this *payload*, and return it untouched.

    It ends its job itself, with `run.finish()`. A test calls it with a payload and a Run.
    Raises LookupError for a class that is no payload, ValueError for a second handler or a kind
    whose jobs travel in groups.
    """

    def register(function: Callable[[P, Run], None]) -> Callable[[P, Run], None]:
        _register(payload, Handler(function, small=False))
        return function

    return register


def handles_small(
    payload: type[P],
) -> Callable[[Callable[[P, Run], Done]], Callable[[P, Run], Done]]:
    """The same for small jobs, which may travel in groups and end together.

    The function computes, and answers `Done(result, effects)`; all that it does to the outside is
    in the effects, which are called with the session of the transaction that ends the job.
    """

    def register(function: Callable[[P, Run], Done]) -> Callable[[P, Run], Done]:
        _register(payload, Handler(function, small=True))
        return function

    return register


def _register(payload: type, handler: Handler) -> None:
    kind = kind_with(payload)
    if kind.name in _HANDLERS:
        raise ValueError(f"{kind.name} has a handler already: {_HANDLERS[kind.name].function}")
    if kind.group > 1 and not handler.small:
        raise ValueError(f"Jobs of {kind.name} travel in groups: its handler needs @handles_small")
    _HANDLERS[kind.name] = handler


def handler_of(kind: Kind[Any]) -> Handler:
    """The function that runs jobs of *kind*. Raises LookupError where there is none."""
    try:
        return _HANDLERS[kind.name]
    except KeyError:
        raise LookupError(f"No handler for {kind.name}; is its module in {MODULES}?") from None


def load() -> None:
    """Import every task module, so that all handlers are registered."""
    for module in MODULES:
        importlib.import_module(module)
