"""Retrying is a decision, and pure: a policy looks at an error and answers when, or stop."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


class Permanent(Exception):
    """An error that no repetition mends. The job ends as `failed`, with this message."""


class TimeLimit(Exception):
    """The handler ran longer than its kind's soft limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and how far apart, a job of one kind is tried.

    attempts: failures that are allowed, the first included. first, cap: seconds.
    on: the errors that a repetition may mend; any other ends the job at once.
    """

    attempts: int
    first: float
    cap: float
    on: tuple[type[Exception], ...] = (Exception,)

    def delay(self, error: Exception, failures: int, rng: Random) -> float | None:
        """Seconds until the next attempt, or None to stop. failures: this one included."""
        if failures >= self.attempts or not self.may_mend(error):
            return None
        # Full jitter: a database coming back should not meet every waiter at once.
        return rng.uniform(0, min(self.cap, self.first * 2 ** (failures - 1)))

    def may_mend(self, error: Exception) -> bool:
        """True where a repetition might succeed."""
        return isinstance(error, self.on) and not isinstance(error, Permanent)


#: Pure computation on what the payload carries: an error is a defect or a passing fault of a store.
COMPUTE = RetryPolicy(attempts=3, first=1, cap=30)
#: Work on our own stores: they come back.
STORES = RetryPolicy(attempts=8, first=1, cap=300)
