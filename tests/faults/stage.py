"""The stage of a scenario: engines, the platform's real processes on them, and an account."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from sqlalchemy import text

from embedded.engines import Engines
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from services.accounts import keys
from tests.faults import effects
from tests.processes import eventually
from tests.supervised import Supervised

#: A process that is silent this long counts as dead, in the tests that do not look at the default.
QUICK = {"HEARTBEAT_SECONDS": "1", "SILENCE_SECONDS": "4"}
_PASSED_ON = (
    "database_url",
    "redis_url",
    "cache_redis_url",
    "object_store_url",
    "data_folder",
    "work_folder",
    "jwt_secret",
)
#: Far above what one account may send by default: the scenarios measure faults, not limits.
_LIMITS = {"RATE_LIMIT_KEY": "10000000", "RATE_LIMIT_ADDRESS": "10000000"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A running platform, and whoever submits to it."""

    engines: Engines
    database: Database
    platform: Supervised
    account: uuid.UUID
    key: str

    def http(self, key: str | None = None, timeout: float = 30) -> httpx2.Client:
        """A client of the web server with the account's key, or another."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx2.Client(base_url=self.platform.url, headers=headers, timeout=timeout)

    def fresh(self) -> Stage:
        """The same with an account of its own: what was done before does not count."""
        identity, key = account(self.database)
        return replace(self, account=identity, key=key)

    def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """What a query answers, in a transaction of its own."""
        with self.database.transaction() as session:
            return session.execute(text(statement), values).all()

    def scalar(self, statement: str, **values: object) -> Any:
        """The one value that a query answers."""
        return self.rows(statement, **values)[0][0]

    def patient(self, statement: str, **values: object) -> Any:
        """The same, or None while the database is out of reach."""
        try:
            return self.scalar(statement, **values)
        except Unavailable:
            return None

    def slots(self, queue: str) -> int:
        """Slots of *queue* that living workers offer."""
        return int(
            self.patient(
                """SELECT coalesce(sum(slots), 0) FROM processes
                WHERE role = 'worker' AND :queue = ANY (queues)
                    AND beat_at > now() - interval '4 seconds'""",
                queue=queue,
            )
            or 0
        )

    def serves(self, queue: str) -> bool:
        """True once some living worker offers a slot of *queue*."""
        return self.slots(queue) > 0

    def live(self) -> int:
        """Jobs of the account that have not ended; -1 while nobody can say."""
        found = self.patient("SELECT count(*) FROM jobs WHERE owner_id = :id", id=self.account)
        return -1 if found is None else int(found)

    def ended(self) -> int:
        """Jobs of the account that have ended; -1 while nobody can say."""
        found = self.patient(
            "SELECT count(*) FROM jobs_archive WHERE owner_id = :id", id=self.account
        )
        return -1 if found is None else int(found)

    def has_ended(self, jobs: int) -> bool:
        """True once at least that many jobs of the account have ended."""
        return self.ended() >= jobs


def account(database: Database) -> tuple[uuid.UUID, str]:
    """A fresh account, and a key that may do anything of it."""
    with database.transaction() as session:
        made = keys.create_account(session, f"faults {uuid.uuid4()}")
        return made.id, keys.create(session, made.id, "faults", role="admin")[1]


@contextmanager
def opened(
    engines: Engines,
    settings: Settings,
    database: Database,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[Stage]:
    """The whole platform, ready: every queue has a slot. Killed at the end.

    environ: settings of all programs besides. options: as `Supervised` takes them.
    """
    known = asdict(settings)
    variables = {name.upper(): str(known[name]) for name in _PASSED_ON}
    variables |= _LIMITS | dict(environ or {})
    platform = Supervised(variables, folder, **options)
    with effects.table(engines.env["DATABASE_ADMIN_URL"]):
        identity, key = account(database)
        stage = Stage(engines, database, platform, identity, key)
        try:
            platform.start()
            for queue in ("nutrition.interactive", "nutrition.bulk", "maintenance"):
                eventually(f"{queue} has a worker", partial(stage.serves, queue))
            yield stage
        finally:
            platform.close()


def dice(seed: int) -> Random:
    """The dice of one scenario; whoever prints the seed can throw them again."""
    return Random(seed)
