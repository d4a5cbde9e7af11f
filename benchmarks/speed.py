"""What the engine costs: a line, a recipe, a worker's memory and start.

    python -m benchmarks.speed --data DIR [--lines 2000] [--json]

DIR holds ingredient_lines.csv (column input). Processor time of one core in milliseconds, median
and 95th percentile: of a distinct line through parse, match and grams, and of each of the three;
in microseconds of a line seen before; of a whole analysis of ten lines seen before, and of making
what is kept of it. Then a process of its own that loads everything: seconds until its first
analysis, and its memory (PSS, alone on the machine, is what it would add).
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

import nutrition
from nutrition.analysis import AnalysisRequest
from nutrition.engine import Engine
from nutrition.lines import parsing

REPOSITORY = Path(__file__).parents[1]
LINES_A_RECIPE = 10
ALONE = """
import sys, time
start = time.perf_counter()
from pathlib import Path
import nutrition
from nutrition.analysis import AnalysisRequest
engine = nutrition.load(Path(sys.argv[1]), Path(sys.argv[2]))
engine.analyze(AnalysisRequest(("2 cups flour", "3 large eggs", "1 tsp salt"), servings=4)).kept()
ready = time.perf_counter() - start
rollup = Path("/proc/self/smaps_rollup")
pss = next((line.split()[1] for line in rollup.read_text().splitlines() if line.startswith("Pss:")),
           "0") if rollup.exists() else "0"
print(ready, int(pss) / 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--lines", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    engine = nutrition.load(REPOSITORY / "data", options.work)
    with (options.data / "ingredient_lines.csv").open(newline="", encoding="utf-8") as file:
        every = list(dict.fromkeys(record["input"] for record in csv.DictReader(file)))
    report = figures(engine, every[:: max(1, len(every) // options.lines)][: options.lines])
    report["worker"] = alone(options.work)
    if options.json:
        print(json.dumps(report))
        return
    for name, values in report.items():
        print(f"{name:28}", *(f"{key} {value}" for key, value in values.items()), sep="  ")


def figures(engine: Engine, lines: list[str]) -> dict[str, dict[str, Any]]:
    """The report on *lines*, which must be distinct and new to the engine."""
    from ingredient_parser import parse_ingredient

    for line in lines[:20]:
        engine.line(line)
    # Whole and parts each on lines of their own: words are remembered, so the second way to read
    # a line costs less than the first.
    alone, parts, lines = lines[20::4], lines[21::4], [*lines[22::4], *lines[23::4]]
    report = {
        "distinct line, ms": _quantiles(_times(engine.line, lines)),
        "line seen before, µs": _quantiles(_times(engine.line, lines), 1e6),
        "parser alone, ms": _quantiles(_times(lambda x: parse_ingredient(x), alone)),
        "parse, ms": _quantiles(_times(parsing.parse, parts)),
    }
    names = [one.names[0] for one in map(parsing.parse, parts) if one.names]
    report["match, ms"] = _quantiles(_times(engine.matcher.match, names))
    recipes = [
        AnalysisRequest(tuple(lines[at : at + LINES_A_RECIPE]), servings=4)
        for at in range(0, len(lines) - LINES_A_RECIPE, LINES_A_RECIPE)
    ]
    analyses = [engine.analyze(recipe) for recipe in recipes]
    report["analysis of 10 lines seen, ms"] = _quantiles(_times(engine.analyze, recipes))
    report["what is kept of it, ms"] = _quantiles(_times(lambda one: one.kept(), analyses))
    return report


def alone(work: Path) -> dict[str, float]:
    """Seconds until a new process has its first analysis, and its memory in MB; medians of 3."""
    runs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", ALONE, str(REPOSITORY / "data"), str(work)],
            check=True,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
        )
        runs.append([float(value) for value in done.stdout.split()])
    ready, pss = np.median(np.array(runs), axis=0).tolist()
    return {"ready_seconds": round(ready, 2), "pss_mb": round(pss, 1)}


def _times(call: Callable[[Any], object], values: Iterable[Any]) -> list[float]:
    """Processor seconds of each call."""
    found = []
    for value in values:
        start = time.process_time()
        call(value)
        found.append(time.process_time() - start)
    return found


def _quantiles(seconds: list[float], scale: float = 1e3) -> dict[str, float]:
    return {
        "median": round(scale * float(np.median(seconds)), 3),
        "p95": round(scale * float(np.percentile(seconds, 95)), 3),
        "count": len(seconds),
    }


if __name__ == "__main__":
    main()
