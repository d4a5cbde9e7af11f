"""Counting in several processes: nothing is lost with a process, and nothing piles up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kernel import metric_files

#: Counts once and says so, then lives until its input ends; forks as a pool does where told to.
CHILD = """
import os, sys
from pathlib import Path
from kernel import metric_files, metrics
metrics.know("kind", ["a"])
metric_files.begin(Path(sys.argv[1]))
metrics.CONNECTIONS.labels("nutrition-web").inc()
metrics.ATTEMPTS.labels("a", "succeeded").inc()
forked = os.fork() if "fork" in sys.argv else None
if forked == 0:
    metrics.ATTEMPTS.labels("a", "succeeded").inc()
    os._exit(0)
if forked:
    os.waitpid(forked, 0)
print("counted", flush=True)
sys.stdin.read()
"""


class Child:
    def __init__(self, work: Path, *told: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(work), *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "counted\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def read(work: Path) -> dict[str, float]:
    return {
        sample.name: sample.value
        for metric in metric_files.Collector(work).collect()
        for sample in metric.samples
    }


def test_counts_outlive_their_process_and_its_gauges_do_not(tmp_path: Path) -> None:
    lives, dies = Child(tmp_path), Child(tmp_path)
    both = read(tmp_path)
    dies.kill()
    one = read(tmp_path)
    lives.kill()

    assert both["nutrition_job_attempts_total"] == one["nutrition_job_attempts_total"] == 2
    assert both["nutrition_database_connections_in_use"] == 2
    assert one["nutrition_database_connections_in_use"] == 1


def test_who_comes_after_the_dead_counts_on_in_their_files(tmp_path: Path) -> None:
    stays = Child(tmp_path)
    for _ in range(4):
        Child(tmp_path).kill()
    counters = list((tmp_path / "metrics").glob("counter_*.db"))
    seen = read(tmp_path)
    stays.kill()

    assert len(counters) == 2
    assert seen["nutrition_job_attempts_total"] == 5


def test_a_fork_counts_in_a_file_of_its_own(tmp_path: Path) -> None:
    parent = Child(tmp_path, "fork")
    seen = read(tmp_path)
    files = sorted(file.name for file in (tmp_path / "metrics").glob("counter_*.db"))
    parent.kill()

    assert seen["nutrition_job_attempts_total"] == 2
    assert files == ["counter_0.db", "counter_1.db"]


def test_a_new_start_counts_from_nothing(tmp_path: Path) -> None:
    Child(tmp_path).kill()
    assert read(tmp_path)["nutrition_job_attempts_total"] == 1

    again = Child(tmp_path)
    seen = read(tmp_path)
    again.kill()

    assert seen["nutrition_job_attempts_total"] == 1


def test_nothing_to_read_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path) == {}
