"""Take: which jobs go to the broker next. Owners in turn, then priority, then age.

A lane is the jobs of one owner, kind and limit key. One owner's hundred thousand jobs delay nobody
else's one, and a lane that is paused or full is passed by without reading its jobs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.jobs.kinds import Kind

#: Lanes looked at for one refill; the next refill goes on where this one ended.
LANES = 256


@dataclass(frozen=True, slots=True)
class Member:
    """One job of a message: a hint to claim it, nothing else."""

    job_id: uuid.UUID
    claim: int
    owner_id: uuid.UUID
    correlation_id: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker: jobs of one kind, mostly one; several under backlog."""

    kind: str
    queue: str
    members: tuple[Member, ...]
    #: A rule limits its owner, kind or queue: there may be more than was taken.
    limited: bool = False

    @property
    def job_id(self) -> uuid.UUID:
        """The first member's."""
        return self.members[0].job_id

    @property
    def claim(self) -> int:
        return self.members[0].claim

    @property
    def owner_id(self) -> uuid.UUID:
        return self.members[0].owner_id


@dataclass(frozen=True, slots=True)
class Lane:
    """The jobs of one owner, kind and limit key."""

    owner_id: uuid.UUID
    kind: str
    limit_key: str


#: Lies before every lane, those of the platform's own id included.
BEFORE_ALL = Lane(uuid.UUID(int=0), "", "")


# Lanes by a loose index scan, one probe of ix_jobs_backlog each, however long they are: those
# behind the lane served last, then from the beginning.
_WALK = """
    {name} (owner_id, kind, limit_key, n) AS (
        (SELECT owner_id, kind, limit_key, 1 FROM jobs
         WHERE queue = :queue AND state = 'queued' AND due
             AND (owner_id, kind, limit_key) {bounds}
         ORDER BY owner_id, kind, limit_key LIMIT 1)
        UNION ALL
        SELECT next.owner_id, next.kind, next.limit_key, {name}.n + 1 FROM {name}, LATERAL (
            SELECT owner_id, kind, limit_key FROM jobs
            WHERE queue = :queue AND state = 'queued' AND due AND (owner_id, kind, limit_key)
                > ({name}.owner_id, {name}.kind, {name}.limit_key) {until}
            ORDER BY owner_id, kind, limit_key LIMIT 1) AS next
        WHERE {name}.n < :lanes
    )"""
_AFTER = "(CAST(:owner AS uuid), CAST(:kind AS text), CAST(:key AS text))"
_BEHIND = _WALK.format(name="behind", bounds=f"> {_AFTER}", until="")
_BEGINNING = _WALK.format(
    name="beginning",
    bounds=f"<= {_AFTER}",
    until=f"AND (owner_id, kind, limit_key) <= {_AFTER}",
)

