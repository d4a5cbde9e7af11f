"""Who is measured: how each gets its jobs, starts its processes, and says how many are left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg
import redis

from benchmarks import costs_celery

ROOT = Path(__file__).resolve().parents[1]
#: Owners that the pre-inserted jobs belong to: the dispatcher serves them in turn.
OWNERS = 8


class Contestant(Protocol):
    """One way to run no-op jobs."""

    name: str
    #: Jobs of one round, before --scale.
    jobs: int

    def fill(self, jobs: int) -> None:
        """Make the stores empty, and have *jobs* wait in them; no worker runs."""

    def start(self, processes: int, jobs: int) -> dict[str, int]:
        """Start what works, with that many executing processes; answers part → pid."""

    def left(self) -> int:
        """How many jobs have not ended."""

    def stop(self) -> None:
        """Kill what was started."""


@dataclass
class Started:
    """Processes of a round, each in a session of its own, with its log in *folder*."""

    folder: Path
    environ: Mapping[str, str]
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, log: str, command: Sequence[str], **extra: str) -> int:
        """Start *command*; answers its pid."""
        with (self.folder / f"{log}.log").open("ab") as out:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environ, **extra},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._running.append(process)
        return process.pid

    def check(self) -> None:
        """Raise RuntimeError where a process ended, with the place of its log."""
        for process in self._running:
            if process.poll() not in (None, 0):
                raise RuntimeError(f"{process.args!r} ended; its log is in {self.folder}")

    def kill(self) -> None:
        """SIGKILL: the stores are emptied before the next round, so nothing need be in order."""
        for process in self._running:
            # A group that has ended altogether is gone; one whose leader ended may not be.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()


def worker(app: str, queue: str, processes: int) -> list[str]:
    """A prefork worker's command, with the flags of supervisord.conf."""
    return [
        *(sys.executable, "-m", "celery", "-A", app, "worker", "-n", f"{queue}@%h", "-Q", queue),
        *("--pool", "prefork", "-c", str(processes)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]


class BareCelery:
    """Celery with nothing around it, on the platform's broker."""

    jobs = 6_000

    def __init__(self, started: Started, *, events: bool) -> None:
        self.name = "bare Celery" if events else "bare Celery, no events"
        self._started = started
        self._events = "on" if events else "off"
        self._redis: redis.Redis = redis.Redis.from_url(started.environ["REDIS_URL"])

    def fill(self, jobs: int) -> None:
        self._redis.flushall()
        subprocess.run(
            [sys.executable, "-m", "benchmarks.costs_celery", str(jobs)],
            cwd=ROOT,
            env={**os.environ, **self._started.environ},
            check=True,
        )

    def start(self, processes: int, jobs: int) -> dict[str, int]:
        command = worker("benchmarks.costs_celery", costs_celery.QUEUE, processes)
        return {"worker": self._started.start("bare", command, COSTS_EVENTS=self._events)}

    def left(self) -> int:
        # Not yet acknowledged, and not yet read.
        pipe: Any = self._redis.pipeline(transaction=False)
        read, waiting = pipe.hlen("unacked").llen(costs_celery.QUEUE).execute()
        return int(read + waiting)

    def stop(self) -> None:
        self._started.kill()


class Ours:
    """The platform's dispatcher and worker, on jobs of one no-op kind on a queue of its own."""

    def __init__(
        self,
        started: Started,
        name: str,
        kind: str,
        jobs: int,
        *,
        events: bool = True,
        arriving: int = 0,
    ) -> None:
        """arriving: threads that insert the jobs while they are drained; 0: they wait already."""
        self.name = name
        self.jobs = jobs
        self._kind = kind
        self._started = started
        self._events = "on" if events else "off"
        self._arriving = arriving
        self._redis: redis.Redis = redis.Redis.from_url(started.environ["REDIS_URL"])
        self._admin = psycopg.connect(started.environ["DATABASE_ADMIN_URL"], autocommit=True)
        self._jobs = 0

    def fill(self, jobs: int) -> None:
        self._redis.flushall()
        self._jobs = jobs
        self._admin.execute(
            "TRUNCATE jobs, jobs_archive, job_events, job_keys, job_edges, processes, leases"
        )
        if not self._arriving:
            self._admin.execute(
                """INSERT INTO jobs (id, kind, version, queue, payload, owner_id, actor)
                SELECT uuidv7(), %s, 1, %s, '{}', md5((n %% %s)::text)::uuid, 'benchmark'
                FROM generate_series(1, %s) AS n""",
                (self._kind, self._kind, OWNERS, jobs),
            )
        self._admin.execute("VACUUM ANALYZE jobs")

    def start(self, processes: int, jobs: int) -> dict[str, int]:
        start = self._started.start
        parts = {
            "worker": start(
                "worker",
                worker("benchmarks.costs_worker", self._kind, processes),
                COSTS_EVENTS=self._events,
            ),
            "dispatcher": start(
                "dispatcher", [sys.executable, "-m", "benchmarks.costs_dispatcher"]
            ),
        }
        if self._arriving:
            self._await_slots(processes)
            command = [sys.executable, "-m", "benchmarks.costs_arrivals", self._kind]
            parts["arrivals"] = start("arrivals", [*command, str(jobs), str(self._arriving)])
        return parts

    def _await_slots(self, slots: int) -> None:
        """Wait until that many are offered: what arrives before a worker is there is a backlog."""
        asked = "SELECT coalesce(sum(slots), 0) FROM processes WHERE role = 'worker'"
        until = time.monotonic() + 60
        while int((self._admin.execute(asked).fetchone() or (0,))[0]) < slots:
            self._started.check()
            if time.monotonic() > until:
                raise RuntimeError(f"no worker came; logs are in {self._started.folder}")
            time.sleep(0.05)

    def left(self) -> int:
        if self._arriving:
            ended = self._admin.execute("SELECT count(*) FROM jobs_archive").fetchone()
            return self._jobs - int(ended[0] if ended else 0)
        row = self._admin.execute("SELECT count(*) FROM jobs").fetchone()
        return int(row[0]) if row else 0

    def stop(self) -> None:
        self._started.kill()


class Procrastinate:
    """Procrastinate's own workers on the same PostgreSQL, as many processes as the others have."""

    name = "Procrastinate"
    jobs = 3_000

    def __init__(self, started: Started, python: Path, database_url: str, concurrency: int) -> None:
        """python: that of the environment where Procrastinate is installed."""
        self._started = started
        self._python = str(python)
        self._url = database_url
        self._concurrency = str(concurrency)
        self._command("schema", "--apply")
        self._admin = psycopg.connect(database_url, autocommit=True)

    def fill(self, jobs: int) -> None:
        self._admin.execute("TRUNCATE procrastinate_jobs, procrastinate_events CASCADE")
        self._admin.execute(
            """INSERT INTO procrastinate_jobs (queue_name, task_name, args)
            SELECT 'benchmark', 'no_op', '{}' FROM generate_series(1, %s)""",
            (jobs,),
        )
        self._admin.execute("VACUUM ANALYZE procrastinate_jobs")

    def start(self, processes: int, jobs: int) -> dict[str, int]:
        command = [*self._base(), "worker", "-c", self._concurrency, "-q", "benchmark"]
        return {
            f"process {n + 1}": self._started.start(
                "procrastinate", command, PROCRASTINATE_URL=self._url
            )
            for n in range(processes)
        }

    def left(self) -> int:
        row = self._admin.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        ).fetchone()
        return int(row[0]) if row else 0

    def stop(self) -> None:
        self._started.kill()

    def _base(self) -> list[str]:
        return [self._python, "-m", "procrastinate", "-a", "benchmarks.costs_procrastinate.app"]

    def _command(self, *words: str) -> None:
        subprocess.run(
            [*self._base(), *words],
            cwd=ROOT,
            env={**os.environ, "PROCRASTINATE_URL": self._url},
            check=True,
            capture_output=True,
        )
