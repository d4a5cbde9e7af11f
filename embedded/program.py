"""What a server needs to be run: by us directly, or by supervisord."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from embedded.processes import MARKER
from kernel.account import Account


@dataclass(frozen=True, slots=True)
class Program:
    """A command in the foreground, the account it runs as, the signal that stops it at once."""

    argv: tuple[str, ...]
    stop_signal: int
    account: Account = field(default_factory=Account)

    def command(self, home: Path) -> list[str]:
        """The whole command, in an environment of its own: an engine needs none of our secrets."""
        kept = {"PATH": os.defpath, "TZ": "UTC", MARKER: os.path.realpath(home)}
        words = [f"{name}={value}" for name, value in kept.items()]
        return ["/usr/bin/env", "-i", *words, *self.account.prefix, *self.argv]


class Engine(Protocol):
    """A server that this package can run."""

    name: str

    def prepare(self) -> None:
        """Make data and settings, and clear away what an earlier run left. Call before a start."""

    def program(self) -> Program:
        """The command that runs the server in the foreground."""

    def answers(self) -> bool:
        """Whether the server takes commands by now."""

    def settle(self) -> None:
        """What is done once the server answers: roles, databases. Safe to repeat."""

    def mend(self, log: str) -> str | None:
        """After a start that failed with *log*: repair, and say what was done; None if not."""

    def discard_data(self) -> None:
        """Forget everything stored; the next start begins empty. The server must not run."""