# open: lanes that are not paused, with the room that limits leave. due: the head of each, no more
# than its share. turns: nobody has two before each had one. chosen: as much as the free messages
# carry. sent: dealt out like cards, so that the first of each owner are the first of a message; a
# job whose worker vanished before has a message to itself.
_TAKE = text(f"""
    WITH RECURSIVE
    {_BEHIND},
    {_BEGINNING},
    lanes AS (
        SELECT owner_id, kind, limit_key, 1 AS round FROM behind
        UNION ALL
        SELECT owner_id, kind, limit_key, 2 FROM beginning
    ), kinds AS (
        SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:groups AS int[]),
            CAST(:per_key AS int[])) AS kinds (kind, size, per_key)
    ), used AS (
        SELECT queue, owner_id, kind, limit_key, count(*)::int AS jobs FROM jobs
        WHERE state IN ('dispatched', 'running') GROUP BY queue, owner_id, kind, limit_key
    ), rules AS (
        SELECT scope, name, paused, per_second,
            least(concurrency - (
                SELECT coalesce(sum(jobs), 0) FROM used WHERE CASE scope
                    WHEN 'owner' THEN name = owner_id::text
                    WHEN 'kind' THEN name = kind
                    ELSE name = queue END),
                CASE WHEN per_second IS NOT NULL THEN floor(least(greatest(per_second, 1),
                    tokens + per_second * extract(epoch FROM now() - refilled_at))) END) AS room
        FROM job_rules WHERE scope IN ('owner', 'kind') OR name = :queue
    ), open AS (
        SELECT lanes.*, kinds.size, owner.room AS owner_room, of_kind.room AS kind_room,
            whole.room AS queue_room, num_nonnulls(
                owner.per_second, of_kind.per_second, whole.per_second) > 0 AS rated,
            num_nonnulls(owner.room, of_kind.room, whole.room) > 0 AS limited,
            keys.room AS key_room,
            least(keys.room, owner.room, of_kind.room, whole.room, :rows,
                greatest(4, 2 * CAST(:rows AS int) / count(*) OVER () + 1)) AS room
        FROM lanes JOIN kinds USING (kind)
        CROSS JOIN LATERAL (SELECT kinds.per_key - (
            SELECT coalesce(sum(jobs), 0) FROM used
            WHERE used.kind = lanes.kind AND used.limit_key = lanes.limit_key)::int AS room) AS keys
        LEFT JOIN rules AS owner ON owner.scope = 'owner' AND owner.name = lanes.owner_id::text
        LEFT JOIN rules AS of_kind ON of_kind.scope = 'kind' AND of_kind.name = lanes.kind
        LEFT JOIN rules AS whole ON whole.scope = 'queue'
        WHERE NOT coalesce(owner.paused, false) AND NOT coalesce(of_kind.paused, false)
    ), due AS (
        SELECT open.*, job.* FROM open CROSS JOIN LATERAL (
            SELECT id, priority, next_at, lost > 0 AS alone FROM jobs
            WHERE queue = :queue AND state = 'queued' AND due AND owner_id = open.owner_id
                AND kind = open.kind AND limit_key = open.limit_key AND next_at <= now()
            ORDER BY priority DESC, next_at, id LIMIT greatest(open.room, 0)) AS job
    ), turns AS (
        SELECT due.*, min(round) OVER (PARTITION BY owner_id) AS place,
            row_number() OVER (PARTITION BY owner_id ORDER BY priority DESC, next_at, id) AS turn
        FROM due
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY kind ORDER BY turn, place, owner_id, id)
                AS of_kind,
            row_number() OVER (PARTITION BY kind, limit_key ORDER BY turn, place, owner_id, id)
                AS of_key
        FROM turns
    ), chosen AS (
        SELECT * FROM (
            SELECT *, row_number() OVER (ORDER BY turn, place, owner_id, id) AS number,
                sum(CASE WHEN alone THEN 1.0 ELSE 1.0 / size END)
                    OVER (ORDER BY turn, place, owner_id, id) AS messages
            FROM ranked WHERE (owner_room IS NULL OR turn <= owner_room)
                AND (kind_room IS NULL OR of_kind <= kind_room)
                AND (key_room IS NULL OR of_key <= key_room)
        ) AS counted WHERE messages <= :free AND (queue_room IS NULL OR number <= queue_room)
    ), dealt AS (
        SELECT *, CASE WHEN alone THEN 0 ELSE (row_number() OVER (
                PARTITION BY kind, alone ORDER BY number) - 1)
            % ceil(count(*) OVER (PARTITION BY kind, alone) / least(size,
                ceil(count(*) OVER () / CAST(:free AS numeric))))::int END AS hand
        FROM chosen
    ), sent AS (
        SELECT id, number, owner_id, limit_key, rated, limited, round,
            (SELECT count(*) FROM behind) AS walked, first_value(id) OVER (
            PARTITION BY kind, alone, hand, CASE WHEN alone THEN id END ORDER BY number) AS message
        FROM dealt
    )
    UPDATE jobs SET state = 'dispatched', claim = claim + 1, next_at = now() + :lease,
        process_id = NULL, message_id = sent.message
    FROM sent WHERE jobs.id = sent.id AND jobs.state = 'queued'
    RETURNING jobs.id, jobs.kind, jobs.claim, jobs.owner_id, jobs.limit_key, jobs.correlation_id,
        sent.message, sent.number, sent.rated, sent.limited,
        sent.round, sent.walked
""")
# The bucket of whoever has one is emptied by what was sent.
_SPEND = text("""
    UPDATE job_rules SET refilled_at = now(), tokens = least(greatest(per_second, 1), tokens
        + per_second * extract(epoch FROM now() - refilled_at)) - spent.jobs
    FROM (SELECT scope, name, count(*) AS jobs
          FROM unnest(CAST(:scopes AS text[]), CAST(:names AS text[])) AS sent (scope, name)
          GROUP BY scope, name) AS spent
    WHERE job_rules.scope = spent.scope AND job_rules.name = spent.name AND per_second IS NOT NULL
""")
_LAST_WALKED = text(f"""
    WITH RECURSIVE {_BEHIND}
    SELECT owner_id, kind, limit_key FROM behind ORDER BY n DESC LIMIT 1
""")


