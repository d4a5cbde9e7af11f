"""Rules: what an operator says, at run time, of a queue, a kind or an owner. Each is audited.

The dispatcher reads them at every turn (`services/jobs/plan.py`, `take.py`): no restart, no cache.
"""

from __future__ import annotations

import difflib
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from kernel.errors import Invalid
from services.audit import record
from services.jobs.hints import RING
from services.jobs.kinds import all_kinds
from services.jobs.sweep import undispatch

SCOPES = ("queue", "kind", "owner")
#: The largest limits that a rule takes.
CONCURRENCY, PER_SECOND = 100_000, 100_000.0


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule is about. scope: one of SCOPES; name: the queue, the kind, the owner's id.

    Raises Invalid for a scope, queue or kind that does not exist, naming the nearest, and for an
    owner that is no id. Whether an account has that id is not asked: jobs outlive accounts.
    """

    scope: str
    name: str

    def __post_init__(self) -> None:
        if self.scope == "owner":
            object.__setattr__(self, "name", _owner(self.name))
            return
        _check("scope", self.scope, SCOPES)
        kinds = all_kinds()
        known = {kind.queue for kind in kinds} if self.scope == "queue" else {k.name for k in kinds}
        _check(self.scope, self.name, known)

    def __str__(self) -> str:
        return f"{self.scope}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds for a target. concurrency: jobs in the broker and at work at once; per_second:
    jobs begun a second; None: no limit.
    """

    scope: str
    name: str
    paused: bool
    concurrency: int | None
    per_second: float | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class InFlight:
    """Jobs of a target that are in the broker, and at work."""

    dispatched: int
    running: int

    def __bool__(self) -> bool:
        return bool(self.dispatched or self.running)


_FIELDS = "scope, name, paused, concurrency, per_second, changed_at, changed_by"
_ALL = text(f"""
    SELECT {_FIELDS} FROM job_rules ORDER BY array_position(
        ARRAY['queue', 'kind', 'owner'], scope), name
""")
_FIND = text(f"SELECT {_FIELDS} FROM job_rules WHERE scope = :scope AND name = :name FOR UPDATE")
# A new rate begins with an empty bucket: a change gives nobody a burst.
_PUT = text(f"""
    INSERT INTO job_rules (scope, name, paused, concurrency, per_second, changed_by)
    VALUES (:scope, :name, :paused, :concurrency, :per_second, :by)
    ON CONFLICT (scope, name) DO UPDATE SET paused = excluded.paused,
        concurrency = excluded.concurrency, per_second = excluded.per_second, tokens = 0,
        refilled_at = now(), changed_at = now(), changed_by = excluded.changed_by
    RETURNING {_FIELDS}
""")
_DELETE = text("DELETE FROM job_rules WHERE scope = :scope AND name = :name RETURNING 1")
_OF = {
    "queue": "queue = :name",
    "kind": "kind = :name",
    "owner": "owner_id = CAST(:name AS uuid)",
}
_IN_FLIGHT = """
    SELECT count(*) FILTER (WHERE state = 'dispatched') AS dispatched,
        count(*) FILTER (WHERE state = 'running') AS running
    FROM jobs WHERE state IN ('dispatched', 'running') AND {of}
"""
# In the order of their ids, and waiting for whoever claims one of them at this moment.
_DISPATCHED = """
    SELECT id, claim FROM jobs WHERE state = 'dispatched' AND {of} ORDER BY id FOR UPDATE
"""


def listing(session: Session) -> list[Rule]:
    """Every rule: of queues, then kinds, then owners."""
    return [Rule(**row) for row in session.execute(_ALL).mappings()]


def find(session: Session, target: Target) -> Rule | None:
    """The rule of *target*, locked until the transaction ends; None where it has none."""
    row = session.execute(_FIND, _key(target)).mappings().one_or_none()
    return None if row is None else Rule(**row)


