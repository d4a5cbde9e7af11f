"""Entry of the `nutrition` command: the table of commands, and how errors end it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from cli.exits import CommandFailed, Exit
from cli.lazy import LazyGroup
from kernel.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PlatformError,
    SettingsError,
    Unauthenticated,
    Unavailable,
)

COMMANDS = {
    "analyze": (
        "cli.analyze:analyze",
        "Analyse a recipe: its label, and what became of each line.",
    ),
    "backup": ("cli.backup:backup", "Make, list, verify and restore backups (operators)."),
    "batch": (
        "cli.batch:batch",
        "Analyse a file of recipes; an interrupted run is taken up again.",
    ),
    "dead": ("cli.dead:dead", "Search, show and replay dead jobs (operators)."),
    "foods": ("cli.foods:foods", "Search and show foods; load the catalogue."),
    "jobs": ("cli.jobs:jobs", "List, show, watch and cancel jobs."),
    "keys": ("cli.keys:keys", "Create, list and revoke API keys (operators)."),
    "migrate": ("cli.migrate:migrate", "Bring the database's schema up to date (operators)."),
    "openapi": ("cli.openapi:openapi", "Print the platform's OpenAPI document."),
    "queues": ("cli.queues:queues", "Pause, resume, limit and drain queues (operators)."),
    "recount": ("cli.recount:recount", "Count the events of some days anew (operators)."),
    "schedule": (
        "cli.schedule:schedule",
        "What runs by the clock: last run, outcome, next (operators).",
    ),
    "top": ("cli.top:top", "Watch queues, kinds, owners and workers, live (operators)."),
    "users": ("cli.users:users", "Create, list, disable and enable people (operators)."),
    "webhooks": ("cli.webhooks:webhooks", "Endpoints that are called, and their deliveries."),
}
CODES: tuple[tuple[type[PlatformError], Exit], ...] = (
    (SettingsError, Exit.USAGE),
    (Invalid, Exit.USAGE),
    (Unavailable, Exit.UNREACHABLE),
    (Unauthenticated, Exit.REFUSED),
    (Forbidden, Exit.REFUSED),
    (NotFound, Exit.NOT_FOUND),
    (PlatformError, Exit.FAILED),
)


class ReaderGone(Exception):
    """Whoever read the output, such as `head`, has enough of it."""


class Nutrition(LazyGroup):
    """The root of the commands."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would exit with 1 for it, and leave no trace of why.
            raise ReaderGone from None


@click.group(
    cls=Nutrition,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: "
    + ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in Exit)
    + ".",
)
def nutrition() -> None:
    """Recipes in, nutrients out: the Nutrition Platform from a terminal.

    Client commands find the platform in --url and --key, in NUTRITION_URL and NUTRITION_API_KEY,
    or in var/access.json of this checkout. Results go to standard output, all else to standard
    error; --json gives results for machines.
    """


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with a code of `Exit`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot write "½" shows "?" rather than ending the command.
            stream.reconfigure(errors="replace")
    try:
        code = run(args)
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        # No failure. What is still buffered goes nowhere, lest the interpreter complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.OK
    sys.exit(code)


def run(args: Sequence[str] | None = None) -> int:
    """Run the command; its exit code. Errors are lines on standard error, not tracebacks.

    Raises ReaderGone.
    """
    try:
        outcome = nutrition.main(args=args, prog_name="nutrition", standalone_mode=False)
    except CommandFailed as error:
        error.show()
        return error.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except PlatformError as error:
        return _show(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        CommandFailed(f"{where}{error.strerror or error}").show()
        return Exit.FAILED
    return outcome if isinstance(outcome, int) else Exit.OK


def _show(error: PlatformError) -> int:
    code = next(code for kind, code in CODES if isinstance(error, kind))
    lines = [str(error)]
    if isinstance(error, Invalid):
        lines += [f"  {field}: {'; '.join(why)}" for field, why in error.errors.items()]
    CommandFailed("\n".join(lines), code).show()
    return code
