"""Receivers on addresses of their own, one server for all: well, deaf, or asking to be left alone.

To the platform each is another host. All of it is one thread, so that a thousand calls cost little.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Host:
    """One receiver. way: `well`, `deaf` (takes a call and says nothing) or `busy`.

    calls: each call's `webhook-id` and when it began. accepted, refused: when, by that id. A busy
    one answers the first call of each id with 429. most: calls at once.
    """

    address: str
    way: str = "well"
    calls: list[tuple[str, float]] = field(default_factory=list)
    accepted: dict[str, float] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)
    now: int = 0
    most: int = 0


class Hosts:
    """*count* receivers on 127.0.<block>.x, on one port. latency: seconds until an answer."""

    def __init__(self, count: int, *, block: int, latency: float = 0.05) -> None:
        self.hosts = [Host(f"127.0.{block}.{number}") for number in range(1, count + 1)]
        self.latency = latency
        #: Seconds that a busy one asks for.
        self.retry_after = 8
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self.port = _common_port([host.address for host in self.hosts])
        listening = threading.Event()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._serve(listening.set),)
        )
        self._thread.start()
        listening.wait(30)

    def url(self, host: Host) -> str:
        return f"http://{host.address}:{self.port}/hook"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self, listening: Callable[[], object]) -> None:
        servers = [
            await asyncio.start_server(self._answering(host), host.address, self.port, backlog=256)
            for host in self.hosts
        ]
        listening()
        await self._over.wait()
        for server in servers:
            server.close()
        calls = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def _answering(
        self, host: Host
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            host.now += 1
            host.most = max(host.most, host.now)
            # Callers hang up here, and the last calls are cut off at the end.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(host, reader, writer)
            host.now -= 1
            writer.close()

        return called

    async def _answer(
        self, host: Host, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        await reader.readexactly(int(headers["content-length"]))
        message = headers["webhook-id"]
        host.calls.append((message, time.monotonic()))
        if host.way == "deaf":
            await reader.read()  # until the caller hangs up
            return
        await asyncio.sleep(self.latency)
        if host.way == "busy" and message not in host.refused:
            host.refused[message] = time.monotonic()
            said = f"429 Too Many Requests\r\nRetry-After: {self.retry_after}"
        else:
            host.accepted.setdefault(message, time.monotonic())
            said = "204 No Content"
        writer.write(f"HTTP/1.1 {said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


def _common_port(addresses: list[str]) -> int:
    """A port that is free on all of them."""
    while True:
        opened = [socket.create_server((addresses[0], 0))]
        port: int = opened[0].getsockname()[1]
        try:
            opened += [socket.create_server((address, port)) for address in addresses[1:]]
        except OSError:
            continue
        finally:
            for one in opened:
                one.close()
        return port
