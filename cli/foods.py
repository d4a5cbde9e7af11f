"""`nutrition foods`: search and show foods over HTTP; load the catalogue as its operator."""

from __future__ import annotations

import dataclasses
import time
import uuid
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import click

from cli.access import client_options, find_access
from cli.exits import CommandFailed, Exit
from cli.output import console, emit, note, printable, table


@click.group()
def foods() -> None:
    """Search and show foods; load the catalogue."""


@foods.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", default=10, type=click.IntRange(1, 100), show_default=True)
@client_options
def search(
    query: tuple[str, ...], limit: int, url: str | None, key: str | None, as_json: bool
) -> None:
    """Search foods by name; a typing error does no harm."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        page = api.get("/v1/foods", {"q": " ".join(query), "limit": limit})
    if as_json:
        emit(page)
        return
    if page.get("corrected"):
        note(f"Searched for {page['corrected']!r}.")
    if not page["items"]:
        note(f"No food is called {' '.join(query)!r}.")
        return
    table(
        ("NDB", "Food", "kcal/100 g", "Group", "Id"),
        [(_hit(food), "") for food in page["items"]],
        right=("kcal/100 g",),
        whole=("NDB", "Id"),
    )


@foods.command()
@click.argument("food", metavar="ID|NDB")
@client_options
def show(food: str, url: str | None, key: str | None, as_json: bool) -> None:
    """Show one food, by its id or its USDA NDB number: every nutrient, and its portions."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        found = api.get(f"/v1/foods/{_food_id(food)}")
    if as_json:
        emit(found)
        return
    screen = console()
    screen.print(printable(found["name"]), style="bold")
    screen.print(
        f"{printable(found['group'])} · {found['source']} {found['ndb_no']} · {found['id']}"
    )
    screen.print()
    table(
        ("Nutrient", "per 100 g", "Unit", "Data points", "Code"),
        [_nutrient_row(code, value) for code, value in found["nutrients"].items()],
        right=("per 100 g", "Data points"),
        whole=("Code",),
    )
    portions = found.get("portions", [])
    if portions:
        screen.print()
        table(
            ("Portion", "Grams"),
            [((f"{p['amount']:g} {p['unit']}", f"{p['grams']:g}"), "") for p in portions],
            right=("Grams",),
        )


@foods.command()
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Catalogue file; the shipped one by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")
def load(archive: Path | None, as_json: bool) -> None:
    """Load the food catalogue into PostgreSQL (operators; needs DATABASE_OWNER_URL).

    Where that very catalogue is there already, nothing is done.
    """
    from cli.operator import actor, owner_session, settings
    from services.catalogue.load import load as load_catalogue
    from services.catalogue.version import settle
    from services.warming.warm import ask

    here = settings()
    began = time.monotonic()
    path = archive or here.data / "sr28.npz"
    try:
        with owner_session(here) as session:
            report = load_catalogue(session, path)
            if report.loaded:
                ask(session, "load", actor())
        if report.loaded:
            settle()  # when this command ends, nobody answers from the catalogue before
    except (ValueError, EOFError, BadZipFile) as error:
        raise CommandFailed(f"{path} is no food catalogue: {error}", Exit.USAGE) from error
    seconds = time.monotonic() - began
    if as_json:
        emit({**_plain(dataclasses.asdict(report)), "seconds": round(seconds, 2)})
    elif report.loaded:
        click.echo(
            f"Loaded {report.version}: {report.foods:,} foods, {report.nutrient_values:,} values, "
            f"{report.portions:,} portions in {seconds:.1f} s."
        )
    else:
        click.echo(f"{report.version} is loaded already ({seconds:.1f} s).")


def _food_id(written: str) -> str:
    if written.isascii() and written.isdecimal() and len(written) <= 5:
        from nutrition.catalogue import food_id

        # Ids are made from NDB numbers, in one way for ever.
        return food_id(written.zfill(5))
    try:
        return str(uuid.UUID(written))
    except ValueError:
        raise CommandFailed(
            f"{written!r} is neither a food's id nor an NDB number of up to five digits; "
            f"find it with `nutrition foods search`.",
            Exit.USAGE,
        ) from None


def _nutrient_row(code: str, value: dict[str, Any]) -> tuple[tuple[object, ...], str]:
    amount = value.get("amount")
    shown = "not known" if amount is None else f"{amount:g}"
    points = value.get("data_points")
    return (value.get("name"), shown, value.get("unit"), points, code), (
        "dim" if amount is None else ""
    )


def _hit(food: dict[str, Any]) -> tuple[object, ...]:
    energy = food.get("energy_kcal")
    return (
        food["ndb_no"],
        food["name"],
        "not known" if energy is None else f"{energy:.0f}",
        food["group"],
        food["id"],
    )


def _plain(report: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in report.items()
    }
