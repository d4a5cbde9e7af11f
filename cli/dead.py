"""`nutrition dead`: jobs that ended `dead` or `failed`, searched, shown and replayed."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.exits import CommandFailed, Exit
from cli.output import console, emit, emit_line, note, printable, table

if TYPE_CHECKING:
    from services.jobs.dead import Count, DeadJob, Search

Command = TypeVar("Command", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")
#: Jobs read at a time.
PAGE = 200
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[dt.datetime]):
    """A date, a time in UTC, or how long ago: `2026-11-24`, `2026-11-24T18:00:00Z`, `90m`."""

    name = "when"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        if isinstance(value, dt.datetime):
            return value
        if ago := re.fullmatch(r"(\d{1,6})([smhd])", str(value)):
            amount, unit = ago.groups()
            return dt.datetime.now(dt.UTC) - dt.timedelta(**{_UNITS[unit]: int(amount)})
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is no moment: write 2026-11-24, 2026-11-24T18:00:00Z, or 2h for two "
                "hours ago.",
                param,
                ctx,
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def search_options(command: Command) -> Command:
    """The options that say which dead jobs are meant."""
    for option in (
        click.option("--until", type=Moment(), help="Ended before this moment."),
        click.option(
            "--since", type=Moment(), help="Ended at this moment or later, or in the last 2h."
        ),
        click.option("--text", help="Part of the error's type or message."),
        click.option("--owner", help="The account's id or name."),
        click.option("--kind", help="Such as batches.chunk."),
        click.option("--reason", help="Such as exhausted, permanent, quarantined, deadline."),
        click.option("--state", type=click.Choice(["dead", "failed"])),
    ):
        command = option(command)
    return command


@click.group()
def dead() -> None:
    """Search, show and replay dead jobs (operators: needs the platform's DATABASE_URL)."""


@dead.command("list")
@search_options
@click.option("--limit", default=20, type=click.IntRange(min=1), show_default=True)
@click.option("--counts", is_flag=True, help="How many, by kind and reason, instead.")
@json_option
def list_dead(limit: int, counts: bool, as_json: bool, **given: Any) -> None:
    """List dead and failed jobs, newest first. --json writes one a line."""
    from cli.operator import app_session, settings
    from services.jobs import dead as service

    here = settings()
    keep = dt.timedelta(days=here.retention_days)
    with app_session(here) as session:
        search = search_of(session, given)
        if counts:
            _show_counts(service.counts(session, search), as_json)
            return
        found: list[DeadJob] = []
        while len(found) < limit:
            size = min(PAGE, limit - len(found))
            before = found[-1].id if found else None
            page = service.listing(session, search, keep, before=before, limit=size)
            found += page
            if len(page) < size:
                break
    if as_json:
        for job in found:
            emit_line(_document(job))
    elif found:
        columns = ("Id", "Kind", "State", "Reason", "Tries", "Ended", "Error")
        table(
            columns,
            [(_row(job), "") for job in found],
            whole=("Id", "Kind", "Ended"),
            right=("Tries",),
        )
    else:
        note("No dead jobs.")


@dead.command()
@click.argument("job", type=click.UUID)
@json_option
def show(job: uuid.UUID, as_json: bool) -> None:
    """Show a dead job with its whole history."""
    from cli.operator import app_session, settings
    from services.jobs import dead as service

    here = settings()
    with app_session(here) as session:
        found = service.find(session, job, dt.timedelta(days=here.retention_days))
    if found is None:
        raise CommandFailed(f"There is no dead job {job}.", Exit.NOT_FOUND)
    document = _document(found)
    if as_json:
        emit(document)
        return
    history = document.pop("history")
    screen = console()
    for name, value in document.items():
        if value not in (None, "", {}):
            screen.print(f"{name:<16}{printable(_flat(value))}", soft_wrap=True)
    for entry in history:
        screen.print(f"\n{_heading(entry)}", style="bold", soft_wrap=True)
        if entry.get("error"):
            screen.print(f"  {printable(_flat(entry['error']))}", style="red", soft_wrap=True)
        for line in entry.get("log") or ():
            screen.print(f"  | {printable(line)}", style="dim", soft_wrap=True)


@dead.command()
@click.argument("jobs", type=click.UUID, nargs=-1)
@search_options
@click.option("--all", "everything", is_flag=True, help="Every dead job: no search is given.")
@click.option("--rate", default=50.0, show_default=True, help="Jobs that come due in a second.")
@click.option("--dry-run", is_flag=True, help="Say what would be replayed, and change nothing.")
@json_option
def replay(
    jobs: tuple[uuid.UUID, ...],
    everything: bool,
    rate: float,
    dry_run: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Queue dead jobs again, under their own ids: those named, or all that a search finds.

    Their failures are forgiven, their history stays. Jobs that failed because another had are
    replayed only where they are named, or by --reason dependency.
    """
    searched = any(value is not None for value in given.values())
    if sum((bool(jobs), searched, everything)) != 1:
        raise click.UsageError("Name jobs, or say which by --kind, --reason, …, or --all.")
    did = _replay_named(jobs, dry_run) if jobs else _replay_found(given, rate, dry_run)
    if as_json:
        emit(did)
    else:
        click.echo(_said(did))
    if did["refused"]:
        raise CommandFailed("\n".join(did["refused"].values()))


def _replay_named(jobs: tuple[uuid.UUID, ...], dry_run: bool) -> dict[str, Any]:
    from cli.operator import actor, app_database, settings
    from kernel.errors import Conflict, NotFound
    from services.jobs.replay import replay as service

    refused: dict[str, str] = {}
    with app_database(settings()) as database:
        for job in dict.fromkeys(jobs):
            try:
                with database.transaction() as session:
                    service(session, job, actor())
                    if dry_run:
                        session.rollback()
            except (Conflict, NotFound) as error:
                refused[str(job)] = f"{job}: {error}"
    replayed = len(set(jobs)) - len(refused)
    return {"replayed": replayed, "skipped": 0, "until": None, "dry_run": dry_run} | {
        "refused": refused
    }


def _replay_found(given: dict[str, Any], rate: float, dry_run: bool) -> dict[str, Any]:
    from cli.operator import actor, app_database, settings
    from cli.progress import progress
    from services.jobs import dead as service
    from services.jobs.replay import Bulk

    with app_database(settings()) as database:
        with database.transaction() as session:
            search = search_of(session, given)
            counted = service.counts(session, search)
        total = sum(one.jobs for one in counted)
        if dry_run:
            _show_counts(counted, as_json=False, err=True)
            return {"replayed": total, "skipped": 0, "until": None, "dry_run": True, "refused": {}}
        bulk = Bulk(search, actor(), rate)
        with progress("Replaying", total, "jobs", least=1_000) as tell:
            while not bulk.done:
                with database.transaction() as session:
                    bulk.step(session)
                tell(bulk.replayed + bulk.skipped)
    return {
        "replayed": bulk.replayed,
        "skipped": bulk.skipped,
        "until": bulk.until and bulk.until.isoformat(),
        "dry_run": False,
        "refused": {},
    }


def _said(did: dict[str, Any]) -> str:
    jobs = f"{did['replayed']:,} job{'' if did['replayed'] == 1 else 's'}"
    if did["dry_run"]:
        return f"{jobs} would be replayed."
    said = f"Queued again: {jobs}"
    if did["until"]:
        said += f"; the last comes due at {did['until'][:19].replace('T', ' ')}Z"
    if did["skipped"]:
        said += f"; {did['skipped']:,} stay dead, since another job holds their dedupe key"
    return said + "."


def search_of(session: Any, given: dict[str, Any]) -> Search:
    """The search that the options say. Raises CommandFailed for an account that is not there."""
    from services.jobs.dead import Search

    owner = given["owner"]
    return Search(**(given | {"owner": None if owner is None else owner_id(session, owner)}))


def owner_id(session: Any, owner: str) -> uuid.UUID:
    """The id of the account that is named by its id or its name."""
    from services.accounts.keys import find_account

    try:
        return uuid.UUID(owner)
    except ValueError:
        account = find_account(session, owner)
    if account is None:
        raise CommandFailed(f"There is no account {owner!r}.", Exit.NOT_FOUND)
    return account.id


def _show_counts(counted: list[Count], as_json: bool, *, err: bool = False) -> None:
    documents = [
        {name: getattr(one, name) for name in ("kind", "state", "reason", "jobs", "capped")}
        for one in counted
    ]
    if as_json:
        for document in documents:
            emit_line(document)
    elif err:
        for one in documents:
            note(f"{_many(one)} {one['kind']} {one['state']}: {one['reason'] or 'unknown'}")
    else:
        rows = [((one["kind"], one["state"], one["reason"], _many(one)), "") for one in documents]
        table(("Kind", "State", "Reason", "Jobs"), rows, right=("Jobs",))


def _many(count: dict[str, Any]) -> str:
    return f"{count['jobs']:,}{'+' if count['capped'] else ''}"


def _document(job: DeadJob) -> dict[str, Any]:
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(job)
    return document


def _row(job: DeadJob) -> tuple[object, ...]:
    error = job.error or {}
    said = f"{error.get('type', '')}: {error.get('message', '')}" if error else ""
    ended = f"{job.finished_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}Z"
    return job.id, job.kind, job.state, job.reason, job.attempts, ended, said[:120]


def _heading(entry: dict[str, Any]) -> str:
    at = str(entry.get("at", ""))[:19].replace("T", " ") + "Z"
    if entry["outcome"] == "replayed":
        return printable(f"{at} replayed by {entry.get('by')}")
    said = f"{at} attempt {entry.get('attempt')} {entry['outcome']}"
    if entry.get("seconds") is not None:
        said += f" after {entry['seconds']} s"
    if entry.get("host"):
        said += f" on {entry['host']}"
    return printable(said)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ": ".join(str(each) for each in value.values())
    return str(value)
