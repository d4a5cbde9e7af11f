"""Handlers: which function runs the jobs of a kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from services.jobs.kinds import Kind, kind_with
from services.jobs.run import Run

P = TypeVar("P")
Handler = Callable[[Any, Run], None]

#: Where handlers register, named as strings: `worker` imports no task module, it loads them.
MODULES = ("tasks.analyses", "tasks.batches", "tasks.upkeep")

_HANDLERS: dict[str, Handler] = {}


def handles(payload: type[P]) -> Callable[[Callable[[P, Run], None]], Callable[[P, Run], None]]:
    """Register a function for the kind with this *payload*, and return it untouched.

    So a test calls it with a payload and a Run. Raises LookupError for a class that is no payload,
    ValueError for a second handler.
    """
    kind = kind_with(payload)

    def register(function: Callable[[P, Run], None]) -> Callable[[P, Run], None]:
        if kind.name in _HANDLERS:
            raise ValueError(f"{kind.name} has a handler already: {_HANDLERS[kind.name]}")
        _HANDLERS[kind.name] = function
        return function

    return register


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
