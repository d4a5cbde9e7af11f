"""How lines are read, against labelled lines; and what share of real lines comes to grams.

    python -m benchmarks.lines --data DIR [--count 2000] [--json]

DIR holds ingredient_lines.csv (input, name, quantity, unit; `#1$2` is a half) and, optionally,
recipes_allrecipes.jsonl and recipes_scraped.jsonl (ingredients: lines; language: of the recipe).
Prints, in percent: labelled lines whose name, whose first quantity and whose unit are as labelled,
every seventh line being taken; English lines taken for another language, and lines of recipes in
other languages told as such; then the lines of the recipes by status; and milliseconds of processor
time for a distinct line, through the parser alone and through `parse`.
"""

from __future__ import annotations

import argparse
import contextlib
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
from nutrition.lines import language, parsing

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


def labelled(path: Path, count: int | None) -> list[dict[str, str]]:
    """*count* labelled lines, or all of them."""
    with path.open(newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    return records if count is None else records[::STRIDE][:count]


def read_lines(data: Path, count: int) -> dict[str, float]:
    """Share of labelled lines of which the name, the first quantity and the unit agree.

    A label names alternatives in one text ("butter or margarine") and all the words of a unit
    ("ounce can"): the first of ours must be among them. Thirds are labelled 0.333. The fruit of
    "1 lemon, juiced" is labelled a lemon, which we read as its juice: it counts as wrong.
    """
    names, quantities, measures = [], [], []
    for record in labelled(data / "ingredient_lines.csv", count):
        parsed = parsing.parse(record["input"])
        said = {frozenset(words(name)) for name in (*parsed.names, *joined(parsed.names))}
        names.append(frozenset(words(record["name"])) in said)
        wanted = labelled_quantity(record["quantity"])
        first = parsed.amounts[0] if parsed.amounts else None
        if wanted is not None:
            quantities.append(first is not None and abs(first.middle - wanted) < 2e-3 * wanted)
        if record["unit"]:
            asked = record["unit"].split()
            known = {units.canonical(word) for word in (*asked, " ".join(asked))}
            unit = first.unit if first else ""
            measures.append(bool(known & {unit, unit.split(" ")[-1]}))
    return {"name": share(names), "quantity": share(quantities), "unit": share(measures)}


def joined(names: tuple[str, ...]) -> list[str]:
    return [by.join(names) for by in (" ", " or ", " and ")]


def languages(data: Path) -> dict[str, float]:
    """English lines taken for foreign (of labelled and English recipes'), foreign ones told."""
    alarms = [
        bool(language.of(parsing.clean(record["input"])))
        for record in labelled(data / "ingredient_lines.csv", None)
    ]
    told: list[bool] = []
    path = data / "recipes_scraped.jsonl"
    for recipe in recipes(path) if path.exists() else ():
        code = (recipe.get("language") or "en")[:2].casefold()
        found = [bool(language.of(parsing.clean(line))) for line in recipe["ingredients"]]
        (alarms if code == "en" else told).extend(found)
    return {"false_alarms": round(100 * float(np.mean(alarms)), 3), "foreign_told": share(told)}


def seconds(data: Path, count: int) -> dict[str, float]:
    """Processor time of distinct lines, parser alone and ours, in turn so that both meet the same
    machine."""
    from ingredient_parser import parse_ingredient

    alone: list[float] = []
    ours: list[float] = []
    for text in dict.fromkeys(r["input"] for r in labelled(data / "ingredient_lines.csv", count)):
        start = time.thread_time()
        with contextlib.suppress(Exception):  # it raises for a few lines; ours never does
            parse_ingredient(text, string_units=True)
        middle = time.thread_time()
        parsing.parse(text)
        alone.append(middle - start)
        ours.append(time.thread_time() - middle)
    return {
        f"{name}_{part}": round(1e3 * float(np.percentile(values, percent)), 3)
        for name, values in (("parser", alone), ("parse", ours))
        for part, percent in (("ms_median", 50), ("ms_p95", 95))
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
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    engine = nutrition.load(REPOSITORY / "data", options.work)
    figures = {
        "labelled lines": read_lines(options.data, options.count),
        "languages": languages(options.data),
        "time": seconds(options.data, options.count),
    }
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
