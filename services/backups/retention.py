"""Retention: of many backups, which are kept. A pure function of their times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Of the last days, ISO weeks and months that have a backup, the newest of each is kept.

    Those that have one, not those of the calendar: a machine that was off for a month comes back
    to as many backups as it left.
    """

    daily: int
    weekly: int
    monthly: int


#: Whatever was made within this time stays: whoever makes one before something risky, and another
#: after it, wants both.
RECENT = timedelta(days=1)


def keep(
    made: Collection[datetime], policy: Policy, now: datetime, verified: datetime | None = None
) -> set[datetime]:
    """Which of the backups made at these times stay. Days begin at midnight UTC.

    The newest always does, and so does *verified*, the newest that was restored and found equal.
    """
    newest_first = sorted(made, reverse=True)
    kept = {*newest_first[:1], *(at for at in made if at > now - RECENT)}
    periods: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
        (policy.daily, lambda at: at.astimezone(UTC).date()),
        (policy.weekly, lambda at: at.astimezone(UTC).isocalendar()[:2]),
        (policy.monthly, lambda at: (at.astimezone(UTC).year, at.astimezone(UTC).month)),
    )
    for count, period in periods:
        newest: dict[Hashable, datetime] = {}
        for at in newest_first:
            newest.setdefault(period(at), at)
        kept.update(islice(newest.values(), count))
    if verified in newest_first:
        kept.add(verified)
    return kept
