"""How often the matcher names the right food, on labelled everyday names.

    python -m benchmarks.names --data DIR [--json]

DIR holds food_names.csv and food_names_canada.csv (English names). Prints, in percent: hit1 and
hit5 (the labelled food is first, or among the first five), same_group (the first is of its food
group), energy15 (the first is within 15 % of its energy), and how right a confidence of 0.9 is.
The weights were fitted on the open half of these files: held-out figures come from fit_weights.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

import nutrition
from benchmarks.fit_weights import queries
from nutrition.engine import Engine

REPOSITORY = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", type=int, default=0, help="print so many wrong answers")
    options = parser.parse_args()

    engine = nutrition.load(REPOSITORY / "data", options.work)
    report = figures(engine, options.data, options.misses)
    if options.json:
        print(json.dumps(report))
        return
    for name, values in report.items():
        print(name, *(f"{key} {value}" for key, value in values.items()), sep="  ")


def figures(engine: Engine, data: Path, misses: int = 0) -> dict[str, dict[str, float]]:
    """The report by file. misses: wrong answers to print meanwhile."""
    foods = engine.catalogue.foods
    energy = engine.catalogue.per_100g[:, engine.catalogue.column["ENERC_KCAL"]]
    rows: dict[str, list[tuple[bool, bool, bool, bool]]] = {}
    sure: list[bool] = []
    seconds: list[float] = []
    for query in queries(data, engine.catalogue):
        start = time.perf_counter()
        match = engine.matcher.match(query.name)
        seconds.append(time.perf_counter() - start)
        found = [match.food_index, *(a.food_index for a in match.alternatives)] if match else []
        first = found[0] if found else None
        near = first is not None and bool(
            abs(energy[first] - energy[query.row]) <= 0.15 * max(energy[query.row], 1)
        )
        group = first is not None and foods[first].group_code == foods[query.row].group_code
        file = "food_names" if query.everyday else "food_names_canada"
        rows.setdefault(file, []).append((first == query.row, query.row in found, group, near))
        if match and match.confidence >= 0.9:
            sure.append(first == query.row)
        if first != query.row and query.everyday and misses > 0:
            misses -= 1
            answer = foods[first].name if first is not None else "nothing"
            print(f"{query.name} → {answer}, labelled {foods[query.row].name}")
    report: dict[str, dict[str, float]] = {
        file: dict(
            zip(
                ("hit1", "hit5", "same_group", "energy15"),
                (np.array(values).mean(axis=0) * 100).round(1).tolist(),
                strict=True,
            )
        )
        for file, values in rows.items()
    }
    report["confidence_0.9"] = {
        "right": round(100 * float(np.mean(sure)), 1) if sure else 0.0,
        "share": round(100 * len(sure) / len(seconds), 1),
    }
    report["milliseconds"] = {
        "median": round(1e3 * float(np.median(seconds)), 3),
        "p95": round(1e3 * float(np.percentile(seconds, 95)), 3),
    }
    return report


if __name__ == "__main__":
    main()
