"""What the index says of a query: which foods say a word, and where in their names it stands."""

from __future__ import annotations

import numpy as np
import pytest

from nutrition.engine import Engine
from nutrition.foods import index as marks_of
from nutrition.foods.compounds import compounds
from nutrition.foods.everyday import EverydayNames
from nutrition.foods.features import Asked
from nutrition.foods.index import FoodIndex


@pytest.fixture(scope="module")
def index(engine: Engine) -> FoodIndex:
    return engine.matcher.index


def marks(engine: Engine, word: str, ndb_no: str) -> int:
    index = engine.matcher.index
    _, found = index.look_up([index.vocabulary[word]], 1.0)
    return int(found[0, engine.catalogue.index_of_ndb(ndb_no)])


def test_marks_tell_where_in_a_foods_name_a_word_stands(engine: Engine) -> None:
    # 01077: "Milk, whole, 3.25% milkfat, with added vitamin D"; 12061: "Nuts, almonds".
    milk, whole, almond = (
        marks(engine, word, code)
        for word, code in (("milk", "01077"), ("whole", "01077"), ("almond", "12061"))
    )

    assert milk & marks_of.FIRST
    assert milk & marks_of.HEAD
    assert milk >> marks_of.PART_SHIFT == 1
    assert not whole & marks_of.HEAD
    assert whole & marks_of.START
    assert (whole & marks_of.PLACE) - (milk & marks_of.PLACE) == 1
    assert almond & marks_of.HEAD, "a category is not the food's head"
    assert almond >> marks_of.PART_SHIFT == 2
    assert marks(engine, "milk", "12061") == 0


def test_a_foods_share_is_the_weight_of_the_querys_words_that_it_says(index: FoodIndex) -> None:
    butter, salted = (index.vocabulary[word] for word in ("butter", "salted"))
    total = float(index.idf[butter] + index.idf[salted])

    share, found = index.look_up([butter, None, salted], total)

    assert share == pytest.approx(
        index.idf[butter] / total * (found[0] > 0) + index.idf[salted] / total * (found[2] > 0),
        abs=1e-6,
    )
    assert not found[1].any(), "no food says an unknown word"


def test_a_foods_words_and_the_postings_tell_the_same(index: FoodIndex) -> None:
    count = np.bincount(index.foods, minlength=len(index.tokens))

    assert np.array_equal(count, index.length)
    assert np.array_equal((index.tokens < index.pad).sum(axis=1), index.length)
    for column in (0, 17, index.pad - 1):
        foods = index.foods[index.bounds[column] : index.bounds[column + 1]]
        assert np.array_equal(foods, np.flatnonzero((index.tokens == column).any(axis=1)))


@pytest.mark.parametrize(
    ("words", "as_sr28_writes"),
    [
        (["egg", "nog"], ["eggnog"]),
        (["beansprout"], ["bean", "sprout"]),
        (["butter", "butter"], ["butter"]),
        (["xyzzy"], ["xyzzy"]),
    ],
)
def test_words_are_joined_and_parted_as_sr28_has_them(
    index: FoodIndex, words: list[str], as_sr28_writes: list[str]
) -> None:
    assert compounds(words, index) == as_sr28_writes


def test_the_heaviest_everyday_name_inside_a_query_is_found_whatever_its_order() -> None:
    names = EverydayNames(len)  # a word's weight is its length
    for row, words in ((1, ["pie"]), (1, ["apple", "pie"]), (2, ["apple", "pie", "filling"])):
        names.add(row, words)

    found = names.inside(Asked(("pie", "sliced", "apple"), (None,) * 3, (3.0, 6.0, 5.0)))

    assert found.keys() == {1}
    assert found[1].share == pytest.approx(8 / 14)
    assert found[1].whole
    assert not found[1].exact
    assert found[1].last
