"""`nutrition jobs`: one view of all long work, over HTTP."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import Any

import click

from cli.access import client_options, find_access
from cli.output import console, emit, emit_line, note, printable, table
from cli.problems import failure

STATES = ("queued", "running", "waiting", "succeeded", "failed", "dead", "cancelled")
STYLES = {"succeeded": "green", "failed": "bold red", "dead": "bold red", "cancelled": "yellow"}
#: Most jobs that the platform gives a page.
PAGE = 100


class JobId(click.ParamType[str]):
    """The id of a job; anything else is refused before it is asked for."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(uuid.UUID(str(value)))
        except ValueError:
            self.fail(f"{value!r} is no job's id; `nutrition jobs list` shows them.", param, ctx)


@click.group()
def jobs() -> None:
    """List, show, watch and cancel jobs."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--kind", help="Only jobs of this kind, such as analyses.analyze.")
@click.option("--limit", default=20, type=click.IntRange(min=1), show_default=True)
@client_options
def list_jobs(
    state: str | None, kind: str | None, limit: int, url: str | None, key: str | None, as_json: bool
) -> None:
    """List jobs, newest first. --json writes one job a line."""
    from cli.api import Api

    asked: dict[str, str | int] = {"limit": min(limit, PAGE)}
    asked |= {name: value for name, value in (("state", state), ("kind", kind)) if value}
    with Api(find_access(url, key)) as api:
        found = islice(
            (job for page in api.pages("/v1/jobs", asked) for job in page["items"]), limit
        )
        if as_json:
            for job in found:
                emit_line(job)
            return
        rows = [_row(job) for job in found]
    if rows:
        table(("Id", "Kind", "State", "Progress", "Created"), rows, whole=("Id",))
    else:
        note("No jobs.")


@jobs.command()
@click.argument("job", type=JobId())
@client_options
def show(job: str, url: str | None, key: str | None, as_json: bool) -> None:
    """Show one job."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        _show(api.get(f"/v1/jobs/{job}"), as_json)


@jobs.command()
@click.argument("job", type=JobId())
@client_options
def watch(job: str, url: str | None, key: str | None, as_json: bool) -> None:
    """Follow a job to its end, from its first event. Exits with 1 where it does not succeed.

    --json writes one event a line, then the job.
    """
    from cli.api import PATIENT, Api
    from cli.events import follow

    with Api(find_access(url, key), waits=PATIENT) as api:
        for event in follow(api, job):
            if as_json:
                emit_line({"id": event.id, "event": event.name, "data": event.data})
            else:
                done = event.data if event.name == "progress" else {}
                click.echo(f"{event.name}{_progress(done)}")
        ended = api.get(f"/v1/jobs/{job}")
    if as_json:
        emit_line(ended)
    if ended["state"] != "succeeded":
        raise failure(ended)


@jobs.command()
@click.argument("job", type=JobId())
@client_options
def cancel(job: str, url: str | None, key: str | None, as_json: bool) -> None:
    """Cancel a job: at once where it waits, at its next progress point where it runs."""
    from cli.api import Api, document

    with Api(find_access(url, key)) as api:
        answer = document(api.send("DELETE", f"/v1/jobs/{job}"))
    if as_json:
        emit(answer)
    elif answer["state"] == "cancelled":
        click.echo(f"Job {job} is cancelled.")
    else:
        click.echo(f"Job {job} is {answer['state']} and will stop at its next progress point.")


def _row(job: dict[str, Any]) -> tuple[tuple[object, ...], str]:
    progress = _progress(job.get("progress") or {}).strip()
    created = str(job["created_at"])[:19].replace("T", " ") + "Z"
    return (job["id"], job["kind"], job["state"], progress, created), STYLES.get(job["state"], "")


def _progress(progress: dict[str, Any]) -> str:
    return f" {progress.get('done', 0):,}/{progress['total']:,}" if progress.get("total") else ""


def _show(job: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit(job)
        return
    screen = console()
    for name, value in job.items():
        if value not in (None, False, {}, []):
            style = STYLES.get(str(value), "") if name == "state" else ""
            screen.print(f"{name:<14}{printable(_flat(value))}", style=style, soft_wrap=True)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_flat(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    return str(value)
