"""`python -m web`: serve the application with granian, WSGI on threads."""

from __future__ import annotations

import errno
import os
import resource
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kernel.errors import SettingsError
from kernel.settings import Settings

#: Seconds that a predecessor has to leave the port: it may be finishing its last requests.
PREDECESSOR = 15.0
#: Connections for each thread: most are idle, kept alive by their clients.
CONNECTIONS = 3
#: Files that a process has open besides its clients' connections: stores, logs, libraries.
OTHER_FILES = 256
#: For granian's allocator (jemalloc), which by default keeps a cache for each thread: 70 kB for
#: each of 2,000 streams (343 MB with it, 210 MB without).
ALLOCATOR = ("_RJEM_MALLOC_CONF", "narenas:1,tcache:false")
#: Seconds for a request's head to come in, and for an idle connection to be kept.
HEAD_SECONDS = 30


def main() -> int:
    """Serve until told to stop; answers the exit code."""
    try:
        settings = Settings.read()
        wait_for_port(settings.web_host, settings.web_port)
    except (SettingsError, PortTaken) as error:
        print(f"web: {error}", file=sys.stderr)
        return 1
    serve(settings, load)
    return 0


def serve(settings: Settings, load: Callable[[int], Callable[..., Any]]) -> None:
    """Run granian until it is told to stop.

    load: makes the application in a worker; it is given the process id of the worker's parent.
    """
    os.environ.setdefault(*ALLOCATOR)
    # Imported here: the allocator reads its settings while it is loaded.
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings

    server = Granian(
        "web",
        address=settings.web_host,
        port=settings.web_port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000),
        loop=Loops.asyncio,
        workers=settings.web_workers,
        # A stream or a waiter sleeps in a thread of its own; settings keep some for the others.
        blocking_threads=settings.web_threads,
        # Counts connections, idle ones too, and makes those above it wait.
        backpressure=connections(settings.web_threads * CONNECTIONS),
        respawn_failed_workers=True,
        workers_kill_timeout=13,  # after serving.GRACE
        process_name=None,
        log_access=False,
    )
    server.serve(target_loader=partial(load, os.getpid()), wrap_loader=False)


def connections(wanted: int) -> int:
    """How many connections a process can serve, at most *wanted*; raises its limit of open files.

    Those above the number wait to be accepted; without it, accepting them would fail.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    files = wanted + OTHER_FILES
    if soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(wanted, soft - OTHER_FILES))


def load(master: int) -> Callable[..., Any]:
    """The application, in a worker that has just been forked. master: its parent's process id."""
    # Imported here: the master stays small, and workers share nothing that they would copy.
    from kernel import logging, metric_files, redaction
    from web.app import create_app
    from web.serving import die_with, stop_in_time

    settings = Settings.read()
    logging.configure()
    redaction.know(settings)
    metric_files.begin(settings.work)
    app = create_app(settings)
    stop_in_time(app.extensions["platform"])
    die_with(master)
    return app


class PortTaken(Exception):
    """Another process listens where we should."""


def wait_for_port(host: str, port: int, seconds: float = PREDECESSOR) -> None:
    """Return when nobody listens at the address. Raises PortTaken, or SettingsError for a bad host.

    granian shares a port with whoever has it already and takes half of its connections; a socket
    that does not share is refused there.
    """
    deadline = time.monotonic() + seconds
    told = False
    while True:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except OSError as error:
            raise SettingsError(f"WEB_HOST is {host!r}, which is no address: {error}") from None
        family, kind, protocol, _, address = found
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise SettingsError(
                        f"WEB_HOST {host} and WEB_PORT {port} cannot be listened on: "
                        f"{error.strerror}"
                    ) from None
            else:
                return
        if time.monotonic() >= deadline:
            raise PortTaken(
                f"port {port} on {host} is taken by another process; stop it, or set WEB_PORT"
            )
        if not told:
            print(f"web: port {port} is taken; waiting for it to be free", file=sys.stderr)
            told = True
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
