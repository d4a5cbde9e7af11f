"""Lines that another process has read: the same analysis, and nobody's words in the cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nutrition
from kernel.cache import Cache, flush
from kernel.ids import new_id
from kernel.redis import BestEffort, client
from nutrition.engine import Engine
from services.analyses import compute
from services.analyses.jobs import Analyze
from services.analyses.lines import SharedLines, engine_version
from services.analyses.region import LINES

RECIPE = Analyze(
    ingredients=(
        *("2 1/2 cups all-purpose flour, sifted", "1 (14 oz) can tomatoes", "3 large eggs"),
        *("juice of 1 lemon", "salt to taste", "For the sauce:", "1 cup Aunt Zelda's unobtainium"),
        *("2 tbsp olive oil (optional)", "1-2 cloves garlic", "x" * 500),
    ),
    title="Everything",
    servings=4,
)


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest) -> Engine:
    settings = request.getfixturevalue("settings")
    return nutrition.load(settings.data, settings.work)


@pytest.fixture
def cache(settings) -> Iterator[Cache]:
    made = Cache(BestEffort(client(settings.cache_redis_url, timeout=5)))
    flush(made.redis.redis, LINES)
    yield made
    flush(made.redis.redis, LINES)
    made.close()


def newborn(loaded: Engine) -> Engine:
    """An engine with nothing in its memory, as a process that has just begun."""
    return Engine(loaded.catalogue, loaded.matcher, loaded.kitchen)


def test_an_analysis_of_lines_that_another_read_is_the_same_to_the_last_figure(loaded, cache):
    alone = compute.analyse(newborn(loaded), RECIPE)
    for _ in range(2):
        engine = newborn(loaded)
        assert compute.analyse(engine, RECIPE, SharedLines(cache, engine, "v")) == alone


def test_what_one_process_read_the_next_does_not_read_again(loaded, cache, monkeypatch):
    one, next_ = newborn(loaded), newborn(loaded)
    compute.analyse(one, RECIPE, SharedLines(cache, one, "v"))
    read: list[str] = []
    reader = next_.reader
    monkeypatch.setattr(
        reader, "_read", lambda text: read.append(text) or type(reader)._read(reader, text)
    )

    compute.analyse(next_, RECIPE, SharedLines(cache, next_, "v"))

    # What came to nothing is read by each for itself: its answer would repeat its words.
    assert "3 large eggs" not in read
    assert "1 cup Aunt Zelda's unobtainium" in read


def test_an_engine_with_other_code_or_data_finds_nothing(loaded, cache, tmp_path):
    engine = newborn(loaded)
    SharedLines(cache, engine, "v1").read("3 large eggs")

    assert SharedLines(cache, engine, "v1").lacking(["3 large eggs"]) == []
    assert SharedLines(cache, engine, "v2").lacking(["3 large eggs"]) == ["3 large eggs"]
    (tmp_path / "aliases").write_text("one")
    before = engine_version(tmp_path)
    (tmp_path / "aliases").write_text("two")
    assert engine_version(tmp_path) != before


def test_no_word_of_a_line_is_in_the_cache(loaded, cache):
    engine = newborn(loaded)
    ours = "2 cups flour for zebediah's birthday"
    lines = (ours, "1 cup zebediah", "zebediah", f"1 cup milk {new_id()}")
    compute.analyse(engine, Analyze(ingredients=lines), SharedLines(cache, engine, "v"))

    connection = cache.redis.redis
    names = list(connection.scan_iter(match="cache:lines:*"))
    assert names
    for name in names:
        assert b"zebediah" not in name + (connection.get(name) or b"")


def test_without_redis_an_analysis_is_the_same(loaded):
    engine = newborn(loaded)
    away = SharedLines(Cache(BestEffort(client("redis://127.0.0.1:1/0"))), engine, "v")

    assert compute.analyse(engine, RECIPE, away) == compute.analyse(newborn(loaded), RECIPE)
