"""`nutrition analyze --explain`: the lines that made a figure, as a table that adds up."""

from __future__ import annotations

from typing import Any

from cli.output import console, printable, table


def show(found: dict[str, Any]) -> None:
    """Print one explanation, as GET /v1/analyses/{id}/explanation answers it."""
    unit = found["unit"]
    screen = console()
    screen.print()
    screen.print(printable(f"Where the {found['name']} comes from ({found['nutrient']})"))
    rows: list[tuple[tuple[object, ...], str]] = [_row(line) for line in found["lines"]]
    rows.append((_total(found), "bold"))
    table(
        ("Line", "Food", "Grams", "Basis", "Per 100 g", "Points", "Kept", unit, "Share"),
        rows,
        right=("Grams", "Per 100 g", "Points", "Kept", unit, "Share"),
        whole=("Grams", unit, "Share"),
    )
    for line in found["lines"]:
        if "assumption" in line:
            screen.print(printable(f"{line['text']}: {line['assumption']}"))
        if "retained" in line:  # the table may speak of other nutrients alone
            screen.print(printable(f"{line['text']}: {line['retention']}"))
    if found["unknown_lines"]:
        screen.print(f"Nobody knows how much {found['name']} is in:")
        for line in found["unknown_lines"]:
            screen.print(printable(f"  {line['text']}: {line['reason']}"))


def _row(line: dict[str, Any]) -> tuple[tuple[object, ...], str]:
    points = line.get("data_points")
    kept = line.get("eaten", 1) * line.get("retained", 1)
    return (
        line["text"],
        line["food"]["name"],
        f"{line['grams']:.1f}",
        line["grams_basis"],
        _number(line.get("per_100g")),
        "calculated" if points == 0 else points,
        None if kept == 1 else f"{kept:.0%}",
        _number(line["amount"]),
        f"{line['share']:.1f}%",
    ), ""


def _total(found: dict[str, Any]) -> tuple[object, ...]:
    """The last row: the total, its interval, and how much of the recipe it rests on."""
    low, high = found.get("low"), found.get("high")
    interval = "" if low is None else f"95% between {_number(low)} and {_number(high)}"
    return (
        "Total",
        f"known of {found['coverage']:.1%} of the recipe",
        *(None, interval, None, None, None),
        _number(found["amount"]) or "not known",
        "100%" if found["amount"] else None,
    )


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
