"""`nutrition queues`: pause, resume, limit and drain, at run time, by operators."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.output import emit, emit_line, note, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kernel.database import Database
    from services.jobs.rules import Rule, Target

Command = TypeVar("Command", bound=Callable[..., Any])

#: Seconds between two looks at what still runs.
PAUSE = 0.5
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")


def target_options(command: Command) -> Command:
    """What a rule is about: a queue, or one of --kind and --owner."""
    for option in (
        json_option,
        click.option("--owner", help="An account instead, by id or name."),
        click.option("--kind", help="A kind of job instead, such as batches.chunk."),
        click.argument("queue", required=False),
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@click.pass_context
def queues(ctx: click.Context) -> None:
    """Show queues; pause, resume, limit and drain them, kinds and owners (operators).

    Without a command, the queues and the rules are shown. They need the platform's DATABASE_URL.
    Every change holds from the dispatcher's next turn on, and is in the audit log.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_queues, as_json=False)


@queues.command("list")
@json_option
def list_queues(as_json: bool) -> None:
    """Show queues, and the rules that hold. --json writes one rule a line."""
    import services.kinds  # noqa: F401  # declares every kind, and with them the queues
    from cli.operator import app_session, settings
    from cli.standings import queue_table
    from services.jobs import queues as service
    from services.jobs import rules

    here = settings()
    with app_session(here) as session:
        found = rules.listing(session)
        silence = dt.timedelta(seconds=here.silence_seconds)
        seen = None if as_json else service.snapshot(session, silence)
    if seen is None:
        for rule in found:
            emit_line(_document(rule))
        return
    from cli.output import console

    console().print(queue_table(seen))
    if found:
        columns = ("Rule for", "Name", "Paused", "At once", "Per second", "Changed", "By")
        table(columns, [(_row(rule), "yellow" if rule.paused else "") for rule in found])


@queues.command()
@target_options
def pause(as_json: bool, **named: str | None) -> None:
    """Begin nothing more of it. What is sent or runs already is finished."""
    from services.jobs import rules

    _change(named, as_json, "is paused", rules.pause)


@queues.command()
@target_options
def resume(as_json: bool, **named: str | None) -> None:
    """Go on, within its limits."""
    from services.jobs import rules

    _change(named, as_json, "goes on", rules.resume)


@queues.command()
@target_options
@click.option("--concurrency", type=click.IntRange(min=1), help="Jobs at once, at most.")
@click.option("--per-second", type=float, help="Jobs begun in a second, at most.")
def limit(
    as_json: bool, concurrency: int | None, per_second: float | None, **named: str | None
) -> None:
    """Have these limits hold, and no others; without any, none."""
    from services.jobs import rules

    def change(session: Session, target: Target, by: str) -> Rule | None:
        return rules.limit(session, target, by, concurrency=concurrency, per_second=per_second)

    _change(named, as_json, _limits(concurrency, per_second), change)


@queues.command()
@target_options
def clear(as_json: bool, **named: str | None) -> None:
    """Have no rule hold: neither a pause nor a limit."""
    from services.jobs import rules

    _change(named, as_json, "has no rule any more", rules.clear)


@queues.command()
@target_options
@click.option("--no-wait", is_flag=True, help="Do not wait for what runs.")
def drain(as_json: bool, no_wait: bool, **named: str | None) -> None:
    """Pause it, take back what was sent and not begun, and wait until nothing of it runs.

    Ctrl-C ends the waiting, not the pause. `queues resume` goes on.
    """
    from cli.operator import actor
    from services.jobs import rules

    with _targeted(named) as (database, target):
        with database.transaction() as session:
            rules.drain(session, target, actor())
        told = -1
        while True:
            with database.transaction() as session:
                left = rules.take_back(session, target)
            if not left or no_wait:
                break
            if told != left.running:
                note(f"{target} is paused; {left.running:,} jobs still run.")
                told = left.running
            time.sleep(PAUSE)
    if as_json:
        emit({"target": str(target), "dispatched": left.dispatched, "running": left.running})
    elif left:
        click.echo(f"{target} is paused; {left.running:,} jobs still run.")
    else:
        click.echo(f"{target} is drained: nothing of it runs.")


def _change(
    named: dict[str, str | None],
    as_json: bool,
    said: str,
    change: Callable[[Session, Target, str], Rule | None],
) -> None:
    from cli.operator import actor

    with _targeted(named) as (database, target), database.transaction() as session:
        rule = change(session, target, actor())
    if as_json:
        emit(None if rule is None else _document(rule))
    else:
        click.echo(f"{target} {said}.")


@contextlib.contextmanager
def _targeted(named: dict[str, str | None]) -> Iterator[tuple[Database, Target]]:
    """The database, and what the command names."""
    given = [(scope, name) for scope, name in named.items() if name]
    if len(given) != 1:
        raise click.UsageError("Name a queue, or one of --kind and --owner.")
    import services.kinds  # noqa: F401  # declares every kind, and with them the queues
    from cli.dead import owner_id
    from cli.operator import app_database, settings
    from services.jobs.rules import Target

    ((scope, name),) = given
    with app_database(settings()) as database:
        if scope == "owner":
            with database.transaction() as session:
                name = str(owner_id(session, name))
        yield database, Target(scope, name)


def _limits(concurrency: int | None, per_second: float | None) -> str:
    said = []
    if concurrency is not None:
        said.append(f"runs at most {concurrency:,} jobs at once")
    if per_second is not None:
        said.append(f"begins at most {per_second:g} jobs a second")
    return " and ".join(said) or "has no limit"


def _row(rule: Rule) -> tuple[object, ...]:
    changed = f"{rule.changed_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}Z"
    return (
        rule.scope,
        rule.name,
        "paused" if rule.paused else None,
        rule.concurrency,
        None if rule.per_second is None else f"{rule.per_second:g}",
        changed,
        rule.changed_by,
    )


def _document(rule: Rule) -> dict[str, Any]:
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(rule)
    return document
