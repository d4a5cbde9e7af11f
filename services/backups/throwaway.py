"""A throwaway PostgreSQL: made in a folder, reached through a socket in it, gone with it.

It holds in plain what a backup holds sealed: its folder is its owner's alone, and short-lived.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kernel.account import Account, lesser_account
from kernel.errors import MachineError, Unavailable
from kernel.postgres_programs import postgres_programs, system_locale
from kernel.processes import end, working_in

PREFIX = "drill-"
#: Bytes that a socket's path may have, on macOS; `/.s.PGSQL.5432` comes to it.
SOCKET_BYTES = 103 - 14
START_SECONDS = 90
STOP_SECONDS = 30
# Nothing of it outlives it, so nothing needs to be durable; TCP is not listened to.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "autovacuum": "off",
    "max_connections": "10",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "128MB",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
}


class Throwaway:
    """A running server. Its superuser is `postgres`; whoever reaches its socket is let in."""

    def __init__(self, sockets: Path, process: subprocess.Popen[bytes]) -> None:
        self._sockets = sockets
        self._process = process

    def url(self, role: str, name: str) -> str:
        """The address of database *name* as *role*."""
        return f"postgresql://{quote(role, safe='')}@/{quote(name, safe='')}?host={self._sockets}"

    def prepare(self, name: str, owner: str, roles: list[str]) -> None:
        """Make the roles, and a database of the owner's."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as admin:
            for role in {owner, *roles} - {"postgres"}:
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(name), sql.Identifier(owner)
                )
            )

    def kill(self) -> None:
        """End it at once, whatever it does: connections break."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def sweep(work: Path) -> int:
    """End what killed processes left in the folder *work*; answers how many there were."""
    left = [*work.glob(f"{PREFIX}*")]
    for folder in left:
        end(working_in(folder / "data", "postgres"), signal.SIGQUIT, STOP_SECONDS)
        _remove(folder)
    return len(left)


@contextmanager
def throwaway(work: Path) -> Iterator[Throwaway]:
    """A server in a new folder within *work*; gone when the block ends.

    Raises MachineError where no server can be run here, Unavailable where it does not start.
    """
    work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=work)).resolve()
    server: Throwaway | None = None
    try:
        programs = postgres_programs()
        account = lesser_account(programs / "postgres", folder.parent, folder / "data")
        sockets = _sockets(folder)
        for made in (folder, sockets):
            account.give(made)
        _initdb(programs, account, folder)
        server = Throwaway(sockets, _start(programs, account, folder, sockets))
        _await(server, folder)
        yield server
    finally:
        if server is not None:
            server.kill()
        _remove(folder)


def _initdb(programs: Path, account: Account, folder: Path) -> None:
    done = subprocess.run(
        [
            *account.prefix,
            str(programs / "initdb"),
            *("-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync"),
            *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            f"--locale={system_locale()}",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "TZ": "UTC"},
        **account.popen_options(),
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise MachineError(
            f"initdb could not make a server in {folder}: {words[-1] if words else ''}"
        )


def _start(
    programs: Path, account: Account, folder: Path, sockets: Path
) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {"unix_socket_directories": str(sockets)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*account.prefix, str(programs / "postgres"), "-D", str(folder / "data"), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath, "TZ": "UTC"},
            start_new_session=True,
            **account.popen_options(),
        )


def _await(server: Throwaway, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server._process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(server.url("postgres", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    said = (folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise Unavailable(f"The throwaway server did not start: {said[-1] if said else 'no word'}", 60)


def _sockets(folder: Path) -> Path:
    """The folder of its socket: within, or a private one in /tmp for a deep path."""
    if len(os.fsencode(folder)) <= SOCKET_BYTES:
        return folder
    made = _short(folder)
    made.mkdir(mode=0o700)
    return made


def _short(folder: Path) -> Path:
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path("/tmp") / f"nutrition-{PREFIX}{key}"  # noqa: S108 - its mode makes it ours


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if (short := _short(folder)).exists():
        shutil.rmtree(short, ignore_errors=True)
