"""Foods and searches through the cache: the same answers, and none from before one's own write."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kernel.cache import Cache, Status
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.redis import BestEffort, client
from services.catalogue.cached import CachedFoods, asked, search_key
from services.catalogue.load import load
from services.catalogue.search import search
from services.catalogue.version import LEASE, Version, newest, settle
from tests.catalogue.tiny import FILES, write_tiny


@pytest.fixture
def cache(settings) -> Iterator[Cache]:
    made = Cache(BestEffort(client(settings.cache_redis_url, timeout=5)))
    yield made
    made.close()


@pytest.fixture
def foods(database, cache) -> CachedFoods:
    return CachedFoods(database.transaction, cache)


def quandong(foods: CachedFoods) -> str:
    (found,) = json.loads(foods.search("quandongs raw", 1, 0).value)["items"]
    return found["id"]


def test_a_second_look_is_a_hit_with_the_same_answer(foods):
    first, second = (foods.search("cheddar cheese", 5, 0) for _ in range(2))

    assert second.status is Status.HIT
    assert second.value == first.value
    assert len(json.loads(first.value)["items"]) == 5


def test_after_a_load_has_ended_nobody_answers_from_the_catalogue_before(
    owner, foods, database, cache, tmp_path
):
    """Not the process that asked a moment ago, nor another: each had its answer in the cache."""
    other = CachedFoods(database.transaction, cache)
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "one.npz"))
    settle()
    food_id = quandong(foods)
    for reader in (foods, other):
        assert json.loads(reader.food(food_id).value)["nutrients"]["ENERC_KCAL"]["amount"] == 61

    values = FILES["NUT_DATA"].replace("^61.00^", "^77.00^")
    with owner.transaction() as session:
        load(session, write_tiny(tmp_path / "two.npz", "tiny-2", NUT_DATA=values))
    settle()

    for reader in (other, foods):
        assert json.loads(reader.food(food_id).value)["nutrients"]["ENERC_KCAL"]["amount"] == 77


def test_a_process_believes_a_version_for_the_lease_and_no_longer(database):
    now = 100.0
    asked_at: list[float] = []

    def transaction():
        asked_at.append(now)
        return database.transaction()

    version = Version(transaction, clock=lambda: now)
    for now in (100.0, 100.0 + LEASE - 0.01, 100.0 + LEASE, 100.5 + LEASE):  # noqa: B007
        version()

    assert asked_at == [100.0, 100.0 + LEASE]
    with database.transaction() as session:
        assert version() == newest(session)


def test_an_unknown_food_is_not_found_each_time_and_nothing_is_kept_of_it(foods):
    stranger = new_id()

    for _ in range(2):
        with pytest.raises(NotFound):
            foods.food(stranger)

    assert foods.lacking_foods([str(stranger)]) == [str(stranger)]
    foods.warm_food(str(stranger))  # wanted once, gone since


@pytest.mark.parametrize(
    ("one", "other"),
    [("Crème  brûlée!", "creme brulee"), ("EGG", "egg"), (" ", ""), ("%", "'"), ("a\0b", "a b")],
)
def test_questions_that_search_cannot_tell_apart_are_one_entry(database, one, other):
    assert search_key(one, 20, 0) == search_key(other, 20, 0)
    with database.transaction() as session:
        assert search(session, one) == search(session, other)


def test_browsing_is_not_a_search_for_nothing(foods):
    assert asked("", 20, 0) != asked("?", 20, 0)
    assert json.loads(foods.search("", 20, 0).value)["items"]
    assert not json.loads(foods.search("?", 20, 0).value)["items"]


def test_warming_puts_in_what_will_be_asked(foods):
    key = search_key("rye  bread", 3, 3)
    assert foods.lacking_searches([key, "no search"]) == [key]

    foods.warm_search(key)

    assert foods.lacking_searches([key]) == []
    assert foods.search("Rye Bread", 3, 3).status is Status.HIT
