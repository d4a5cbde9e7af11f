"""`nutrition batch`: a file of recipes in, a file of results out; interrupted runs are taken up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from cli.access import client_options, find_access
from cli.batch_state import BatchState, alone, state_path
from cli.exits import CommandFailed, Exit
from cli.numbered import NumberedRecipes
from cli.output import emit, name_of, note
from cli.progress import progress

if TYPE_CHECKING:
    from cli.api import Api
    from cli.results import Tally


@click.command()
@click.argument("recipes", type=click.File("rb"))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the results go, as NDJSON.",
)
@click.option("--force", is_flag=True, help="Begin anew, and replace what --out holds.")
@click.option("--strict", is_flag=True, help="Exit with 6 when a line was not resolved.")
@client_options
def batch(
    recipes: IO[bytes],
    out: Path,
    force: bool,
    strict: bool,
    url: str | None,
    key: str | None,
    as_json: bool,
) -> int:
    """Analyse RECIPES, a file with one JSON recipe a line ("-" for standard input).

    A line is the body of POST /v1/analyses; its custom_id comes back with its result, and is
    line-N where it has none. The same command takes up an interrupted run, and computes nothing
    where the results are there already. Exits with 6 when recipes failed.
    """
    from cli.api import PATIENT, Api

    access = find_access(url, key)
    numbered = NumberedRecipes(recipes, name_of(recipes))
    with alone(out) as part, Api(access, waits=PATIENT) as api:
        state = _state(out, access.url, numbered, force)
        if state.complete:
            note(f"{out} holds the results already; nothing was computed.")
            outcome = Outcome(state.batch, "succeeded", _counted(out))
        else:
            try:
                outcome = _run(api, numbered, state, out, part)
            except KeyboardInterrupt:
                if state.batch:
                    note(
                        f"Interrupted. Batch {state.batch} goes on; the same command takes it up, "
                        f"and `nutrition jobs cancel {state.batch}` ends it."
                    )
                raise
    tally = outcome.tally
    if as_json:
        emit(tally.document(outcome.batch, outcome.state))
    else:
        _print(tally, out)
    if outcome.state != "succeeded":
        raise CommandFailed(
            f"Batch {outcome.batch} ended as {outcome.state}: {out} holds what was done. "
            "The same command submits it anew."
        )
    unresolved = tally.resolution.resolved < tally.resolution.lines
    return Exit.PARTIAL if tally.failed or (strict and unresolved) else Exit.OK


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a batch ended, and what its results hold."""

    batch: str | None
    state: str
    tally: Tally


def _state(out: Path, url: str, numbered: NumberedRecipes, force: bool) -> BatchState:
    """The run to take up, or a new one. Refuses to overwrite what this command did not write."""
    path = state_path(out)
    state = None if force else BatchState.load(path)
    if state and (state.url, state.input) != (url, numbered.sha256):
        state = None
    if out.exists() and not force and not (state and state.made(out)):
        raise CommandFailed(
            f"{out} exists and holds no results of this input from {url}. "
            "Name another --out, or replace it with --force.",
            Exit.USAGE,
        )
    if state and state.complete and not out.exists():
        state.complete, state.output = False, None  # the batch may still have its results
    if state is None:
        state = BatchState.begin(url, numbered.sha256, numbered.count)
        state.save(path)
    return state


def _run(api: Api, numbered: NumberedRecipes, state: BatchState, out: Path, part: Path) -> Outcome:
    from cli.results import fetch

    path = state_path(out)
    if state.batch and _is_gone(api, state.batch):
        note(f"Batch {state.batch} is not there any more; beginning anew.")
        state.renew()
        state.save(path)
    if state.batch:
        note(f"Taking up batch {state.batch}.")
    else:
        state.batch = _upload(api, numbered, state.key)
        state.save(path)
    batch = state.batch
    ended = _watch(api, batch, numbered.count)
    tally, state.output = fetch(api, batch, part)
    if ended == "succeeded":
        if tally.recipes != numbered.count:
            raise CommandFailed(
                f"Batch {batch} answered {tally.recipes} results for {numbered.count} recipes."
            )
        state.complete = True
    else:
        # What this batch left undone, another has to do: this key would find this one again.
        state.renew()
    os.replace(part, out)
    state.save(path)
    return Outcome(batch, ended, tally)


def _is_gone(api: Api, batch: str) -> bool:
    try:
        api.get(f"/v1/batches/{batch}")
    except CommandFailed as error:
        if error.code is Exit.NOT_FOUND:
            return True
        raise
    return False


def _upload(api: Api, numbered: NumberedRecipes, key: str) -> str:
    with progress("Uploading", numbered.size, "bytes", least=2**20) as tell:
        answer = api.send(
            "POST",
            "/v1/batches",
            body=lambda: _told(numbered.blocks(), tell),
            headers={
                "Content-Type": "application/x-ndjson",
                # Known beforehand, so that an upload above the limit is refused at once.
                "Content-Length": str(numbered.size),
                "Idempotency-Key": key,
            },
        )
    from cli.api import document

    identifier = str(document(answer)["id"])
    note(f"Batch {identifier}: {numbered.count:,} recipes accepted.")
    return identifier


def _told(blocks: Iterator[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    sent = 0
    for block in blocks:
        yield block
        sent += len(block)
        tell(sent)


def _watch(api: Api, batch: str, count: int) -> str:
    """Follow the batch to its end; the state that it ended in."""
    from cli.events import follow

    with progress("Analysing", count, "recipes") as tell:
        for event in follow(api, batch):
            if event.name == "progress":
                tell(int(event.data.get("done", 0)))
    return str(api.get(f"/v1/jobs/{batch}")["state"])


def _counted(out: Path) -> Tally:
    from cli.results import tally_of

    with out.open("rb") as lines:
        return tally_of(lines)


def _print(tally: Tally, out: Path) -> None:
    click.echo(f"{out}: {tally.recipes:,} results, {tally.failed:,} of them failed.")
    click.echo(f"{tally.resolution}.")
    for reason in tally.reasons:
        note(f"  failed: {reason}")
    if tally.failed > len(tally.reasons):
        note(f"  and {tally.failed - len(tally.reasons):,} more")
