"""What is wanted is counted cheaply, bounded, and without anybody's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from kernel.cache import Status
from kernel.ids import new_id
from kernel.redis import BestEffort, client
from services.warming import standing, tally
from services.warming.tally import HOUR, Tally
from services.warming.wanted import most_wanted, note

NOW = 400_000 * HOUR + 120.0
REGIONS = ["foods", "searches", "lines"]
HITS = text("SELECT sum(hits) FROM warming_wanted")


@pytest.fixture
def redis(settings) -> Iterator[BestEffort]:
    made = BestEffort(client(settings.cache_redis_url, timeout=5))
    _forget(made)
    yield made
    _forget(made)
    made.redis.close()


def _forget(made: BestEffort) -> None:
    for key in made.redis.scan_iter(match="warming:*"):
        made.redis.delete(key)


@pytest.fixture
def new_tally(redis) -> Callable[..., Tally]:
    """Makes tallies that tell when they are closed and not before."""
    return lambda accounts=3: Tally(redis, accounts=accounts, every=3600, clock=lambda: NOW)


def everything_in(redis: BestEffort) -> bytes:
    connection, seen = redis.redis, b""
    for key in connection.scan_iter(match="warming:*"):
        kind = connection.type(key)
        seen += key
        if kind == b"zset":
            seen += b" ".join(connection.zrange(key, 0, -1))
        elif kind == b"hash":
            seen += b" ".join(connection.hgetall(key))
        else:
            seen += connection.get(key) or b""
    return seen


def test_foods_are_counted_over_all_processes(new_tally, redis, database):
    for times in (2, 3):
        process = new_tally()
        for _ in range(times):
            process.wanted("foods", "egg")
        process.wanted("foods", f"rare {times}")
        process.close()

    with database.transaction() as session:
        assert note(session, redis, REGIONS, NOW) == 3
        assert most_wanted(session, "foods", 1) == []  # of long ago: NOW is not today
    assert redis.redis.zscore(tally.wanted_key("foods", 400_000), "egg") == 5


def test_words_leave_the_process_only_when_several_accounts_used_them(new_tally, redis):
    anna, ben, cleo = new_id(), new_id(), new_id()
    process = new_tally()
    for _ in range(10):
        process.wanted_text("lines", "1 cup of anna's secret", anna)
    process.wanted_text("lines", "2 eggs", anna)
    process.wanted_text("lines", "2 eggs", ben)
    process.close()

    seen = everything_in(redis)
    assert b"secret" not in seen
    assert b"eggs" not in seen
    assert anna.bytes not in seen
    assert anna.hex.encode() not in seen

    another = new_tally()
    another.wanted_text("lines", "2 eggs", cleo)
    another.close()
    assert redis.redis.zscore(tally.wanted_key("lines", 400_000), "2 eggs") == 1


def test_one_account_is_enough_where_the_setting_says_so(new_tally, redis):
    process = new_tally(accounts=1)
    process.wanted_text("searches", "egg", new_id())
    process.close()

    assert b"egg" in everything_in(redis)


def test_what_is_remembered_is_bounded_in_the_process_and_in_redis(new_tally, redis, monkeypatch):
    monkeypatch.setattr(tally, "MOST", 50)
    monkeypatch.setattr(tally, "KEPT", 20)
    process = new_tally(accounts=1)
    for number in range(1_000):
        process.wanted("foods", str(number))
        process.wanted_text("searches", f"{number}", new_id())
    process.wanted("foods", "0")
    process.wanted_text("searches", "long " * 100, new_id())
    process.close()

    key = tally.wanted_key("foods", 400_000)
    assert redis.redis.zcard(key) == 20
    assert redis.redis.zrevrange(key, 0, 0) == [b"0"]
    assert redis.redis.zcard(tally.wanted_key("searches", 400_000)) == 20
    assert 0 < redis.redis.ttl(key) <= tally.LIFE


def test_a_redis_that_lost_everything_still_learns_what_to_hold(redis, database):
    now = _now(database)
    process = Tally(redis, accounts=1, every=3600, clock=lambda: now)
    for times, food in ((3, "egg"), (2, "milk"), (1, "rye")):
        for _ in range(times):
            process.wanted("foods", food)
    process.close()
    with database.transaction() as session:
        note(session, redis, REGIONS, now)

    redis.redis.flushdb()
    with database.transaction() as session:
        note(session, redis, REGIONS, now)  # knows nothing, and takes nothing away

    with database.transaction() as session:
        assert most_wanted(session, "foods", 2) == ["egg", "milk"]


def test_noting_twice_counts_once(redis, database):
    now = _now(database)
    process = Tally(redis, accounts=1, every=3600, clock=lambda: now)
    process.wanted("foods", "egg")
    process.close()
    for _ in range(2):
        with database.transaction() as session:
            note(session, redis, REGIONS, now)

    with database.transaction() as session:
        assert session.scalar(HITS) == 1


def test_a_redis_that_is_away_costs_the_counts_and_nothing_else(database):
    away = BestEffort(client("redis://127.0.0.1:1/0"))
    process = Tally(away, accounts=3, every=3600)
    process.wanted("foods", "egg")
    process.wanted_text("lines", "2 eggs", new_id())
    process.looked_up("foods", Status.HIT, 1)
    process.close()

    with database.transaction() as session:
        assert note(session, away, REGIONS, NOW) == 0


def test_counts_of_all_processes_add_up(new_tally, redis):
    for _ in range(2):
        process = new_tally()
        process.looked_up("foods", Status.HIT, 3)
        process.looked_up("foods", Status.MISS, 1)
        process.close()

    (foods,) = standing.look(redis.redis, ["foods"], NOW)["regions"]

    assert (foods["hits"], foods["misses"], foods["hit_rate"]) == (6, 2, 0.75)


def _now(database) -> float:
    with database.transaction() as session:
        return float(session.scalar(text("SELECT extract(epoch FROM now())")))
