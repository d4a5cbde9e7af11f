"""The report of benchmarks/throughput.py as a table for people."""

from __future__ import annotations

from typing import Any

_WIDTH = 44


def show(report: dict[str, Any]) -> None:
    """Print it; sections that were left out are left out."""
    setting = report["setting"]
    print(
        f"\n{setting['url']}, {setting['cores']} cores, Python {setting['python']}, load "
        f"{setting['load_average_before']}, recipes {setting['recipes']}, seed {setting['seed']}"
    )
    print(f"\n{'latency, ms':<{_WIDTH}}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}{'n':>7}")
    if "idle" in report:
        _latencies("idle", report["idle"])
        _latencies("idle, one remembered line", report["idle"]["remembered"])
    if "submits" in report:
        _row("submit answered (202), saturated", report["submits"]["accept_ms"])
    bulk = report.get("bulk", {})
    if "beside_bulk" in bulk:
        _latencies("under bulk", bulk["beside_bulk"])
    for name, ratio in report.get("ratios", {}).items():
        print(f"{name:<{_WIDTH}}{ratio:>8} x")

    print(f"\n{'throughput':<{_WIDTH}}{'a second':>9}{'count':>9}{'seconds':>9}")
    if "submits" in report:
        seen = report["submits"]
        _rate("submits accepted", seen["per_second"], seen["accepted"], seen["seconds"])
        ended = seen["all_ended"]
        _rate("analyses, singly, to the last", ended["per_second"], ended["jobs"], ended["seconds"])
    for name, batch in (
        ("recipes in bulk", bulk.get("alone")),
        ("recipes in bulk, analyses beside", bulk.get("beside_bulk", {}).get("batch")),
    ):
        if batch:
            _rate(name, batch["recipes_per_second"], batch["recipes"], batch["seconds"])
    _costs(report)
    _memory(report.get("memory", {}))


def _latencies(when: str, seen: dict[str, Any]) -> None:
    _row(f"{when}: submit to result", seen["result_ms"])
    _row("  of it accepted to claimed", seen["of_it_queue_ms"])
    _row("  of it claimed to stored", seen["of_it_run_ms"])
    _row("  beside it, reading a job", seen["read_ms"])


def _row(name: str, at: dict[str, float]) -> None:
    cells = "".join(f"{at[q]:>9.1f}" for q in ("p50", "p95", "p99", "max")) if at else "  none"
    print(f"{name:<{_WIDTH}}{cells}{at.get('n', 0):>7.0f}")


def _rate(name: str, rate: float, count: int, seconds: float) -> None:
    print(f"{name:<{_WIDTH}}{rate:>9.1f}{count:>9,}{seconds:>9.1f}")


def _costs(report: dict[str, Any]) -> None:
    """Errors, the machine's load, and the CPU of each program a job, measurement by measurement."""
    bulk = report.get("bulk", {})
    parts = {
        "idle": report.get("idle"),
        "submits": report.get("submits"),
        "bulk": bulk.get("alone"),
        "under bulk": bulk.get("beside_bulk"),
    }
    print("\nmeasurement: errors; cores busy (everybody); CPU ms a job or recipe by program")
    for name, part in parts.items():
        if part is None:
            continue
        within = (part, part.get("remembered", {}), part.get("batch", {}))
        errors = [seen["errors"] for seen in within if seen.get("errors")] or "no errors"
        machine = part["machine"]
        cpu = ", ".join(f"{who} {ms}" for who, ms in machine.get("cpu_ms_a_job", {}).items())
        print(f"  {name}: {errors}; {machine['cores_busy']} of {machine['cores']}; {cpu}")


def _memory(memory: dict[str, Any]) -> None:
    if not memory:
        print("\nmemory: not known; the platform runs elsewhere, or not under supervisord here")
        return
    rest, after = memory["at_rest"], memory["after_load"]
    print(f"\n{'memory, PSS in MB':<{_WIDTH}}{'at rest':>9}{'after':>9}  each process, after")
    for name, told in after.items():
        each = told["processes"]
        which = (
            f"{each} processes" if isinstance(each, int) else " ".join(f"{mb:.0f}" for mb in each)
        )
        before = rest.get(name, {}).get("pss_mb", 0.0)
        print(f"{name:<{_WIDTH}}{before:>9.1f}{told['pss_mb']:>9.1f}  {which}")
