"""The cache, on the real Valkey and without one."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from kernel import cache as module
from kernel import flight
from kernel.cache import REGIONS, Cache, Cached, Region, Status, flush, fresh_for, name_of
from kernel.redis import BestEffort, client

#: Nothing listens there.
NOWHERE = "redis://127.0.0.1:1/0"
PATIENT = 5.0


@pytest.fixture
def region() -> Iterator[Region]:
    made = Region(name="of-a-test", fresh=100, stale=100)
    yield made
    del REGIONS[made.name]


@pytest.fixture
def new_cache(engines, region) -> Iterator[Callable[[], Cache]]:
    """Makes caches as processes have them: nothing shared but the Valkey."""
    url = engines.env["CACHE_REDIS_URL"]
    made: list[Cache] = []

    def make() -> Cache:
        made.append(Cache(BestEffort(client(url, timeout=PATIENT, connections=256))))
        return made[-1]

    yield make
    flush(make().redis.redis, region)
    for one in made:
        one.close()


@pytest.fixture
def cache(new_cache) -> Cache:
    return new_cache()


@pytest.fixture
def alone(region) -> Iterator[Cache]:
    """A cache whose Redis is away."""
    made = Cache(BestEffort(client(NOWHERE)))
    yield made
    made.close()


class Maker:
    """Makes numbered answers, and counts them. Held, it waits to be let go."""

    def __init__(self, *, held: bool = False) -> None:
        self.count = 0
        self.begun, self.go = threading.Event(), threading.Event()
        if not held:
            self.go.set()

    def __call__(self) -> bytes:
        self.count += 1
        self.begun.set()
        assert self.go.wait(60)
        return b"answer %d" % self.count


def all_at_once(caches: list[Cache], region: Region, make: Maker, callers: int) -> list[Cached]:
    """What so many threads are answered that ask for one key, the maker held till all ask."""
    answers: list[Cached] = []
    asking = threading.Semaphore(0)

    def ask(cache: Cache) -> None:
        asking.release()
        answers.append(cache.get_or_create(region, ("same",), make))

    turns = itertools.islice(itertools.cycle(caches), callers)
    threads = [threading.Thread(target=ask, args=(cache,)) for cache in turns]
    for thread in threads:
        thread.start()
    for _ in threads:
        asking.acquire()
    assert make.begun.wait(60)
    make.go.set()
    for thread in threads:
        thread.join(60)
    return answers


def test_of_200_that_miss_one_key_at_once_one_makes_the_answer(new_cache, region):
    """In two processes: each has a cache of its own, and they share the Valkey alone."""
    make = Maker(held=True)

    answers = all_at_once([new_cache(), new_cache()], region, make, 200)

    assert make.count == 1
    assert {answer.value for answer in answers} == {b"answer 1"}
    assert Counter(answer.status for answer in answers)[Status.MISS] == 1


def test_without_redis_one_in_the_process_makes_the_answer_for_all_who_ask(alone, region):
    make = Maker(held=True)

    answers = all_at_once([alone], region, make, 50)

    assert make.count == 1
    assert len(answers) == 50


def test_without_redis_every_answer_is_made_and_says_so(alone, region):
    make = Maker()

    answers = [alone.get_or_create(region, ("k",), make) for _ in range(5)]

    assert [answer.status for answer in answers] == [Status.BYPASS] * 5
    assert answers[-1].value == b"answer 5"
    assert alone.get_many(region, [("k",)]) == {}
    assert alone.lacking(region, [("k",)]) == []
    assert alone.put_many(region, {("k",): b""}) is False


def test_an_answer_is_kept_as_it_was_made(cache, region):
    for value in (b"", b"short", bytes(range(256)) * 100):
        key = (str(len(value)),)
        first = cache.get_or_create(region, key, lambda value=value: value)
        again = cache.get_or_create(region, key, Maker())

        assert (first.status, again.status) == (Status.MISS, Status.HIT)
        assert first.value == again.value == value
        assert 80 <= again.ttl <= 100


def test_a_stale_answer_is_given_while_one_makes_another(cache, region):
    now = 1_000_000.0
    cache.clock = lambda: now
    make = Maker()
    cache.get_or_create(region, ("k",), make)
    now += 101
    made_anew = Maker(held=True)

    stale = cache.get_or_create(region, ("k",), made_anew)
    assert made_anew.begun.wait(60)  # by the cache's own thread: the caller has its answer
    also = cache.get_or_create(region, ("k",), made_anew)
    made_anew.go.set()
    cache.close()  # not before that thread is done, as a process's end would not
    after = cache.get_or_create(region, ("k",), Maker())

    assert (stale.value, stale.status) == (b"answer 1", Status.STALE)
    assert stale.ttl < 0
    assert also.status is Status.STALE
    assert made_anew.count == 1
    assert after.status is Status.HIT
    assert after.ttl > 0


def test_what_a_maker_raises_is_its_callers_and_nothing_is_kept(cache, region):
    def fail() -> bytes:
        raise LookupError("no such thing")

    for _ in range(2):
        with pytest.raises(LookupError):
            cache.get_or_create(region, ("k",), fail)

    assert cache.get_or_create(region, ("k",), Maker()).status is Status.MISS


def test_a_process_that_died_while_it_made_an_answer_holds_nobody_up(cache, region, monkeypatch):
    monkeypatch.setattr(flight, "PATIENCE", 0.1)
    cache.redis.redis.set(f"{name_of(region, ('k',))}:making", "of a process that is gone", px=9999)

    assert cache.get_or_create(region, ("k",), Maker()).value == b"answer 1"


def test_what_is_made_together_does_not_come_due_together(region):
    lives = [fresh_for(region, name_of(region, (str(number),))) for number in range(1_000)]

    assert 80 <= min(lives) < 82
    assert 98 < max(lives) <= 100
    assert fresh_for(region, "x") == fresh_for(region, "x"), "all processes agree"


def test_nobodys_words_stand_in_a_name_and_no_name_is_long(cache, region):
    name = name_of(region, ("grandmother's birthday cake " * 1_000,))

    assert "grandmother" not in name
    assert len(name) < 80
    assert name_of(region, ("a", "b")) != name_of(region, ("a b",)) != name_of(region, ("ab",))


def test_erasure_finds_what_is_somebodys(region):
    assert name_of(region, ("k",), owner="0190-id").endswith(":0190-id")
    assert name_of(region, ("k",), owner="0190-id") != name_of(region, ("k",))


def test_what_is_no_entry_of_ours_is_made_anew(cache, region):
    for damaged in (b"", b"x", b"12345678\x01 no zstandard", b"1234567890"):
        cache.redis.redis.set(name_of(region, ("k",)), damaged)

        assert cache.get_or_create(region, ("k",), Maker()).value == b"answer 1"


def test_many_are_read_and_kept_in_one_go(cache, region):
    keys = [(str(number),) for number in range(5)]

    assert cache.put_many(region, {key: b"of " + key[0].encode() for key in keys[:3]})

    assert cache.get_many(region, keys) == {key: b"of " + key[0].encode() for key in keys[:3]}
    assert cache.lacking(region, keys) == keys[3:]


def test_too_large_an_answer_is_given_and_not_kept(cache, region, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100)

    answers = [cache.get_or_create(region, ("k",), lambda: b"x" * 101) for _ in range(2)]

    assert [answer.status for answer in answers] == [Status.BYPASS, Status.BYPASS]


def test_a_flush_forgets_one_region_and_leaves_the_others(cache, region):
    other = Region(name="another-of-a-test", fresh=100)
    cache.put_many(region, {("a",): b"", ("b",): b""})
    cache.put_many(other, {("a",): b""})

    try:
        assert flush(cache.redis.redis, region) == 2
        assert cache.lacking(region, [("a",)]) == [("a",)]
        assert cache.lacking(other, [("a",)]) == []
    finally:
        flush(cache.redis.redis, other)
        del REGIONS[other.name]


def test_threads_need_not_wait_for_each_other_to_ask_redis(cache):
    """Both are inside their question at once, or neither would come out."""
    both = threading.Barrier(2, timeout=60)
    other = threading.Thread(target=lambda: cache.redis.call(lambda _: both.wait()))
    other.start()

    assert cache.redis.call(lambda _: both.wait()) is not None
    other.join()


def test_two_regions_of_one_name_do_not_start(region):
    with pytest.raises(ValueError, match="of-a-test"):
        Region(name=region.name, fresh=1)
