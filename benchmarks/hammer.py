"""A client that costs little: one process, one loop, many kept-alive connections, one request.

It shares the machine with what it measures, so it looks at no more of an answer than it must: the
status, and where the answer ends.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Seen:
    """What came of it. seconds: each answer's, of those with the wanted status; span: all of them.

    errors: other answers by status, and `broken` for connections that were lost.
    """

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    span: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Wanted answers a second."""
        return len(self.seconds) / self.span


def hammer(
    port: int, request: bytes, *, connections: int, seconds: float, wanted: int = 202
) -> Seen:
    """Send *request* (a whole HTTP/1.1 one) on each connection as soon as its last is answered."""
    seen = Seen()
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    begun: dict[int, float] = {}
    parts: dict[int, bytes] = {}
    expected = b"HTTP/1.1 %d " % wanted
    for _ in range(connections):
        opened = socket.create_connection(("127.0.0.1", port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[opened.fileno()] = opened
        parts[opened.fileno()] = b""
        poll.register(opened.fileno(), select.EPOLLIN)
    cpu, start = time.process_time(), time.perf_counter()
    ends = start + seconds
    for number, opened in sockets.items():
        begun[number] = time.perf_counter()
        opened.sendall(request)
    while begun:
        for number, _ in poll.poll(5.0):
            piece = sockets[number].recv(65536)
            answer = parts[number] + piece
            if not piece:
                seen.errors["broken"] += 1
                poll.unregister(number)
                begun.pop(number, None)
                continue
            if not _whole(answer):
                parts[number] = answer
                continue
            parts[number] = b""
            now = time.perf_counter()
            if answer.startswith(expected):
                seen.seconds.append(now - begun[number])
            else:
                seen.errors[answer[9:12].decode("latin-1")] += 1
            if now < ends:
                begun[number] = now
                sockets[number].sendall(request)
            else:
                del begun[number]
    seen.span = time.perf_counter() - start
    seen.cpu = time.process_time() - cpu
    for opened in sockets.values():
        opened.close()
    poll.close()
    return seen


def _whole(answer: bytes) -> bool:
    """Whether the answer, of a length that it announces, is there to its end."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = _LENGTH.search(answer, 0, head + 2)
    return len(answer) >= head + 4 + (int(length[1]) if length else 0)
