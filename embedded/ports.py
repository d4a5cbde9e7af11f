"""Loopback ports for the engines, and who holds a port that is taken."""

import random
import socket

import psutil

# Below the range from which Linux (32768) and macOS (49152) take the ports of outgoing connections.
# A client that keeps reconnecting to a stopped server may otherwise be given the server's own port
# as its local one, connect to itself, and keep the server from coming back.
LOWEST, HIGHEST = 20_000, 32_000
LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on *port* of the loopback address now."""
    with socket.socket() as trial:
        # As servers do: the last minute's closed connections do not make a port taken.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody listens on, chosen at random so that two platforms rarely meet."""
    while True:
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port):
            return port


def holder(port: int) -> str | None:
    """Who listens on *port*, as "name (pid)"; None where this user may not know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status != psutil.CONN_LISTEN or not connection.pid:
                continue
            if connection.laddr and connection.laddr.port == port:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return None
    return None
