"""How fast a backup is made beside plain `pg_dump | zstd`, and how fast it is restored.

    python -m benchmarks.backup [--gigabytes 1] [--rounds 3] [--folder DIR] [--json]

It starts a PostgreSQL of its own in DIR (a temporary folder by default; five times the size in disk
is needed), fills the platform's tables with invented analyses and jobs until the dump has that
size, and then takes turns: the plain pipe, a backup, the pipe, a backup. Both read the same
database, compress at the same level, and write a file to the same disk; a backup also encrypts,
signs, and counts and hashes every row. The ratio is the pipe's median time ÷ the backup's. Last,
the backup is restored into a throwaway server and compared, as the nightly test does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from embedded.engines import Engines
from kernel.database import Database
from kernel.objects import Objects
from kernel.postgres_programs import postgres_programs
from kernel.settings import Settings
from migrations.run import upgrade
from services.backups import drill, make
from services.backups.create import LEVEL
from services.backups.dump import EXTENSIONS
from services.backups.keys import Keys
from services.backups.vault import Vault

REPOSITORY = Path(__file__).parents[1]
#: Where no zstd is installed: the same library at the same level, as a filter.
FILTER = (
    "import sys, zstandard; "
    "zstandard.ZstdCompressor(level=int(sys.argv[1]), threads=1)"
    ".copy_stream(sys.stdin.buffer, sys.stdout.buffer, read_size=1 << 20)"
)
# Documents like those of analyses: names that repeat, numbers that do not.
ANALYSES = """
    INSERT INTO analyses (id, owner_id, summary, document, expires_at)
    SELECT uuidv7(), '00000000-0000-0000-0000-000000000001', '{}', (
        SELECT jsonb_agg(jsonb_build_object('line', n, 'food', 'food ' || (random() * 7000)::int,
            'grams', random() * 500, 'confidence', random(), 'energy_kcal', random() * 900,
            'source', md5((i * n)::text)))
        FROM generate_series(1, 24) AS n), now() + interval '30 days'
    FROM generate_series(1, %s) AS i
"""
JOBS = """
    INSERT INTO jobs_archive (id, kind, version, queue, payload, owner_id, actor, state,
        finished_at, result)
    SELECT uuidv7(), 'analyses.analyze', 1, 'nutrition.interactive',
        jsonb_build_object('title', md5(i::text), 'servings', i %% 8),
        '00000000-0000-0000-0000-000000000001', 'key:' || md5(i::text), 'succeeded', now(),
        jsonb_build_object('energy', random())
    FROM generate_series(1, %s) AS i
"""
#: Rows of each kind that come to about a megabyte of dump, half from each.
ANALYSES_A_MEGABYTE, JOBS_A_MEGABYTE = 238, 2_277


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=options.folder))
    try:
        report = measure(folder, options.gigabytes, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(report))
        return
    for name, value in report.items():
        print(f"{name:<28}{value}")


def measure(folder: Path, gigabytes: float, rounds: int) -> dict[str, Any]:
    """The report. folder: for the database, the pipe's file and the backups."""
    with Engines(folder / "engines", durable=False) as engines:
        environ = engines.env | {
            "OBJECT_STORE_URL": (folder / "objects").as_uri(),
            "WORK_FOLDER": str(folder / "work"),
            "DATA_FOLDER": str(REPOSITORY / "data"),
            "BACKUP_KEY": os.urandom(32).hex(),
        }
        settings = Settings.read(environ)
        upgrade(settings.database_owner_url, settings.database_url)
        _fill(settings.database_owner_url, gigabytes)
        vault = Vault(Objects(settings.object_store_url), Keys.of(settings))
        database = Database(settings.database_url)
        piped: list[float] = []
        backed: list[float] = []
        for _ in range(rounds):
            piped.append(_timed(lambda: _pipe(settings.database_url, folder / "piped.zst")))
            backed.append(_timed(lambda: make.make(settings, database, vault, actor="benchmark")))
        manifest = vault.newest()
        assert manifest is not None
        outcome = drill.drill(settings, database, vault)
        database.close()
    ratio = statistics.median(piped) / statistics.median(backed)
    return {
        "dump_mb": round(manifest.dump_bytes / 1e6),
        "rows": manifest.rows,
        "pipe_mb": round((folder / "piped.zst").stat().st_size / 1e6, 1),
        "backup_mb": round(manifest.bytes / 1e6, 1),
        "pipe_seconds": [round(one, 2) for one in piped],
        "backup_seconds": [round(one, 2) for one in backed],
        "backup_mb_a_second": round(manifest.dump_bytes / 1e6 / statistics.median(backed)),
        "ratio": round(ratio, 3),
        "restore_test_seconds": round(outcome.restore_seconds, 1),
        "compressor": "zstd" if shutil.which("zstd") else "python-zstandard",
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _fill(owner_url: str, gigabytes: float) -> None:
    half = round(gigabytes * 1000 / 2)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for _ in range(10):
            connection.execute(ANALYSES, (half * ANALYSES_A_MEGABYTE // 10,))
            connection.execute(JOBS, (half * JOBS_A_MEGABYTE // 10,))
        connection.execute("VACUUM ANALYZE")  # neither contestant finds the hint bits unset


def _pipe(url: str, file: Path) -> None:
    """`pg_dump | zstd > file`, with the options that a backup's dump has."""
    dump = [str(postgres_programs() / "pg_dump"), "--no-comments", "--encoding=UTF8", url]
    dump += [f"--extension={name}" for name in EXTENSIONS]
    zstd = shutil.which("zstd")
    compress = (
        [zstd, "-q", f"-{LEVEL}", "-c"] if zstd else [sys.executable, "-c", FILTER, str(LEVEL)]
    )
    with file.open("wb") as target:
        first = subprocess.Popen(dump, stdout=subprocess.PIPE)
        second = subprocess.Popen(compress, stdin=first.stdout, stdout=target)
        assert first.stdout is not None
        first.stdout.close()
        if second.wait() or first.wait():
            raise SystemExit("the plain pipe failed")


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
