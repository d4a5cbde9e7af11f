"""Foods and searches as the JSON that clients are given, from the cache where they are there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kernel import codec
from kernel.cache import Cache, Cached, Key, Region
from kernel.database import Database
from kernel.sources import version_of
from services.catalogue.detail import food
from services.catalogue.query import MOST_CHARACTERS
from services.catalogue.search import DEEPEST, MOST_RESULTS, search
from services.catalogue.version import Version
from services.catalogue.wording import fold

DAY = 86_400.0
# A key names the catalogue and the code that its answer is made from: it is right for ever, and a
# date only bounds how long an answer that nobody wants is kept.
FOODS = Region(name="foods", fresh=DAY)
SEARCHES = Region(name="searches", fresh=DAY)

_CODE = version_of(
    ["kernel.codec"]
    + [f"services.catalogue.{name}" for name in ("detail", "query", "search")]
    + ["services.catalogue.wording"]
)


class CachedFoods:
    """The catalogue, read through a cache. One a process; safe between threads."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache
        self._version = Version(database)

    def food(self, food_id: UUID) -> Cached:
        """Everything about one food (`FoodDetail`). Raises NotFound, and keeps nothing of it."""
        key = (self._version(), _CODE, str(food_id))
        return self._read(FOODS, key, lambda session: food(session, food_id))

    def search(self, q: str, limit: int, offset: int) -> Cached:
        """A page of foods for *q* (`search.Page`)."""
        key = (self._version(), _CODE, *asked(q, limit, offset))
        return self._read(SEARCHES, key, lambda session: search(session, q, limit, offset))

    def _read(self, region: Region, key: Key, find: Callable[[Session], Any]) -> Cached:
        def make() -> bytes:
            with self._database.transaction() as session:
                return codec.dumps(dataclasses.asdict(find(session)))

        return self._cache.get_or_create(region, key, make)


def asked(q: str, limit: int, offset: int) -> tuple[str, str, str]:
    """What a search depends on: questions that `search` cannot tell apart are one."""
    words = " ".join(fold(q[:MOST_CHARACTERS]).split())
    # Without a word all foods are browsed; words that fold to nothing find nothing.
    spelt = f"={words}" if q.strip() else ""
    return spelt, str(max(1, min(limit, MOST_RESULTS))), str(max(0, min(offset, DEEPEST)))
