"""Valkey under our own supervision: `queue` keeps what it is told, `cache` may lose it."""

import hashlib
import shutil
import signal
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from embedded.binaries import valkey_program
from embedded.errors import EmbeddedError
from embedded.ports import LOOPBACK
from embedded.private import write_private
from embedded.program import Program
from embedded.state import State
from kernel.processes import end, working_in

USER = "nutrition"

# The broker must refuse a write rather than drop a message, and come back with all but the last
# second of them. PostgreSQL knows every job, so even that second costs a delay and no job.
QUEUE = {
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "everysec",
    # The last write of a power cut may be half on disk.
    "aof-load-truncated": "yes",
}
CACHE = {"maxmemory": "128mb", "maxmemory-policy": "allkeys-lfu", "appendonly": "no"}
# What no client of ours needs and could stop or misdirect the server. `CONFIG SET tls-port`
# crashes this build, which has no TLS.
RIGHTS = "~* &* +@all -@admin +client +slowlog +latency +lastsave"


class Valkey:
    """One server in `<folder>/<name>`, reached by TCP with a name and a password."""

    def __init__(self, name: str, settings: dict[str, str], folder: Path, state: State) -> None:
        self.name = name
        self.data = folder / name
        self._settings = settings
        self._state = state

    def prepare(self) -> None:
        if leftovers := working_in(self.data, "valkey-server"):
            end(leftovers, signal.SIGTERM, seconds=10)
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._state.ensure_port_free(self.name)
        write_private(self._conf, self._conf_text())

    def program(self) -> Program:
        return Program((str(valkey_program()), str(self._conf)), signal.SIGTERM)

    def answers(self) -> bool:
        # Without the client's own retries: whoever waits for the server asks again soon.
        client = redis.Redis.from_url(self.url(), retry=Retry(NoBackoff(), 0), socket_timeout=5)
        try:
            return bool(client.ping())  # type: ignore[no-untyped-call,unused-ignore]
        except redis.AuthenticationError as error:
            raise EmbeddedError(f"port {self._port} answers with other passwords") from error
        except redis.RedisError:
            return False  # not listening yet, or still loading
        finally:
            client.close()

    def settle(self) -> None:
        """A Valkey has nothing to set up."""

    def mend(self, log: str) -> str | None:
        if "Address already in use" in log:
            self._state.choose_port(self.name)
            return "its port was taken meanwhile; took another"
        if "Bad file format" in log or "append only file" in log.lower():
            # Hints only: the dispatcher publishes again from PostgreSQL whatever was in it.
            kept = self.data / f"damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
            (self.data / "appendonlydir").rename(kept)
            return f"its file was damaged: starts empty, the old one is in {kept}"
        return None

    def discard_data(self) -> None:
        shutil.rmtree(self.data / "appendonlydir", ignore_errors=True)

    def url(self) -> str:
        """The server's address, with the name and the password of the platform's user."""
        password = self._state.password(self.name)
        return f"redis://{USER}:{password}@{LOOPBACK}:{self._port}/0"

    @property
    def _port(self) -> int:
        return self._state.port(self.name)

    @property
    def _conf(self) -> Path:
        return self.data / "valkey.conf"

    def _conf_text(self) -> str:
        digest = hashlib.sha256(self._state.password(self.name).encode()).hexdigest()
        settings = {
            "bind": LOOPBACK,
            "port": str(self._port),
            "daemonize": "no",
            "dir": _quoted(str(self.data)),
            "logfile": '""',  # to the terminal, hence to supervisord's log
            "always-show-logo": "no",
            "set-proc-title": "no",  # `ps` shows the command that was started
            "save": '""',
            **self._settings,
        }
        lines = [f"{name} {value}" for name, value in settings.items()]
        lines += ["user default off", f"user {USER} on #{digest} {RIGHTS}"]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
