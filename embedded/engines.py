"""All three engines at once, for tests and for the launcher."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded import database
from embedded.child import Child
from embedded.postgres import Postgres
from embedded.state import State
from embedded.valkey import CACHE, QUEUE, Valkey


class Installation:
    """The engines of one folder: what they are and how they are reached, running or not."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = Path(os.path.realpath(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._state = state = State.load(self.folder)
        self.postgres = Postgres(self.folder, state, durable=durable)
        self.queue = Valkey("queue", QUEUE, self.folder, state)
        self.cache = Valkey("cache", CACHE, self.folder, state)

    def ensure_ports_free(self) -> None:
        """Choose a port anew where somebody took it since the last run. Nothing may run yet."""
        for engine in (self.postgres, self.queue, self.cache):
            self._state.ensure_port_free(engine.name)

    def database_env(self) -> dict[str, str]:
        """The addresses of the database: the platform's, the owner's and the superuser's."""
        return {
            "DATABASE_URL": self.postgres.url(database.APP),
            "DATABASE_OWNER_URL": self.postgres.url(database.OWNER),
            "DATABASE_ADMIN_URL": self.postgres.url("postgres"),
        }

    def redis_env(self) -> dict[str, str]:
        """The addresses of the two Valkeys."""
        return {"REDIS_URL": self.queue.url(), "CACHE_REDIS_URL": self.cache.url()}


class Engines:
    """Run all three as children while the context lasts.

        with Engines(folder) as engines:
            engines.env["DATABASE_URL"]; engines.queue.kill(); engines.queue.start(empty=True)

    folder: data, passwords and logs; made when missing, reused when not. durable: see Postgres.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._installation = Installation(folder, durable=durable)
        folder = self._installation.folder
        self.postgres = Child(self._installation.postgres, folder)
        self.queue = Child(self._installation.queue, folder)
        self.cache = Child(self._installation.cache, folder)

    @property
    def env(self) -> dict[str, str]:
        """The variables that the platform reads, and DATABASE_ADMIN_URL for tests."""
        return self._installation.database_env() | self._installation.redis_env()

    def start(self) -> None:
        """Start what does not run; on failure nothing of it stays behind."""
        try:
            for child in (self.queue, self.cache, self.postgres):
                child.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all three at once but in order."""
        for child in (self.postgres, self.cache, self.queue):
            child.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
