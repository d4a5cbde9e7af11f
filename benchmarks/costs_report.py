"""The report of benchmarks/costs.py as tables for people."""

from __future__ import annotations

from typing import Any

#: What is required (issue 12): contestant, divided by whom, at least this.
REQUIRED = (
    ("singly", "bare Celery", 0.5),
    ("by 16", "bare Celery", 5.0),
    ("by 64", "bare Celery", 10.0),
    ("arriving, by 64", "bare Celery", 3.0),
    ("singly", "Procrastinate", 1.0),
)
#: CPU µs a job of the dispatcher, singly, at most.
DISPATCHER = 80.0
_WIDTH = 30


def show(report: dict[str, Any]) -> None:
    """Print it; whoever was left out is left out."""
    print("\n" + ", ".join(f"{name} {value}" for name, value in report["setting"].items()))
    drained = report["drained"]
    print(f"\n{'drained, a second':<{_WIDTH}}{'median':>9}   rounds")
    for name, told in drained.items():
        each = " ".join(f"{rate:,.0f}" for rate in told["rounds"])
        print(f"{name:<{_WIDTH}}{told['per_second']:>9,.0f}   {each}")

    print(f"\n{'ratio':<{_WIDTH}}{'here':>9}{'required':>10}")
    for name, other, least in REQUIRED:
        if name in drained and other in drained:
            ratio = drained[name]["per_second"] / drained[other]["per_second"]
            met = "met" if ratio >= least else "short"
            print(f"{f'{name} / {other}':<{_WIDTH}}{ratio:>9.2f}{least:>10.1f}  {met}")
    if "singly" in drained:
        spent = drained["singly"]["cpu_us_a_job"]["dispatcher"]
        met = "met" if spent < DISPATCHER else "short"
        print(f"{'dispatcher, µs a job singly':<{_WIDTH}}{spent:>9.0f}{DISPATCHER:>10.0f}  {met}")

    print(f"\n{'CPU, µs a job':<{_WIDTH}}{'in all':>9}   by part")
    for name, told in drained.items():
        cpu = told["cpu_us_a_job"]
        each = ", ".join(f"{part} {spent:,.0f}" for part, spent in cpu.items())
        print(f"{name:<{_WIDTH}}{sum(cpu.values()):>9,.0f}   {each}")
