"""PostgreSQL 18 under our own supervision: made once, started in the foreground, reached by TCP."""

import os
import shutil
import signal
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

import psycopg

from embedded import database
from embedded.errors import EmbeddedError
from embedded.ports import LOOPBACK
from embedded.program import Program
from embedded.state import State
from kernel.account import Account, lesser_account
from kernel.postgres_programs import postgres_programs, system_locale
from kernel.processes import end, working_in

# What differs from the server's defaults, with the reason. Rewritten at every start.
SETTINGS = {
    "listen_addresses": f"'{LOOPBACK}'",
    # TCP alone: a socket's path over 107 bytes would keep the server from starting.
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "200",
    "shared_preload_libraries": "'pg_stat_statements'",
    # Containers give /dev/shm 64 MB, which large parallel joins exceed.
    "dynamic_shared_memory_type": "mmap",
    # A small machine shared with the workers.
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # flash
    "jit": "off",  # our statements are short: compiling costs more than it saves
    "wal_compression": "pglz",  # the only method in this build
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    # The table of live jobs is small and turns over all the time.
    "autovacuum_naptime": "10s",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",  # what people eat stays out of the log
}


class Postgres:
    """One cluster in `<folder>/postgres`.

    durable: False gives up safety against a power cut, for tests. SIGKILL loses nothing either way.
    """

    name = "postgres"

    def __init__(self, folder: Path, state: State, *, durable: bool = True) -> None:
        self._folder = folder
        self._state = state
        self._durable = durable
        self.data = folder / "postgres"

    def prepare(self) -> None:
        self._end_leftovers()
        if not self.data.exists():
            self._make_cluster()
        # Whether `nobody` may enter the folder can change between two starts by root.
        self._account.give(self.data)
        self._state.ensure_port_free(self.name)
        settings = dict(SETTINGS, port=str(self._state.port(self.name)))
        if not self._durable:
            # Commits stay synchronous: what was acknowledged has left the process that is killed.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        self._write(self.data / "nutrition.conf", text)

    def program(self) -> Program:
        server = str(postgres_programs() / "postgres")
        # SIGINT ends sessions and stops at once; SIGTERM would wait for every client to leave.
        return Program((server, "-D", str(self.data)), signal.SIGINT, self._account)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(
                    f"the passwords in {self._folder} are not those of {self.data}: restore "
                    f"engines.json, or remove {self.data} to start with an empty database"
                ) from error
            return False

    def settle(self) -> None:
        database.ensure(
            self.url("postgres", "postgres"),
            self.url("postgres", database.NAME),
            owner=self._state.password(database.OWNER),
            app=self._state.password(database.APP),
        )

    def mend(self, log: str) -> str | None:
        if "Address already in use" in log:
            self._state.choose_port(self.name)
            return "its port was taken meanwhile; took another"
        return None

    def discard_data(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)

    def url(self, role: str, name: str = database.NAME) -> str:
        """The address of database *name* for *role*; the superuser is `postgres`."""
        password, port = self._state.password(role), self._state.port(self.name)
        return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{name}"

    @cached_property
    def _account(self) -> Account:
        return lesser_account(postgres_programs() / "postgres", self._folder, self.data)

    def _end_leftovers(self) -> None:
        """End a server that outlived its supervisor, then clear its lock file away.

        The file alone proves nothing: its pid may be anybody's by now. Ours are those that work
        in the data folder; backends count too, since two generations of them would corrupt data.
        """
        if leftovers := working_in(self.data, "postgres"):
            end(leftovers, signal.SIGINT, seconds=20)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_cluster(self) -> None:
        """initdb beside the final place, then rename: a crash half-way leaves no half cluster."""
        for unfinished in self._folder.glob("postgres.new-*"):
            shutil.rmtree(unfinished)
        password = self._state.password("postgres")
        making = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._folder))
        password_file = making.with_name(making.name + ".password")
        try:
            self._account.give(making)
            self._write(password_file, password + "\n")
            done = subprocess.run(
                [*self._account.prefix, *self._initdb(making, password_file)],
                capture_output=True,
                text=True,
                check=False,
                env={"PATH": os.defpath, "TZ": "UTC"},
                **self._account.popen_options(),
            )
            if done.returncode:
                raise EmbeddedError(f"could not make the database in {self.data}: {_why(done)}")
            with (making / "postgresql.conf").open("a", encoding="utf-8") as conf:
                conf.write("\ninclude = 'nutrition.conf'\n")
            making.rename(self.data)
        finally:
            password_file.unlink(missing_ok=True)
            shutil.rmtree(making, ignore_errors=True)

    def _initdb(self, data: Path, password_file: Path) -> list[str]:
        return [
            str(postgres_programs() / "initdb"),
            *("-D", str(data), "-U", "postgres"),
            *("-A", "scram-sha-256", "--pwfile", str(password_file)),
            # Never the caller's locale: SQL_ASCII and C break search outside English.
            *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            f"--locale={system_locale()}",
        ]

    def _write(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        self._account.give(path)


def _why(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stderr + done.stdout).splitlines() if "rror" in line]
    return lines[0] if lines else f"initdb ended with {done.returncode}"
