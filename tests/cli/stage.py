"""A small HTTP server that speaks the platform's documents, for what no healthy platform does:
connections that break, answers that are lost, limits that are used up."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "npk_test"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answers. lost: it hangs up without a word; cut: it hangs up mid-body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    cut: bool = False


def document(value: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; header names have _ for -."""
    kind = "application/problem+json" if status >= 400 else "application/json"
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": kind, **named})


def problem(status: int, title: str, detail: str = "", **more: Any) -> Answer:
    """A problem+json answer."""
    headers = {"Retry_After": str(more.pop("retry_after"))} if "retry_after" in more else {}
    return document({"title": title, "status": status, "detail": detail, **more}, status, **headers)


def ndjson(*values: Any, cut: bool = False) -> Answer:
    """An NDJSON answer."""
    body = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    return Answer(200, body, {"Content-Type": "application/x-ndjson"}, cut=cut)


def stream(*events: tuple[int, str, Any], cut: bool = False) -> Answer:
    """Server-sent events: number, name, data; a comment before them, as the platform sends."""
    body = ": still here\n\n" + "".join(
        f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
        for number, name, data in events
    )
    return Answer(200, body.encode(), {"Content-Type": "text/event-stream"}, cut=cut)


@dataclass(frozen=True, slots=True)
class Request:
    """What the server was asked."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Stage:
    """The server. Each route has answers that it gives in order; the last one it keeps giving."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                stage._answer(self)

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Answer requests to *path* with these."""
        self._answers[method, path] = list(answers)

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests to *path* so far."""
        return [r for r in self.requests if (r.method, r.path) == (method, path)]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = dict(handler.headers.items())
        self.requests.append(Request(handler.command, path, query, headers, body))
        answers = self._answers.get((handler.command, path))
        if headers.get("Authorization") != f"Bearer {KEY}":
            answer = problem(401, "Not authenticated", "The API key is unknown.")
        elif not answers:
            answer = problem(404, "Not found", f"There is nothing at {path}.")
        else:
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.lost:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if answer.status != 204:
            handler.send_header("Content-Length", str(len(answer.body) + answer.cut))
        handler.end_headers()
        handler.wfile.write(answer.body)
