"""Foods and searches as the JSON that clients are given, from the cache where they are there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from kernel import codec
from kernel.cache import Cache, Cached, Key, Region
from kernel.errors import NotFound
from kernel.sources import version_of
from services.catalogue.detail import food
from services.catalogue.query import MOST_CHARACTERS
from services.catalogue.search import DEEPEST, MOST_RESULTS, search
from services.catalogue.version import Transaction, Version
from services.catalogue.wording import fold

HOUR, DAY = 3_600.0, 86_400.0
# A key names the catalogue and the code that its answer is made from: it is right for ever, and a
# date only bounds how long an answer that nobody wants is kept. One that is wanted past it is given
# all the same, while it is made anew: nobody waits for what was there a moment ago.
FOODS = Region(name="foods", fresh=DAY, stale=HOUR)
SEARCHES = Region(name="searches", fresh=DAY, stale=HOUR)

#: The code that answers are made by.
CODE = version_of(
    ["kernel.codec"]
    + [f"services.catalogue.{name}" for name in ("detail", "query", "search")]
    + ["services.catalogue.wording"]
)


class CachedFoods:
    """The catalogue, read through a cache. One a process; safe between threads."""

    def __init__(self, transaction: Transaction, cache: Cache) -> None:
        self._transaction = transaction
        self._cache = cache
        self._version = Version(transaction)

    def food(self, food_id: UUID) -> Cached:
        """Everything about one food (`FoodDetail`). Raises NotFound, and keeps nothing of it."""
        key = (self._version(), CODE, str(food_id))
        return self._read(FOODS, key, lambda session: food(session, food_id))

    def search(self, q: str, limit: int, offset: int) -> Cached:
        """A page of foods for *q* (`search.Page`)."""
        key = (self._version(), CODE, *asked(q, limit, offset))
        return self._read(SEARCHES, key, lambda session: search(session, q, limit, offset))

    def lacking_foods(self, ids: Sequence[str]) -> list[str]:
        """Of some foods' ids, those that the cache lacks; none where it is away."""
        return self._lacking(FOODS, {(self._version(), CODE, one): one for one in ids})

    def lacking_searches(self, keys: Sequence[str]) -> list[str]:
        """The same for searches, as `search_key` spells them. One that spells none is left out."""
        asked = [(key, parts) for key in keys if (parts := _parts(key)) is not None]
        return self._lacking(SEARCHES, {(self._version(), CODE, *parts): k for k, parts in asked})

    def warm_food(self, food_id: str) -> None:
        """Put a food into the cache; one that does not exist is passed over."""
        try:
            self.food(UUID(food_id))
        except (NotFound, ValueError):
            return

    def warm_search(self, key: str) -> None:
        """Put the answer to a search into the cache."""
        parts = _parts(key)
        if parts is not None:
            spelt, limit, offset = parts
            self.search(spelt.removeprefix("="), int(limit), int(offset))

    def _lacking(self, region: Region, keys: Mapping[Key, str]) -> list[str]:
        return [keys[key] for key in self._cache.lacking(region, keys)]

    def _read(self, region: Region, key: Key, find: Callable[[Session], Any]) -> Cached:
        def make() -> bytes:
            with self._transaction() as session:
                return codec.dumps(dataclasses.asdict(find(session)))

        return self._cache.get_or_create(region, key, make)


def asked(q: str, limit: int, offset: int) -> tuple[str, str, str]:
    """What a search depends on: questions that `search` cannot tell apart are one."""
    words = " ".join(fold(q[:MOST_CHARACTERS]).split())
    # Without a word all foods are browsed; words that fold to nothing find nothing.
    spelt = f"={words}" if q.strip() else ""
    return spelt, str(max(1, min(limit, MOST_RESULTS))), str(max(0, min(offset, DEEPEST)))


def search_key(q: str, limit: int, offset: int) -> str:
    """A search as one text, the same for all questions that are one."""
    return codec.dumps(asked(q, limit, offset)).decode()


def _parts(key: str) -> tuple[str, str, str] | None:
    try:
        return _decode(key)
    except msgspec.MsgspecError:
        return None


_decode = msgspec.json.Decoder(tuple[str, str, str]).decode
