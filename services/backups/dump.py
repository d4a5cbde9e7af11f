"""The dump: pg_dump at a snapshot, read as a stream, and ended with whoever reads it."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from psycopg import conninfo, pq

from kernel.errors import Unavailable
from kernel.postgres_programs import dump_program

#: Extensions that the schema stands on. What else a server has is its operator's.
EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")
#: Bytes read at a time; the pipe is made as large, where the system lets us.
PIECE = 1 << 20
#: Seconds between two looks at whether to go on, while pg_dump says nothing.
LOOK = 0.5


@contextmanager
def dump(
    url: str, snapshot: str, server_version: int, look: Callable[[], None]
) -> Iterator[Iterator[bytes]]:
    """The database at *url* as SQL, in pieces; *look* is called often, and may raise.

    pg_dump is killed where the block ends early. Raises MachineError where there is none that is
    new enough, Unavailable with its words where it fails.
    """
    program = dump_program(server_version // 10_000)
    arguments = ["--no-password", "--no-comments", f"--snapshot={snapshot}", "--encoding=UTF8"]
    arguments += [f"--extension={name}" for name in EXTENSIONS]
    process = subprocess.Popen(
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for us; it goes when we say so
    )
    assert process.stdout is not None
    assert process.stderr is not None
    _widen(process.stdout)
    said: list[bytes] = []
    listener = threading.Thread(
        target=_listen, args=(process.stderr, said), name="pg_dump-stderr", daemon=True
    )
    listener.start()
    try:
        yield _pieces(process.stdout, look)
        code = process.wait()
        listener.join()
        if code:
            words = b"".join(said).decode(errors="replace").strip().splitlines()
            raise Unavailable(f"pg_dump failed: {words[-1] if words else f'code {code}'}", 60)
    finally:
        process.kill()
        process.wait()
        listener.join()
        process.stdout.close()
        process.stderr.close()


def _pieces(source: IO[bytes], look: Callable[[], None]) -> Iterator[bytes]:
    number = source.fileno()
    while True:
        look()
        if not select.select([number], [], [], LOOK)[0]:
            continue
        piece = os.read(number, PIECE)
        if not piece:
            return
        yield piece


def _environment(url: str) -> dict[str, str]:
    """The address as libpq's variables: a command line would show the password in `ps`."""
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    given = conninfo.conninfo_to_dict(url)
    address = {names[key]: str(value) for key, value in given.items() if key in names}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": "UTC",
        "PGAPPNAME": "nutrition-backup",
        # Nobody's limits but ours: a dump of hours is not cut off by a default of the role's.
        "PGOPTIONS": "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
        **address,
    }


def _widen(pipe: IO[bytes]) -> None:
    """A larger pipe: dump and compression take turns less often."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        try:
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIECE)
        except OSError:  # a user's pipes are limited together
            return


def _listen(source: IO[bytes], said: list[bytes]) -> None:
    for line in source:
        said[:-20] = []
        said.append(line)
