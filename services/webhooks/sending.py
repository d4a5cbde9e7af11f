"""Sending: one attempt at one delivery, and what its outcome does to the endpoint."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import Invalid
from kernel.outbound import Answer, OutboundFailed, OutboundRefused, Outside
from services.jobs.retry import Outbound, Permanent
from services.webhooks import signing

AGENT = "nutrition-platform-webhooks/1"
#: Characters of an answer and of an error that the log keeps.
EXCERPT = 500
#: Longest wait that a Retry-After is granted, in seconds: the schedule's own longest,
LONGEST_WAIT = 24 * 3600
#: and for how long it holds back the endpoint's other deliveries.
LONGEST_HOLD = 3600
#: An endpoint of which no attempt has succeeded for so long is disabled.
FAILING = timedelta(days=5)
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A delivery, ready to be sent. now: by the database's clock. keys: secrets to sign with.

    held: seconds for which the endpoint asked to be left alone.
    """

    id: uuid.UUID
    endpoint_id: uuid.UUID
    url: str
    body: str
    keys: list[str]
    enabled: bool
    held: float
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt. status is None where no answer came; then error says why.

    hopeless: to try again is no use. retry_after: seconds that the other side asked for.
    """

    seconds: float
    status: int | None = None
    error: str | None = None
    excerpt: str = ""
    retry_after: float | None = None
    hopeless: bool = False

    @property
    def delivered(self) -> bool:
        """Only 2xx is success; a redirect is none."""
        return self.status is not None and 200 <= self.status < 300

    def problem(self) -> Exception:
        """The error that the attempt's job ends or is tried again with."""
        message = self.error or f"The endpoint answered {self.status}."
        return Permanent(message) if self.hopeless else Outbound(message, self.retry_after)


_LETTER = text("""
    SELECT d.id, d.endpoint_id, e.url, d.body, now() AS now,
        e.enabled AND d.state <> 'skipped' AS enabled,
        array_remove(ARRAY[e.secret, CASE WHEN e.previous_until > now() THEN e.previous_secret END],
            NULL) AS keys,
        greatest(0, coalesce(extract(epoch FROM e.hold_until - now()), 0))::float8 AS held
    FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE d.id = :id
""")
# The endpoint first, as its removal does; the lock keeps nobody but that waiting.
_HOLD_STILL = text("SELECT id FROM webhook_endpoints WHERE id = :endpoint FOR KEY SHARE")
_LOG = text("""
    WITH delivery AS (
        UPDATE webhook_deliveries SET attempts = attempts + 1,
            state = CASE WHEN :delivered THEN 'delivered' ELSE state END,
            ended_at = CASE WHEN :delivered THEN now() ELSE ended_at END
        WHERE id = :id RETURNING id, attempts
    )
    INSERT INTO webhook_attempts (delivery_id, number, at, seconds, status, error, excerpt)
    SELECT id, attempts, :at, :seconds, :status, :error, :excerpt FROM delivery
""")
_WELL = text("""
    UPDATE webhook_endpoints SET failing_since = NULL
    WHERE id = :endpoint AND failing_since IS NOT NULL
""")
_FAILING = text("""
    UPDATE webhook_endpoints SET failing_since = now()
    WHERE id = :endpoint AND failing_since IS NULL
""")
_HOLD = text("""
    UPDATE webhook_endpoints SET hold_until = now() + make_interval(secs => :seconds)
    WHERE id = :endpoint
""")
_DISABLE = text("""
    UPDATE webhook_endpoints SET enabled = false, disabled_reason = :reason
    WHERE id = :endpoint AND enabled AND failing_since <= now() - CAST(:failing AS interval)
""")
_SKIP = text("""
    UPDATE webhook_deliveries SET state = 'skipped', ended_at = now()
    WHERE id = :id AND state = 'pending'
""")


def letter(session: Session, delivery_id: uuid.UUID) -> Letter | None:
    """What is to be sent; None where its endpoint was removed meanwhile."""
    row = session.execute(_LETTER, {"id": delivery_id}).mappings().one_or_none()
    return None if row is None else Letter(**row)


def send(letter: Letter, outside: Outside, context: Mapping[str, str]) -> Outcome:
    """Sign a letter and send it. context: further headers, such as `X-Request-Id`."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        **context,
        **signing.headers(
            letter.keys,
            message_id=str(letter.id),
            timestamp=int(letter.now.timestamp()),
            body=letter.body,
        ),
    }
    try:
        answer = outside.post(letter.url, letter.body.encode(), headers)
    except (Invalid, OutboundRefused) as error:
        return Outcome(seconds=0, error=_cut(str(error)), hopeless=True)
    except OutboundFailed as error:
        return Outcome(seconds=error.seconds, error=_cut(str(error)))
    return Outcome(
        seconds=answer.seconds,
        status=answer.status,
        excerpt=_cut(answer.body.decode("utf-8", "replace")),
        retry_after=retry_after(answer, letter.now),
        hopeless=answer.status == GONE,
    )


def record(session: Session, letter: Letter, outcome: Outcome) -> None:
    """Log an attempt, and draw the consequences for its delivery and endpoint."""
    endpoint = {"endpoint": letter.endpoint_id}
    session.execute(_HOLD_STILL, endpoint)
    session.execute(
        _LOG,
        {
            "id": letter.id,
            "delivered": outcome.delivered,
            "at": letter.now,
            "seconds": outcome.seconds,
            "status": outcome.status,
            "error": outcome.error,
            "excerpt": outcome.excerpt,
        },
    )
    if outcome.delivered:
        session.execute(_WELL, endpoint)
        return
    session.execute(_FAILING, endpoint)
    if outcome.retry_after:
        seconds = min(outcome.retry_after, LONGEST_HOLD)
        session.execute(_HOLD, endpoint | {"seconds": seconds})
    gone = outcome.status == GONE
    reason = {"reason": "gone" if gone else "failing"}
    session.execute(_DISABLE, endpoint | reason | {"failing": timedelta(0) if gone else FAILING})


def skip(session: Session, delivery_id: uuid.UUID) -> None:
    """It is not to be delivered any more: its endpoint was disabled meanwhile."""
    session.execute(_SKIP, {"id": delivery_id})


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that an answer asks to be left alone, at most LONGEST_WAIT; None where it does not.

    As a number or a date (RFC 9110, 10.2.3); what is neither is not heard.
    """
    if answer.status not in (429, 503):
        return None
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdecimal() and asked.isascii():
        return float(min(int(asked[:9]), LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)


def _cut(said: str) -> str:
    # PostgreSQL stores no NUL.
    return said[:EXCERPT].replace("\0", "\N{REPLACEMENT CHARACTER}")
