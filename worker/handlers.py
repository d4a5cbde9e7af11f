"""Handlers: which function runs the jobs of a kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from services.jobs.kinds import Kind, kind_with
from services.jobs.run import Done, Run
from services.kinds import KINDS

P = TypeVar("P")

#: Where the handlers of a family register, by what its kinds' names begin with. Named as strings:
#: `worker` imports no task module, it loads those that it needs.
MODULES = {
    "analyses": "tasks.analyses",
    "analytics": "tasks.analytics",
    "backups": "tasks.backups",
    "batches": "tasks.batches",
    "canary": "tasks.canary",
    "notifications": "tasks.notifications",
    "privacy": "tasks.privacy",
    "upkeep": "tasks.upkeep",
    "warming": "tasks.warming",
    "webhooks": "tasks.webhooks",
}


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
    """The function that runs jobs of *kind*. Raises LookupError where there is none.

    A job that an older release put into another queue finds its handler too, loaded late.
    """
    module = MODULES.get(_family(kind))
    if kind.name not in _HANDLERS and module is not None:
        importlib.import_module(module)
    try:
        return _HANDLERS[kind.name]
    except KeyError:
        raise LookupError(f"No handler for {kind.name}, neither in {module} nor loaded") from None


def load(queues: Collection[str] | None = None) -> None:
    """Register the handlers of the kinds in *queues*, of all where none are named.

    A worker has what it runs and no more: the libraries of every family are 20 MB a process.
    """
    families = {_family(kind) for kind in KINDS if queues is None or kind.queue in queues}
    for family in sorted(families):
        importlib.import_module(MODULES[family])


def _family(kind: Kind[Any]) -> str:
    return kind.name.partition(".")[0]
