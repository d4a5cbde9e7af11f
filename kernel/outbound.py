"""Requests to addresses that somebody else chose: to the public internet, and within a deadline.

The name is resolved once, every address it has is checked, and the connection goes to one of the
very addresses that were checked, so a name that changes its mind (DNS rebinding) gains nothing.
TLS and `Host` keep the name. No redirect is followed, no proxy of the environment is used, nothing
is decompressed, and of an answer no more is read than `Outside.keep`.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore2

from kernel import addresses
from kernel.addresses import target_of
from kernel.errors import Forbidden, PlatformError

#: Addresses of a name that are tried, one after the other.
_TRIED = 3
#: Bytes of an answer that are taken from the network, whatever they turn out to mean.
_MOST = 1 << 18
#: Bytes that are written before the deadline is looked at again.
_PIECE = 4096

#: Answers the addresses of a host, as text. May block; raises OSError where there are none.
Resolve = Callable[[str, int], Sequence[str]]


class OutboundRefused(Forbidden):
    """The address may not be called: it is not one of the public internet."""


class OutboundFailed(PlatformError):
    """There was no answer: the name, the connection, TLS or the deadline failed.

    seconds: how long that took.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. headers: by lower-case name. body: its beginning. seconds: until all that."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def resolve(host: str, port: int) -> list[str]:
    """Every address of *host*, by the system's resolver. Raises OSError where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The world beyond the platform. Safe between threads; every request has its own connection.

    seconds: for a whole request, from the resolver's answer to the last byte that is read.
    keep: bytes of an answer's body that are read. loopback: this machine may be called too.
    tls: whom to trust, where not whom the system trusts.
    """

    seconds: float = 15.0
    keep: int = 16_384
    loopback: bool = False
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send *body* to *url*. An answer is an answer, whatever its status: 3xx too.

        Raises Invalid for a URL of another form, OutboundRefused where its host is not one of the
        public internet, OutboundFailed where no answer came in time.
        """
        target = target_of(url, loopback=self.loopback)
        started = time.monotonic()
        network = _Checked(self, started + self.seconds)
        place = httpcore2.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.target.encode(),
        )
        trust = (self.tls or _trusting()) if target.scheme == "https" else None
        sent = {"Host": target.authority, "Connection": "close", **headers}
        try:
            with (
                httpcore2.HTTPConnection(
                    place.origin, ssl_context=trust, network_backend=network
                ) as connection,
                connection.stream(
                    "POST", place, headers=list(_encoded(sent).items()), content=body
                ) as response,
            ):
                kept = bytearray()
                for piece in response.iter_stream():
                    kept += piece
                    if len(kept) >= self.keep:
                        break  # what babbles on is cut off with its connection
                return Answer(
                    status=response.status,
                    headers={
                        name.decode("latin-1").lower(): value.decode("latin-1")
                        for name, value in response.headers
                    },
                    body=bytes(kept[: self.keep]),
                    seconds=time.monotonic() - started,
                )
        except httpcore2.TimeoutException as error:
            raise OutboundFailed(
                f"No whole answer within {self.seconds:g} s.", time.monotonic() - started
            ) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise OutboundFailed(f"{target.host}: {reason}", time.monotonic() - started) from error


class _Checked(httpcore2.NetworkBackend):
    """Opens connections to checked addresses alone, until a deadline (of the monotonic clock)."""

    def __init__(self, outside: Outside, deadline: float) -> None:
        self._outside = outside
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()
        self._read = 0

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        found = self._resolved(host, port)
        for address in found:
            why = addresses.refusal(address, loopback=self._outside.loopback)
            if why is not None:
                raise OutboundRefused(
                    f"{host} is not called: its address {address} is {why}, and not one of the "
                    "public internet."
                )
        tried = found[:_TRIED]
        for number, address in enumerate(tried):
            try:
                # An address that swallows everything leaves time for the next.
                share = self.left() / (len(tried) - number)
                stream = self._sockets.connect_tcp(address, port, timeout=share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(tried) - 1:
                    raise
            else:
                return _Timed(stream, self)
        raise httpcore2.ConnectError(f"{host} has no address")

    def left(self) -> float:
        """Seconds until the deadline. Raises httpcore2.ReadTimeout when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return left

    def took(self, read: int) -> None:
        """Count bytes that were read. Raises httpcore2.ReadError where they are too many."""
        self._read += read
        if self._read > _MOST:
            raise httpcore2.ReadError(f"the answer has more than {_MOST:,} bytes")

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        # The system's resolver knows no deadline, so it is left behind in a thread of its own.
        found: Future[Sequence[str]] = Future()

        def ask() -> None:
            try:
                found.set_result(self._outside.resolve(host, port))
            except Exception as error:  # noqa: BLE001 - raised to whoever waits
                found.set_exception(error)

        threading.Thread(target=ask, name="resolver", daemon=True).start()
        try:
            return found.result(timeout=self.left())
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"{host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} cannot be resolved: {error}") from error


class _Timed(httpcore2.NetworkStream):
    """A stream whose every step has what is left until one deadline: no drip outlasts it."""

    def __init__(self, stream: httpcore2.NetworkStream, network: _Checked) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        read = self._stream.read(max_bytes, self._network.left())
        self._network.took(len(read))
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._network.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._network.left()
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _trusting() -> ssl.SSLContext:
    """Trusts what the system trusts. Made once: reading the authorities takes a while."""
    return httpcore2.default_ssl_context()


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.encode("ascii"): value.encode("latin-1") for name, value in headers.items()}
