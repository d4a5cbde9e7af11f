"""How lines are read, against labelled lines; and what share of real lines comes to grams.

    python -m benchmarks.lines --data DIR [--count 200] [--json]

DIR holds ingredient_lines.csv (input, name, quantity, unit; `#1$2` is a half) and, optionally,
recipes_allrecipes.jsonl and recipes_scraped.jsonl (ingredients: lines). Prints, in percent: lines
whose name, whose first quantity and whose first unit are as labelled, every seventh line being
taken; then the lines of the recipes by status, and milliseconds a distinct line.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import nutrition
from nutrition import units
from nutrition.engine import Engine
from nutrition.foods.names import words
from nutrition.lines import parsing

REPOSITORY = Path(__file__).parents[1]
STRIDE = 7  # the file groups its sources; a stride visits them all


def labelled_quantity(text: str) -> float | None:
    """The first number of a label: "1#3$4" is 1.75, "1-2" its middle; None without one."""

    def number(part: str) -> float | None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)?(?:#(\d+)\$(\d+))?", part)
        if not match or not part:
            return None
        fraction = int(match[2]) / int(match[3]) if match[2] else 0.0
        return float(match[1] or 0) + fraction

    first = text.split(" ", 1)[0]
    ends = [number(part) for part in first.split("-")]
    known = [end for end in ends if end is not None]
    return sum(known) / len(known) if known and len(known) == len(ends) else None


def labelled(path: Path, count: int) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))[::STRIDE][:count]


def read_lines(data: Path, count: int) -> dict[str, float]:
    """Share of labelled lines of which the name, the first quantity and the first unit agree."""
    names, quantities, measures = [], [], []
    for record in labelled(data / "ingredient_lines.csv", count):
        parsed = parsing.parse(record["input"])
        said = {frozenset(words(name)) for name in (*parsed.names, " ".join(parsed.names))}
        names.append(frozenset(words(record["name"])) in said)
        wanted = labelled_quantity(record["quantity"])
        first = parsed.amounts[0] if parsed.amounts else None
        if wanted is not None:
            quantities.append(first is not None and abs(first.middle - wanted) < 1e-3 * wanted)
        if record["unit"]:
            asked = record["unit"].split(" ", 1)[0]
            unit = first.unit.split(" ")[-1] if first else ""
            measures.append(units.canonical(asked) in (unit, first.unit if first else ""))
    return {
        "name": share(names),
        "quantity": share(quantities),
        "unit": share(measures),
    }


def share(right: list[bool]) -> float:
    return round(100 * float(np.mean(right)), 1) if right else 0.0


def recipes(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def statuses(engine: Engine, path: Path) -> dict[str, float]:
    """Status of every line of a file of recipes, in percent, and the time of a distinct line."""
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    seen: set[str] = set()
    for recipe in recipes(path):
        for text in recipe["ingredients"]:
            start = time.perf_counter()
            counts[engine.line(text).status] += 1
            if text not in seen:
                seconds.append(time.perf_counter() - start)
                seen.add(text)
    total = counts.total()
    return {
        **{str(status): round(100 * number / total, 1) for status, number in counts.most_common()},
        "ms_median": round(1e3 * float(np.median(seconds)), 2),
        "ms_p95": round(1e3 * float(np.percentile(seconds, 95)), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    engine = nutrition.load(REPOSITORY / "data", options.work)
    figures = {"labelled lines": read_lines(options.data, options.count)}
    for name in ("recipes_allrecipes.jsonl", "recipes_scraped.jsonl"):
        if (options.data / name).exists():
            figures[name] = statuses(engine, options.data / name)
    if options.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(name, *(f"{key} {value}" for key, value in values.items()), sep="  ")


if __name__ == "__main__":
    main()
