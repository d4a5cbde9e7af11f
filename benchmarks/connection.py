"""One HTTP/1.1 connection of an asyncio client: small enough that thousands cost little.

The clients share the machine with what they measure, so they parse no more than they need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. headers: by name in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Connection:
    """Kept alive between requests. Raises OSError or EOFError where it breaks."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._head = head

    @classmethod
    async def open(cls, url: str, key: str) -> Self:
        """Connect to the platform at *url* (plain HTTP), to send *key* with every request."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
        return cls(reader, writer, f"Host: {address.netloc}\r\nAuthorization: Bearer {key}\r\n")

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and read the whole answer."""
        await self._send(method, path, body, headers or {})
        answer = await self._begun()
        length = int(answer.headers.get("content-length", "0"))
        if "transfer-encoding" in answer.headers:
            raise EOFError("an answer in chunks, where one of known length was expected")
        return Answer(answer.status, answer.headers, await self._reader.readexactly(length))

    async def events(self, path: str) -> AsyncIterator[str]:
        """The names of a stream's events until it ends. Raises EOFError where it is refused."""
        await self._send("GET", path, b"", {})
        answer = await self._begun()
        if answer.status != 200:
            raise EOFError(f"answered {answer.status}")
        # Each event is a chunk of its own: lines are looked at, whatever their chunk.
        while (line := await self._reader.readline()) != b"0\r\n":
            if not line:
                raise EOFError("broken off")
            if line.startswith(b"event: "):
                yield line[7:].strip().decode()

    def close(self) -> None:
        self._writer.close()

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if body:
            more += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}{more}\r\n".encode() + body)
        await self._writer.drain()

    async def _begun(self) -> Answer:
        status = await self._reader.readline()
        if not status:
            raise EOFError("closed without an answer")
        headers = {}
        while line := (await self._reader.readline()).strip().decode("latin-1"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(int(status.split()[1]), headers)
