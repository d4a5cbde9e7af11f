"""How the command ends: its exit codes, and the error that carries one."""

from __future__ import annotations

import enum
from typing import IO, Any

import click

from cli.output import printable


class Exit(enum.IntEnum):
    """Exit codes, stable for scripts (docs/reference/cli.md describes each)."""

    OK = 0
    #: The platform or the job answered with a failure, or the command could not do its work.
    FAILED = 1
    #: The command was called wrongly, or its input file cannot be read as what it should be.
    USAGE = 2
    #: The platform or its database is out of reach or too busy: trying again later is right.
    UNREACHABLE = 3
    #: The key is missing, unknown, expired, or does not reach this far.
    REFUSED = 4
    NOT_FOUND = 5
    #: Results exist, but recipes failed, or lines stayed unresolved under `--strict`.
    PARTIAL = 6
    #: Ctrl-C, as shells count it: 128 + SIGINT.
    INTERRUPTED = 130


class CommandFailed(click.ClickException):
    """Ends the command with a message on standard error and an exit code of `Exit`."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message, cleared of control characters that others' text may carry."""
        lines = "\n".join(printable(line) for line in self.message.splitlines())
        click.echo(f"Error: {lines}", file=file, err=file is None)
