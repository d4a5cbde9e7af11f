"""The label of an analysis on the command line: which one, and as a drawing in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.api import Api

#: What `--label` may name, and what that is asked for as.
LABELS: dict[str, dict[str, str]] = {
    "fda": {"standard": "fda"},
    "fda-ages-1-3": {"standard": "fda", "audience": "ages-1-3"},
    "eu": {"standard": "eu"},
}


def label_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--label` and `--svg`."""
    for option in (
        click.option(
            "--svg",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="OUT.svg",
            help="Write that label as a drawing too.",
        ),
        click.option(
            "--label",
            type=click.Choice(list(LABELS)),
            default="fda",
            help="Nutrition Facts, for adults or small children, or the table of the EU and UK.",
        ),
    ):
        command = option(command)
    return command


def with_label(api: Api, analysis: dict[str, Any], label: str) -> dict[str, Any]:
    """The analysis with the label that was asked for in the place of the FDA's."""
    if label == "fda":
        return analysis
    chosen = api.get(f"/v1/analyses/{analysis['id']}/label", LABELS[label])
    return analysis | {"label": chosen}


def draw(api: Api, analysis: dict[str, Any], label: str, path: Path) -> None:
    """Write the label as SVG. Raises OSError where it cannot be written."""
    answer = api.send("GET", f"/v1/analyses/{analysis['id']}/label.svg", params=LABELS[label])
    path.write_bytes(answer.content)
