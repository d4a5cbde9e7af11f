"""How fast a running platform is, over HTTP, as its callers see it.

    python -m benchmarks.throughput [--json] [--data DIR] [--recipes N] [--samples N] …

Four measurements, one after the other, each after a warm-up that is not counted:
  idle      one caller, one analysis after the other with `Prefer: wait`, beside it a plain read
  submits   several client processes submit at once and wait for nothing; then all jobs end
  bulk      a batch alone; then a batch with an idle caller's analyses beside it
  memory    PSS of each program, at rest and after all that (Linux, platform on this machine)
Address and key are found as the `nutrition` command finds them. Every figure has its count, what
went wrong is counted by status, and the load of the machine stands beside it: on a busy machine
believe the ratios. benchmarks/README.md tells how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import invented, load, machine
from benchmarks import recipes as published
from benchmarks.bulk import Batch
from benchmarks.latency import Sampler, quantiles
from benchmarks.report import show
from cli.access import Access, checkouts, find_access
from cli.exits import CommandFailed

#: Requests a minute that a submit test needs at least: less would measure the limit.
ENOUGH = 100_000
WARM_UP_SECONDS = 2.0
WARM_UP_SAMPLES = 20


def main() -> None:
    options = _options()
    try:
        access = find_access(options.url, options.key)
        report = measure(access, options)
    except (CommandFailed, httpx2.HTTPError) as error:
        sys.exit(f"throughput: {error or type(error).__name__}")
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)


def measure(access: Access, options: argparse.Namespace) -> dict[str, Any]:
    """Run what the options ask for; answers the whole report, of numbers and short texts."""
    home = machine.home_of(access.url, checkouts())
    with load.client(access) as http:
        quota = _quota(http)
        if options.submit_seconds and quota < ENOUGH:
            raise CommandFailed(
                f"This key may send {quota} requests a minute, and the submit test would measure "
                "that. Start the platform with RATE_LIMIT_KEY=1000000 and "
                "RATE_LIMIT_ADDRESS=1000000, or leave the test out: --submit-seconds 0."
            )
        report: dict[str, Any] = {"setting": _setting(access, options, home)}
        recipes = _source(options)
        sampler = Sampler(http, recipes)
        _say("warm-up")
        sampler.sample(WARM_UP_SAMPLES)
        memory: dict[str, Any] = {}
        if home:
            memory["at_rest"] = machine.memory(home)
        if options.samples:
            _say(f"idle: {options.samples} analyses, one after the other")
            meter = machine.Meter(home)
            new, remembered = sampler.sample(options.samples)
            report["idle"] = new.told() | {
                "remembered": remembered.told(),
                "machine": meter.read(2 * options.samples),
            }
        if options.submit_seconds:
            _say(f"submits: {options.clients} clients of {options.threads} threads")
            report["submits"] = _submits(access, http, options, home)
        if options.recipes:
            report["bulk"] = _bulk(http, sampler, recipes, options, home)
        if home:
            memory["after_load"] = machine.memory(home)
            report["memory"] = memory
    if "idle" in report and "beside_bulk" in report.get("bulk", {}):
        idle, beside = (
            report["idle"]["result_ms"],
            report["bulk"]["beside_bulk"]["result_ms"],
        )
        report["ratios"] = {
            f"result under bulk / idle, {name}": round(beside[name] / idle[name], 2)
            for name in ("p50", "p95")
            if idle.get(name) and beside.get(name)
        }
    return report


def _submits(
    access: Access, http: httpx2.Client, options: argparse.Namespace, home: Path | None
) -> dict[str, Any]:
    meter = machine.Meter(home)
    began = time.perf_counter()
    seen = load.submit(
        access,
        processes=options.clients,
        threads=options.threads,
        seconds=options.submit_seconds,
        seed=options.seed + 1,
        warm_up=WARM_UP_SECONDS,
    )
    accepted = len(seen.latencies) + seen.uncounted
    told: dict[str, Any] = {
        "accepted": len(seen.latencies),
        "seconds": round(seen.seconds, 2),
        "per_second": round(len(seen.latencies) / seen.seconds, 1),
        "accept_ms": quantiles(seen.latencies),
        "errors": dict(seen.errors),
        "client_cpu_seconds": round(seen.client_cpu_seconds, 2),
    }
    _say(f"submits: {accepted:,} accepted, waiting for their jobs to end")
    _until(lambda: _nothing_left(http))
    took = time.perf_counter() - began
    told["all_ended"] = {
        "jobs": accepted,
        "seconds": round(took, 1),
        "per_second": round(accepted / took, 1),
    }
    return told | {"machine": meter.read(accepted)}


def _bulk(
    http: httpx2.Client,
    sampler: Sampler,
    recipes: Iterator[invented.Recipe],
    options: argparse.Namespace,
    home: Path | None,
) -> dict[str, Any]:
    _say(f"bulk: a batch of {options.recipes:,} recipes")
    meter = machine.Meter(home)
    alone = Batch.submit(http, islice(recipes, options.recipes))
    _until(alone.has_ended)
    told: dict[str, Any] = {
        "alone": alone.told() | {"machine": meter.read(options.recipes)},
    }
    if options.samples:
        _say(f"bulk: another {options.recipes:,}, and analyses beside it")
        meter = machine.Meter(home)
        batch = Batch.submit(http, islice(recipes, options.recipes))
        _until(batch.has_begun)
        seen = sampler.sample_while(lambda: not batch.has_ended())
        told["beside_bulk"] = seen.told() | {
            "batch": batch.told(),
            "machine": meter.read(options.recipes),
        }
    return told


def _source(options: argparse.Namespace) -> Iterator[invented.Recipe]:
    """Endless recipes: invented, or those of --data again and again."""
    if options.data is None:
        return invented.recipes(options.seed)
    try:
        rows = [*published.allrecipes(options.data), *published.scraped(options.data)]
    except FileNotFoundError as error:
        raise CommandFailed(f"{error.filename} is missing: see benchmarks/recipes.py") from None
    return cycle({k: v for k, v in row.items() if k != "custom_id"} for row in rows)


def _quota(http: httpx2.Client) -> int:
    """Requests a minute that the strictest limit grants this caller (RateLimit-Policy)."""
    answer = http.get("/v1/jobs", params={"limit": 1})
    if answer.status_code != 200:
        raise CommandFailed(f"GET /v1/jobs answered {answer.status_code}: {answer.text[:200]}")
    granted = re.findall(r"q=(\d+)", answer.headers.get("RateLimit-Policy", ""))
    return min(map(int, granted), default=sys.maxsize)


def _nothing_left(http: httpx2.Client) -> bool:
    return not any(
        http.get("/v1/jobs", params={"state": state, "limit": 1}).json()["items"]
        for state in ("queued", "running", "waiting")
    )


def _until(done: Callable[[], bool], seconds: float = 1800, look: float = 0.25) -> None:
    """Ask until it is so. Raises CommandFailed where it takes longer than *seconds*."""
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise CommandFailed(f"The platform did not finish its work within {seconds:.0f} s.")
        time.sleep(look)


def _setting(access: Access, options: argparse.Namespace, home: Path | None) -> dict[str, Any]:
    return {
        "url": access.url,
        "platform_on_this_machine": home is not None,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average_before": [round(one, 2) for one in os.getloadavg()],
        "recipes": "published" if options.data else "invented",
        "seed": options.seed,
    }


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--url", help="address of the platform")
    add("--key", help="API key; NUTRITION_API_KEY hides it from ps")
    add("--json", action="store_true", help="one JSON document instead of the table")
    add("--data", type=Path, help="folder with published recipes (benchmarks/recipes.py)")
    add("--seed", type=int, default=11, help="of the invented recipes; default 11")
    add("--samples", type=int, default=300, help="analyses awaited one by one; 0: none")
    add("--submit-seconds", type=float, default=5.0, help="length of the submit test; 0: none")
    add("--clients", type=int, default=2, help="client processes that submit")
    add("--threads", type=int, default=8, help="threads of each, one connection a thread")
    add("--recipes", type=int, default=2000, help="recipes of each batch; 0: no batch")
    options = parser.parse_args()
    if min(options.samples, options.submit_seconds, options.recipes) < 0:
        parser.error("--samples, --submit-seconds and --recipes are not negative")
    if min(options.clients, options.threads) < 1:
        parser.error("--clients and --threads are 1 or more")
    return options


if __name__ == "__main__":
    main()