def take(
    session: Session,
    queue: str,
    kinds: Sequence[Kind[Any]],
    free: int,
    after: Lane,
    lease: timedelta,
) -> tuple[list[Message], Lane]:
    """Take due jobs of *queue* for *free* messages; answers the messages and the lane served last.

    kinds: those of the queue that this release knows; jobs of others wait for one that does. Each
    job taken has a new claim and a dispatch lease; the caller commits, then publishes. The next
    refill begins behind the lane served last.
    """
    rows_at_most = free * max(kind.group for kind in kinds)
    args = {
        "queue": queue,
        "kinds": [kind.name for kind in kinds],
        "groups": [kind.group for kind in kinds],
        "per_key": [kind.per_key for kind in kinds],
        "free": free,
        "rows": rows_at_most,
        "owner": after.owner_id,
        "kind": after.kind,
        "key": after.limit_key,
        "lanes": min(LANES, 4 * rows_at_most + 16),
        "lease": lease,
    }
    rows = sorted(session.execute(_TAKE, args).all(), key=lambda row: row.number)
    # The walk was cut short, and nothing behind the last lane was open: the next looks further.
    cut = not rows or (rows[-1].round == 2 and rows[-1].walked == args["lanes"])
    if cut:
        last = session.execute(_LAST_WALKED, args).one_or_none()
        further = BEFORE_ALL if last is None else Lane(*last)
    if not rows:
        return [], further
    if any(row.rated for row in rows):
        _spend(session, queue, rows)
    served = rows[-1]
    mine = Lane(served.owner_id, served.kind, served.limit_key)
    return _messages(queue, rows), further if cut else mine


def _spend(session: Session, queue: str, rows: Iterable[Any]) -> None:
    scopes, names = [], []
    for row in rows:
        scopes += ["owner", "kind", "queue"]
        names += [str(row.owner_id), row.kind, queue]
    session.execute(_SPEND, {"scopes": scopes, "names": names})


def _messages(queue: str, rows: Iterable[Any]) -> list[Message]:
    """Rows, in order, as the messages that carry them."""
    members: dict[uuid.UUID, list[Member]] = {}
    kinds: dict[uuid.UUID, str] = {}
    limited: set[uuid.UUID] = set()
    for row in rows:
        member = Member(row.id, row.claim, row.owner_id, row.correlation_id)
        members.setdefault(row.message, []).append(member)
        kinds[row.message] = row.kind
        if row.limited:
            limited.add(row.message)
    return [
        Message(kinds[name], queue, tuple(carried), name in limited)
        for name, carried in members.items()
    ]
