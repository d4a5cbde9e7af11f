"""The platform over HTTP: requests with the key, patience where it helps, refusals as errors."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

import httpx2

from cli.access import Access
from cli.exits import CommandFailed, Exit
from cli.output import note
from cli.problems import refusal

#: Seconds between the tries of a request: a person at a terminal soon wants to know,
QUICK = (0.5, 1.0)
#: and a long run outlives a restart of the platform.
PATIENT = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
#: Longest pause that a Retry-After is granted, in seconds.
LONGEST = 60.0
BUSY = frozenset({429, 502, 503, 504})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Result = TypeVar("Result")
Body = bytes | Callable[[], Iterable[bytes]]


class Api:
    """One platform, one key. waits: pauses between tries; sleep: how to pause, in seconds.

    A request is tried again only where a second one does no harm: reads, deletions, and posts
    that carry an Idempotency-Key.
    """

    def __init__(
        self,
        access: Access,
        *,
        waits: tuple[float, ...] = QUICK,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.url = access.url
        self.sleep = sleep or time.sleep
        self.waits = waits
        try:
            self.client = httpx2.Client(
                base_url=access.url,
                headers={"Authorization": f"Bearer {access.key}", "User-Agent": "nutrition-cli"},
                # The longest wait that the platform grants is 30 s.
                timeout=httpx2.Timeout(45, connect=5),
                # A proxy has no business between two programs on one machine.
                trust_env=httpx2.URL(access.url).host not in LOOPBACK,
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise CommandFailed(f"{access.url!r} is no address: {error}", Exit.USAGE) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The JSON document at *path*."""
        return document(self.send("GET", path, params=params))

    def pages(self, path: str, params: Mapping[str, str | int]) -> Iterator[Any]:
        """The documents of a list, page after page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, {**params, **cursor})
            yield page
            if not page.get("next"):
                return
            cursor = {"cursor": page["next"]}

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> httpx2.Response:
        """The answer, read whole, with a status below 300.

        body: bytes, or what yields them anew for each try. Raises CommandFailed.
        """

        def whole() -> httpx2.Response:
            with self.stream(method, path, body=body, headers=headers, params=params) as response:
                response.read()
                return response

        return self.persist(whole, self.waits if _repeatable(method, headers) else ())

    def persist(self, action: Callable[[], Result], waits: tuple[float, ...]) -> Result:
        """What *action* returns, tried again after each of *waits* where the connection breaks."""
        for wait in waits:
            try:
                return action()
            except httpx2.TransportError:
                self.sleep(wait)
        try:
            return action()
        except httpx2.TransportError as error:
            raise unreachable(self.url, error) from None

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Iterator[httpx2.Response]:
        """As `send`, with the answer's body left for the caller to read.

        A connection that breaks meanwhile raises httpx2.TransportError.
        """
        waits = iter(self.waits if _repeatable(method, headers) else ())
        while True:
            request = self.client.build_request(
                method,
                path,
                content=body() if callable(body) else body,
                headers=dict(headers or {}),
                params=dict(params or {}),
            )
            wait = next(waits, None)
            try:
                response = self.client.send(request, stream=True)
            except httpx2.TransportError as error:
                if wait is None:
                    raise unreachable(self.url, error) from None
                self.sleep(wait)
                continue
            with contextlib.closing(response):
                if response.status_code < 300:
                    yield response
                    return
                response.read()
                if wait is None or response.status_code not in BUSY:
                    raise refusal(response)
            pause = max(wait, retry_after(response))
            if pause >= 1:
                note(f"The platform is busy; trying again in {pause:.0f} s.")
            self.sleep(pause)


def _repeatable(method: str, headers: Mapping[str, str] | None) -> bool:
    return method in ("GET", "DELETE") or "Idempotency-Key" in (headers or {})


def document(response: httpx2.Response) -> Any:
    """The JSON that the answer holds."""
    try:
        return response.json()
    except ValueError:
        raise CommandFailed(
            f"{response.request.url} answered with something other than JSON. "
            "Is this the address of a Nutrition Platform?"
        ) from None


def retry_after(response: httpx2.Response) -> float:
    """Seconds that the answer asks to wait, at most `LONGEST`; 0 where it does not say."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), LONGEST) if asked.isdecimal() else 0.0


def unreachable(url: str, error: Exception) -> CommandFailed:
    """The error for a platform that does not answer."""
    reason = str(error) or type(error).__name__
    return CommandFailed(
        f"Cannot reach the platform at {url} ({reason}). "
        "Is it running? ./scripts/up.sh starts it here.",
        Exit.UNREACHABLE,
    )
