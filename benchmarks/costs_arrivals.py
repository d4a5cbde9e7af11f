"""Rows that arrive: no-op jobs inserted from threads, one commit each.

    DATABASE_URL=… python -m benchmarks.costs_arrivals KIND COUNT THREADS

Prepared statements of psycopg: what arrives shall cost the machine little beside what is measured.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import uuid

import psycopg

from kernel.ids import new_id

#: One row as `services.jobs.enqueue` writes it: what is left out has the column's default.
INSERT = """
    INSERT INTO jobs (id, kind, version, queue, payload, owner_id, actor)
    VALUES (%s, %s, 1, %s, '{}', %s, 'benchmark')
"""


def insert(kind: str, count: int, owner: uuid.UUID) -> None:
    """Insert *count* jobs of one owner, on the queue of their kind's name, on one connection."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for _ in range(count):
            connection.execute(INSERT, (new_id(), kind, kind, owner), prepare=True)


def main() -> None:
    kind, count, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    each = count // threads
    running = [threading.Thread(target=insert, args=(kind, each, new_id())) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    signal.pause()  # until killed: a process that has ended tells nobody its CPU time


if __name__ == "__main__":
    main()
