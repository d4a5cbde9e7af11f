"""`nutrition analyze`: one recipe in, its label and what became of each line out."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import IO, Any

import click

from cli import explanation
from cli.access import client_options, find_access
from cli.exits import Exit
from cli.label import draw, label_options, with_label
from cli.output import console, emit, name_of, note, printable, table
from cli.problems import failure
from cli.recipes import request_body
from cli.resolution import NO_FOOD, Resolution

#: Longest wait that the platform grants, in seconds (RFC 7240 `Prefer: wait`).
WAIT = 30


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--detail",
    type=click.Choice(["label", "full"]),
    default="label",
    help="With --json: the label's nutrients, or all that the catalogue knows.",
)
@click.option(
    "--explain",
    multiple=True,
    metavar="NUTRIENT",
    help="Show where a figure comes from, line by line: iron, sodium, FE. May be repeated.",
)
@label_options
@click.option("--strict", is_flag=True, help="Exit with 6 when a line was not resolved.")
@client_options
def analyze(
    file: IO[bytes],
    detail: str,
    explain: tuple[str, ...],
    label: str,
    svg: Path | None,
    strict: bool,
    url: str | None,
    key: str | None,
    as_json: bool,
) -> int:
    """Analyse the recipe in FILE ("-" for standard input).

    FILE is text: '# Title', 'servings: N', then one ingredient a line; or the JSON body of
    POST /v1/analyses.
    """
    from cli.api import Api

    body = request_body(file.read(), name_of(file))
    with Api(find_access(url, key)) as api:
        analysis = with_label(api, _analysis(api, body, detail), label)
        if svg:
            draw(api, analysis, label, svg)
        explained = [
            api.get(f"/v1/analyses/{analysis['id']}/explanation", {"nutrient": nutrient})
            for nutrient in explain
        ]
    resolution = Resolution()
    resolution.add(analysis)
    if as_json:
        emit(analysis | {"explanations": explained} if explained else analysis)
    else:
        _print(analysis, resolution)
        for found in explained:
            explanation.show(found)
    unresolved = resolution.resolved < resolution.lines
    return Exit.PARTIAL if strict and unresolved else Exit.OK


def _analysis(api: Any, body: bytes, detail: str) -> Any:
    """Submit, wait, and fetch: at once where the platform is quick, else by the job's events."""
    from cli.api import document
    from cli.events import FINAL, follow

    answer = api.send(
        "POST",
        "/v1/analyses",
        body=body,
        headers={
            "Content-Type": "application/json",
            "Prefer": f"wait={WAIT}",
            # So that a connection which breaks after the acceptance can be tried again.
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    if answer.status_code == 200 and detail == "label":
        return document(answer)
    accepted = document(answer)
    identifier = accepted["id"]
    if answer.status_code != 200:
        job = accepted
        if job["state"] not in FINAL:
            note(f"Accepted as job {identifier}; waiting for its turn.")
            for _ in follow(api, identifier):
                pass
            job = api.get(f"/v1/jobs/{identifier}")
        if job["state"] != "succeeded":
            raise failure(job)
    return api.get(f"/v1/analyses/{identifier}", {"detail": detail})


def _print(analysis: dict[str, Any], resolution: Resolution) -> None:
    from nutrition.labels.printing import as_text

    if analysis.get("label"):
        click.echo(as_text(analysis["label"], sys.stdout.encoding or "ascii"))
        click.echo()
    table(
        ("", "Line", "Status", "Grams", "Basis", "Food", "Sure"),
        [_row(line) for line in analysis["lines"]],
        right=("Grams", "Sure"),
        whole=("", "Status"),
    )
    screen = console()
    screen.print()
    screen.print(f"{resolution}.", style="bold" if resolution.share == 1 else "bold yellow")
    for warning in analysis.get("warnings", []):
        text = warning if isinstance(warning, str) else warning.get("message", warning)
        screen.print(f"Note: {printable(text)}")


def _row(line: dict[str, Any]) -> tuple[tuple[object, ...], str]:
    status = line["status"]
    # The mark says it where there is no colour.
    mark, style = {"ok": ("", ""), NO_FOOD: ("", "dim")}.get(status, ("!", "bold yellow"))
    food = line.get("food") or {}
    grams, sure = line.get("grams"), line.get("confidence")
    return (
        mark,
        line.get("text") or food.get("name"),
        status.replace("_", " "),
        None if grams is None else f"{grams:.1f}",
        line.get("grams_basis") or line.get("reason"),
        food.get("name"),
        None if sure is None else f"{sure:.0%}",
    ), style
