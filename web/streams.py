"""Streams: Server-Sent Events of a job or an account, exactly once each from `Last-Event-ID` on.

An event's id is its number in its subject's own sequence, kept in PostgreSQL: a client that
reconnects says which one it saw last and gets those after it, whatever happened to connection or
process. A stream ends with the key or the sign-in that opened it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from flask import Response, request
from sqlalchemy.orm import Session

from kernel import codec
from kernel.errors import Malformed, NotFound, Unauthenticated, Unavailable
from services.accounts.keys import Caller
from services.jobs import events
from services.jobs.read import find
from services.jobs.watch import latest_events
from web.context import Platform, caller
from web.hub import Latest, Listener

log = structlog.get_logger()

#: Seconds of silence after which a comment shows every proxy that the stream lives.
SILENCE = 15.0
#: Milliseconds after which a client that lost the connection comes back.
RETRY = 2_000
#: Events read at a time.
AT_ONCE = 500
#: Event numbers are 32-bit.
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a stream follows. after: its events above a number, in order, at most so many.

    latest: how the hub learns of news. final: names of events after which nothing comes.
    """

    subject: uuid.UUID
    after: Callable[[Session, int, int], Sequence[events.Event]]
    latest: Latest
    final: frozenset[str] = field(default=frozenset())


def last_event_id() -> int:
    """The number of the last event that the client saw; 0 where it saw none. Raises Malformed."""
    raw = request.headers.get("Last-Event-ID", "").strip()
    if not raw:
        return 0
    if not raw.isascii() or not raw.isdigit() or len(raw) > 10 or int(raw) > _LARGEST:
        raise Malformed("Last-Event-ID must be the number of an event of this stream.")
    return int(raw)


def stream_of(platform: Platform, job_id: uuid.UUID, owner: uuid.UUID) -> Response:
    """The stream of one job, from `Last-Event-ID` on.

    204, which ends a client's reconnecting, where the client saw the last event already. Raises
    NotFound, or Unavailable as `follow` does.
    """
    seen = last_event_id()
    with platform.database.transaction() as session:
        job = find(session, job_id, owner)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    if job.ended and seen >= job.event_seq:
        return Response(status=204)
    followed = Followed(
        subject=job_id,
        after=lambda session, number, limit: events.after(session, job_id, number, limit),
        latest=latest_events,
        final=events.FINAL,
    )
    return follow(platform, followed, seen)


def follow(platform: Platform, followed: Followed, seen: int) -> Response:
    """The caller's stream of the events after number *seen*.

    Raises Unavailable where this process serves as many streams as it may, or the account has its
    share of them.
    """
    who = caller()
    if not platform.streams.take(who.account_id):
        raise Unavailable(_full(platform, who), retry_after=5)
    # Joined before anything is read: an event that comes in between wakes the stream again.
    listener = platform.hub.join(followed.subject, seen, followed.latest)
    response = Response(
        _events(platform, who, followed, seen, listener),
        content_type="text/event-stream; charset=utf-8",
        # X-Accel-Buffering: nginx passes events on as they come.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )

    # Not in the generator's own `finally`: one that was never begun has none.
    @response.call_on_close
    def end() -> None:
        platform.hub.leave(followed.subject, listener)
        platform.streams.leave(who.account_id)

    return response


def _full(platform: Platform, who: Caller) -> str:
    if (held := platform.streams.held(who.account_id)) >= platform.settings.max_per_account:
        return f"Your account has {held} streams open here, as many as it may: end one first."
    return "This server has as many streams open as it can serve."


def _events(
    platform: Platform, who: Caller, followed: Followed, seen: int, listener: Listener
) -> Iterator[bytes]:
    yield f"retry: {RETRY}\n\n".encode()
    spoke = time.monotonic()
    while not platform.hub.closed:
        last = ""
        try:
            for event in _after(platform, who, followed, seen):
                yield _frame(event)
                seen = listener.seen = event.seq
                spoke = time.monotonic()
                last = event.name
        except Unauthenticated:
            # Whoever comes back is told why, with 401.
            return
        # The end, unless the job was replayed: then more came after it.
        if last in followed.final:
            return
        listener.wait(max(0.0, spoke + SILENCE - time.monotonic()))
        if time.monotonic() - spoke >= SILENCE:
            yield b": still here\n\n"
            spoke = time.monotonic()


def _after(
    platform: Platform, who: Caller, followed: Followed, seen: int
) -> Iterator[events.Event]:
    """The events after *seen*. None while the database is away: the stream outlives that.

    Raises Unauthenticated where *who* has ended, as every request would within seconds.
    """
    while True:
        try:
            with platform.quiet:
                platform.keyring.again(who)
                with platform.database.transaction() as session:
                    found = followed.after(session, seen, AT_ONCE)
        except Unavailable:
            log.warning("stream_without_database", subject=str(followed.subject))
            return
        yield from found
        if len(found) < AT_ONCE:
            return
        seen = found[-1].seq


def _frame(event: events.Event) -> bytes:
    data = codec.dumps({"at": event.at, **event.data}).decode()
    return f"id: {event.seq}\nevent: {event.name}\ndata: {data}\n\n".encode()
