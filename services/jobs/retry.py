"""Retrying is a decision, and pure: an error has a name, and each name a policy that answers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from kernel.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, TooLarge, Unavailable


class Permanent(Exception):
    """An error that no repetition mends. The job ends as `failed`, with this message."""


class TimeLimit(Exception):
    """The handler ran longer than its kind's limits."""


class Outbound(Exception):
    """A call to the outside failed, and may succeed later.

    retry_after: seconds that the other side asked to be left alone, where it said so.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Snooze(Exception):
    """Not an error: the job is to come again in *seconds*, and spends nothing."""

    def __init__(self, seconds: float, reason: str = "snoozed") -> None:
        super().__init__(reason)
        self.seconds = seconds


#: What an error is called. `unexpected` is a defect of ours, or something nobody has named yet.
Failure = Literal["transient", "outbound", "conflict", "out_of_memory", "permanent", "unexpected"]


def failure_of(error: BaseException) -> Failure:
    """The name of an error, by its class."""
    match error:
        case Permanent() | Invalid() | Malformed() | TooLarge() | NotFound() | Forbidden():
            return "permanent"
        case Outbound():
            return "outbound"
        case Conflict():
            return "conflict"
        case MemoryError():
            return "out_of_memory"
        case Unavailable() | TimeLimit() | OSError():
            return "transient"
    return "unexpected"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, how far apart and for how long one kind of failure is tried again.

    attempts: failures that are allowed, the first included. first, cap: seconds; the wait doubles
    from the one to the other. schedule: the waits themselves, where a standard lays them down.
    lifetime: seconds after its acceptance when a job is not tried again.
    """

    attempts: int
    first: float = 1
    cap: float = 60
    schedule: tuple[float, ...] = ()
    lifetime: float | None = None

    def __post_init__(self) -> None:
        if self.schedule and len(self.schedule) != self.attempts - 1:
            raise ValueError(
                f"{self.attempts} attempts have {self.attempts - 1} waits between them; the "
                f"schedule names {len(self.schedule)}"
            )

    def delay(
        self, failures: int, rng: Random, *, age: float = 0, retry_after: float | None = None
    ) -> float | None:
        """Seconds until the next attempt, or None to stop.

        failures: this one included. age: seconds since the job was accepted. retry_after: what the
        other side asked for; the wait is never shorter.
        """
        if failures >= self.attempts:
            return None
        if self.schedule:
            # A tenth more at most: the waits are a promise, and a herd still spreads.
            wait = self.schedule[failures - 1] * rng.uniform(1, 1.1)
        else:
            # Full jitter: a database coming back should not meet every waiter at once.
            wait = rng.uniform(0, min(self.cap, self.first * 2 ** (failures - 1)))
        if retry_after is not None:
            wait = max(wait, retry_after * rng.uniform(1, 1.1))
        if self.lifetime is not None and age + wait > self.lifetime:
            return None
        return wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """A policy for each name that a failure can have; `permanent` is never tried again."""

    transient: RetryPolicy = RetryPolicy(attempts=8, first=1, cap=300)
    outbound: RetryPolicy = RetryPolicy(attempts=6, first=5, cap=900)
    # Somebody else was faster: at once again, nearly.
    conflict: RetryPolicy = RetryPolicy(attempts=12, first=0.1, cap=5)
    # Later, when the neighbours are gone; and not often, since it may be the job itself.
    out_of_memory: RetryPolicy = RetryPolicy(attempts=3, first=60, cap=300)
    unexpected: RetryPolicy = RetryPolicy(attempts=3, first=1, cap=30)

    def delay(
        self, error: Exception, failures: int, rng: Random, *, age: float = 0
    ) -> float | None:
        """Seconds until the next attempt, or None to stop; see `RetryPolicy.delay`."""
        name = failure_of(error)
        if name == "permanent":
            return None
        policy: RetryPolicy = getattr(self, name)
        asked = error.retry_after if isinstance(error, Outbound) else None
        return policy.delay(failures, rng, age=age, retry_after=asked)


#: Pure computation on what the payload carries: an error is a defect, or a store's passing fault.
COMPUTE = Retries()
#: Work on our own stores: they come back, and so does what depends on them.
STORES = Retries(unexpected=RetryPolicy(attempts=8, first=1, cap=300))
