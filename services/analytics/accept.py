"""Accept: events of one request become one row and one job. The caller's commit is the acceptance.

Nothing of the request but its events is kept: no address, no user agent.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.ids import new_id
from services.analytics.jobs import IngestEvents
from services.analytics.parse import Event, refusal
from services.jobs.enqueue import Order, enqueue

#: An event may come so late, from a device that was offline; its bucket is counted anew.
LATE = timedelta(days=30)
#: Clocks are off by minutes. What is further ahead is a mistake.
AHEAD = timedelta(minutes=10)
#: Names of one owner's events: each has a bucket for every hour.
NAMES = 500

# Whoever signs in was asked; an account that nobody signs in to is no person.
_KNOWN = text("""
    SELECT now() AS now, ARRAY(SELECT name FROM event_names WHERE owner_id = :owner) AS names,
        coalesce((SELECT analytics_consent FROM people WHERE account_id = :owner), true) AS consent
""")
_NAME = text("""
    INSERT INTO event_names (owner_id, name) SELECT :owner, unnest(CAST(:names AS text[]))
    ON CONFLICT DO NOTHING
""")
_ACCEPT = text("""
    INSERT INTO event_batches (id, owner_id, job_id, events, count)
    VALUES (:id, :owner, :job, CAST(:events AS jsonb), :count)
""")


def accept(
    session: Session, owner: uuid.UUID, actor: str, events: Sequence[Event]
) -> uuid.UUID | None:
    """Accept valid events, all or none; answers the id of the job that ingests them.

    None where the owner is a person who has not consented to analytics: nothing is kept then.
    Raises Invalid for a time out of bounds, by the database's clock, and for too many names.
    """
    known = session.execute(_KNOWN, {"owner": owner}).one()
    _refuse_untimely(events, known.now)
    if not known.consent:
        return None
    _admit_names(session, owner, events, known.names)
    batch = new_id()
    order = Order(payload=IngestEvents(batch_id=batch), owner=owner, actor=actor)
    session.execute(
        _ACCEPT,
        {
            "id": batch,
            "owner": owner,
            "job": order.id,
            "events": codec.dumps(
                [(event.id, event.name, event.time, event.properties) for event in events]
            ).decode(),
            "count": len(events),
        },
    )
    return enqueue(session, order)


def _admit_names(
    session: Session, owner: uuid.UUID, events: Sequence[Event], known: Sequence[str]
) -> None:
    first = {event.name: event for event in reversed(events)}
    new = sorted(set(first) - set(known))
    if not new:
        return
    if len(known) + len(new) > NAMES:
        raise refusal(
            {
                f"events.{first[name].index}.name": [
                    f"Is a new name, of which there would be more than {NAMES}. Put what varies "
                    "into the properties."
                ]
                for name in new
            }
        )
    session.execute(_NAME, {"owner": owner, "names": new})


def _refuse_untimely(events: Sequence[Event], now: datetime) -> None:
    errors = {}
    for event in events:
        if event.time > now + AHEAD:
            reason = f"Lies in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} here."
        elif event.time < now - LATE:
            reason = f"Lies more than {LATE.days} days back, and its day is closed."
        else:
            continue
        errors[f"events.{event.index}.time"] = [reason]
    if errors:
        raise refusal(errors)
