"""A receiver of webhooks: a real HTTP server that answers as it is told, well or badly."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

#: A certificate of `hooks.test`, signed by itself, good for a hundred years; and its key.
CERTIFICATE = Path(__file__).parent / "hooks.pem"


@dataclass(frozen=True)
class Received:
    """One request, as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Sink:
    """Answers each request with the next of its answers, and with 204 when there are none left."""

    def __init__(self, *, tls: bool = False) -> None:
        self.received: list[Received] = []
        self.names: list[str | None] = []
        self.answers: list[Callable[[Any], None]] = []
        self.over = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.received.append(Received(self.path, dict(self.headers), body))
                answer = sink.answers.pop(0) if sink.answers else status(204)
                answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                pass  # clients hang up here, and are meant to

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            context.sni_callback = lambda _, name, __: self.names.append(name)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, *answers: Callable[[Any], None]) -> None:
        """What the next requests are answered with."""
        self.answers.extend(answers)

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def status(code: int, body: str = "", **headers: str) -> Callable[[Any], None]:
    """An ordinary answer."""

    def send(handler: Any) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return send


def silence(sink: Sink) -> Callable[[Any], None]:
    """Takes the request and never answers."""

    def wait(_: Any) -> None:
        sink.over.wait(60)

    return wait


def reset(handler: Any) -> None:
    """Cuts the connection off."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def drip(sink: Sink, opening: bytes) -> Callable[[Any], None]:
    """Sends *opening*, then a byte every now and then, far beyond any deadline of the tests'."""

    def send(handler: Any) -> None:
        handler.wfile.write(opening)
        for _ in range(500):
            if sink.over.wait(0.02):
                break
            handler.wfile.write(b"x")

    return send


def babble(handler: Any) -> None:
    """Answers 200, and then talks for as long as anybody listens."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        handler.wfile.write(b"bla " * 10_000)