def put(
    session: Session,
    target: Target,
    actor: str,
    *,
    paused: bool,
    concurrency: int | None,
    per_second: float | None,
    action: str = "changed",
) -> Rule | None:
    """Have exactly this hold for *target*; None where that is no rule at all.

    action: the deed's name in the audit log, after the scope. What holds already is not recorded
    again. Raises Invalid for a limit that is not above zero.
    """
    _check_limits(concurrency, per_second)
    before = find(session, target)
    wanted = {"paused": paused, "concurrency": concurrency, "per_second": per_second}
    if before is None and wanted == {"paused": False, "concurrency": None, "per_second": None}:
        return None
    if before is not None and wanted == {name: getattr(before, name) for name in wanted}:
        return before
    if not paused and concurrency is None and per_second is None:
        session.execute(_DELETE, _key(target))
        after = None
    else:
        row = session.execute(_PUT, _key(target) | wanted | {"by": actor}).mappings().one()
        after = Rule(**row)
    record(
        session,
        actor=actor,
        action=f"{target.scope}.{action}",
        target=str(target),
        details=wanted,
    )
    announce_after_commit(session, RING)
    return after


def pause(session: Session, target: Target, actor: str, *, action: str = "paused") -> Rule:
    """Nothing more of *target* is begun; what runs runs on. Its limits stay."""
    rule = put(session, target, actor, **_limits(session, target), paused=True, action=action)
    assert rule is not None, "a pause is a rule"
    return rule


def resume(session: Session, target: Target, actor: str) -> Rule | None:
    """Go on, within the limits that there are; None where there are none."""
    return put(session, target, actor, **_limits(session, target), paused=False, action="resumed")


def limit(
    session: Session,
    target: Target,
    actor: str,
    *,
    concurrency: int | None,
    per_second: float | None,
) -> Rule | None:
    """Have these limits, and no others, hold; paused stays paused."""
    before = find(session, target)
    return put(
        session,
        target,
        actor,
        paused=before is not None and before.paused,
        concurrency=concurrency,
        per_second=per_second,
        action="limited",
    )


def clear(session: Session, target: Target, actor: str) -> None:
    """Have no rule hold for *target* any more."""
    put(
        session,
        target,
        actor,
        paused=False,
        concurrency=None,
        per_second=None,
        action="cleared",
    )


def drain(session: Session, target: Target, actor: str) -> Rule:
    """Pause *target* for good: once this is committed, `take_back` empties the broker of it.

    Two transactions, because a dispatcher that read the rules before the pause was committed may
    still send.
    """
    return pause(session, target, actor, action="drained")


def take_back(session: Session, target: Target) -> InFlight:
    """Take back what was sent and not claimed; answers what is left of *target* in flight.

    Called until nothing is: what runs is waited for.
    """
    dispatched = text(_DISPATCHED.format(of=_OF[target.scope]))
    sent = session.execute(dispatched, {"name": target.name}).all()
    if sent:
        undispatch(session, [(row.id, row.claim) for row in sent])
    return in_flight(session, target)


def in_flight(session: Session, target: Target) -> InFlight:
    """What of *target* is in the broker and at work now."""
    statement = _IN_FLIGHT.format(of=_OF[target.scope])
    row = session.execute(text(statement), {"name": target.name}).one()
    return InFlight(row.dispatched, row.running)


def _limits(session: Session, target: Target) -> dict[str, Any]:
    rule = find(session, target)
    return {
        "concurrency": rule and rule.concurrency,
        "per_second": rule and rule.per_second,
    }


def _key(target: Target) -> dict[str, str]:
    return {"scope": target.scope, "name": target.name}


def _owner(name: str) -> str:
    try:
        return str(uuid.UUID(name))
    except ValueError:
        raise Invalid(
            f"{name!r} is no owner's id.", {"owner": ["An owner is named by its account's UUID."]}
        ) from None


def _check(field: str, name: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, 1) or names
        raise Invalid(
            f"There is no {field} {name!r}. Did you mean {' or '.join(near)}?",
            {field: [f"Did you mean {' or '.join(near)}?"]},
        )


def _check_limits(concurrency: int | None, per_second: float | None) -> None:
    if concurrency is not None and not 0 < concurrency <= CONCURRENCY:
        raise Invalid(
            f"A concurrency of {concurrency} makes no sense; to stop everything, pause it.",
            {"concurrency": [f"1 to {CONCURRENCY:,}, or none."]},
        )
    if per_second is not None and not (math.isfinite(per_second) and 0 < per_second <= PER_SECOND):
        raise Invalid(
            f"A rate of {per_second:g} a second makes no sense; to stop everything, pause it.",
            {"per_second": [f"Above 0, and at most {PER_SECOND:,.0f}, or none."]},
        )
