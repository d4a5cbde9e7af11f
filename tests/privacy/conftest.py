"""Stores with two people in every corner of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis

from kernel.database import Database
from kernel.objects import Objects
from kernel.settings import Settings
from services.backups.keys import Keys
from services.privacy.erase import Stores
from tests.analyses.conftest import *  # noqa: F403
from tests.privacy.people import Somebody, seed

#: Sign tombstones.
KEYS = Keys(bytes(range(32)))


@pytest.fixture
def objects(settings: Settings) -> Iterator[Objects]:
    opened = Objects(settings.object_store_url)
    yield opened
    opened.delete("tombstones")


@pytest.fixture
def caches(settings: Settings) -> Iterator[list[redis.Redis]]:
    """Both Redis."""
    opened = [redis.Redis.from_url(settings.redis_url)]
    opened.append(redis.Redis.from_url(settings.cache_redis_url))
    yield opened
    for one in opened:
        one.close()


@pytest.fixture
def stores(database: Database, objects: Objects, caches: list[redis.Redis]) -> Stores:
    return Stores(transaction=database.transaction, objects=objects, keys=KEYS, caches=caches)


def _somebody(stores: Stores) -> Somebody:
    """Somebody in every table, in both Redis and among the objects."""
    made = Somebody()
    with stores.transaction() as session:
        seed(session, made)
    batch = made.rows["batches"]["id"]
    stores.objects.put(f"batches/{batch}/input.ndjson", f"soup of {made.word}".encode())
    stores.objects.put(f"exports/{made.account_id}/{made.account_id}/archive.zip", b"PK")
    for cache in stores.caches:
        cache.set(f"limits:key:{made.rows['api_keys']['id']}:7", 3)
        cache.set(f"answers:{made.account_id}:{made.word}", made.word)
        cache.hset(f"ticket:{made.account_id}", "path", made.word)
    return made


@pytest.fixture
def new_person(stores: Stores) -> Callable[[], Somebody]:
    """Makes somebody more."""
    return lambda: _somebody(stores)


@pytest.fixture
def anna(stores: Stores) -> Somebody:
    """Who is to be erased."""
    return _somebody(stores)


@pytest.fixture
def bert(stores: Stores) -> Somebody:
    """Who is not."""
    return _somebody(stores)
