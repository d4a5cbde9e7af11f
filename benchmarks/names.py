"""How often the matcher names the right food, on labelled everyday names.

    python -m benchmarks.names --data DIR [--json]
    python -m benchmarks.names --why "spring onions"

DIR holds food_names.csv and food_names_canada.csv (English names). Prints, in percent: hit1 and
hit5 (the labelled food is first, or among the first five), same_group (the first is of its food
group), energy15 (the first is within 15 % of its energy); how right a confidence of 0.9 is, for
both files and for everyday names alone (share: of the names; near: same group and energy); how
right what is answered below the threshold of knowing would be; and a table of confidences.
The weights were fitted on the open half of these files: held-out figures come from fit_weights.
`--why` tells what speaks for and against the foods that a name finds, heaviest first.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nutrition
from benchmarks.accuracy_names import near
from benchmarks.fit_confidence import reliability
from benchmarks.fit_weights import queries
from nutrition.engine import Engine
from nutrition.foods.matcher import Candidate
from nutrition.reading import KNOWN_FROM

REPOSITORY = Path(__file__).parents[1]
TERMS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--why", metavar="NAME", help="explain the ranking of one name")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", type=int, default=0, help="print so many wrong answers")
    options = parser.parse_args()

    engine = nutrition.load(REPOSITORY / "data", options.work)
    if options.why:
        why(engine, options.why)
        return
    if options.data is None:
        parser.error("--data or --why is needed")
    answers, report = measured(engine, options.data, options.misses)
    if options.json:
        print(json.dumps(report))
        return
    for name, values in report.items():
        print(name, *(f"{key} {value}" for key, value in values.items()), sep="  ")
    print(*reliability(answers["confidence"], answers["hit1"], answers["near"]), sep="\n")


def why(engine: Engine, name: str) -> None:
    """Print what speaks for and against each food that *name* finds."""
    match = engine.matcher.match(name)
    if match is None:
        print("No food shares a word with it.")
        return
    best = Candidate(match.food_index, match.confidence)
    for one in (best, *match.alternatives):
        print(f"{one.confidence:5.0%}  {engine.catalogue.foods[one.food_index].name}")
        for term, weight in engine.matcher.why(name, one.food_index)[:TERMS]:
            print(f"       {weight:+6.2f}  {term}")


def figures(engine: Engine, data: Path) -> dict[str, dict[str, float]]:
    """The report by file, and of the confidences, in percent."""
    return measured(engine, data)[1]


def measured(
    engine: Engine, data: Path, misses: int = 0
) -> tuple[Mapping[str, NDArray[np.float64]], dict[str, dict[str, float]]]:
    """What each name was answered, (names,) each, and the report. misses: wrong ones to print."""
    foods = engine.catalogue.foods
    energy = engine.catalogue.per_100g[:, engine.catalogue.column["ENERC_KCAL"]]
    columns = ("everyday", "hit1", "hit5", "same_group", "energy15", "near", "confidence")
    rows: list[tuple[float, ...]] = []
    seconds: list[float] = []
    for query in queries(data, engine.catalogue):
        start = time.perf_counter()
        match = engine.matcher.match(query.name)
        seconds.append(time.perf_counter() - start)
        found = [match.food_index, *(a.food_index for a in match.alternatives)] if match else []
        first = found[0] if found else None
        alike = first is not None and near(energy, first, query.row)
        group = first is not None and foods[first].group_code == foods[query.row].group_code
        chance = match.confidence if match else 0.0
        hit = first == query.row, query.row in found
        rows.append((query.everyday, *hit, group, alike, group and alike, chance))
        if not hit[0] and query.everyday and misses > 0:
            misses -= 1
            answer = foods[first].name if first is not None else "nothing"
            print(f"{query.name} → {answer} ({chance:.2f}), labelled {foods[query.row].name}")
    table = dict(zip(columns, np.array(rows, np.float64).T, strict=True))
    everyday = table["everyday"] > 0
    report: dict[str, dict[str, float]] = {
        file: {key: _percent(table[key][where]) for key in columns[1:5]}
        for file, where in (("food_names", everyday), ("food_names_canada", ~everyday))
        if where.any()
    }
    sure = table["confidence"] >= 0.9
    for name, where in (("confidence_0.9", sure | ~sure), ("confidence_0.9_everyday", everyday)):
        report[name] = {
            "right": _percent(table["hit1"][sure & where]),
            "near": _percent(table["near"][sure & where]),
            "share": _percent(sure[where]),
        }
    unknown = table["confidence"] < KNOWN_FROM
    report["unknown"] = {
        "right": _percent(table["hit1"][unknown]),
        "share_everyday": _percent(unknown[everyday]),
    }
    report["milliseconds"] = {
        "median": round(1e3 * float(np.median(seconds)), 3),
        "p95": round(1e3 * float(np.percentile(seconds, 95)), 3),
    }
    return table, report


def _percent(values: NDArray[Any]) -> float:
    return round(100 * float(np.mean(values)), 1) if len(values) else 0.0


if __name__ == "__main__":
    main()
