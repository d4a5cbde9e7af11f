"""The ranking's parts: trees as arrays, terms that explain, confidence that keeps its word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nutrition.engine import Engine
from nutrition.errors import MissingData
from nutrition.foods import confidence, features, reranking
from nutrition.foods.model import Weights, read_uses
from nutrition.foods.trees import Trees
from tests.nutrition.conftest import DATA


def test_trees_answer_as_if_each_question_were_asked_in_turn() -> None:
    rng = np.random.default_rng(3)
    feature, border = rng.integers(4, size=(6, 3)), rng.normal(size=(6, 3))
    leaves = rng.normal(size=(6, 8))
    x = rng.normal(size=(5, 4)).astype(np.float32)

    found = Trees.of(
        {"feature": feature, "border": border, "leaves": leaves, "bias": np.array(0.5)}
    ).scores(x)

    for row, answer in zip(x, found, strict=True):
        paths = [
            sum(int(row[f] > b) << level for level, (f, b) in enumerate(zip(fs, bs, strict=True)))
            for fs, bs in zip(feature, border, strict=True)
        ]
        wanted = sum(tree[leaf] for tree, leaf in zip(leaves, paths, strict=True))
        assert answer == pytest.approx(wanted + 0.5, rel=1e-5)


@pytest.mark.parametrize(
    ("levels", "leaves"), [(3, 4), (9, 512)], ids=["too few leaves", "too deep for eight bits"]
)
def test_trees_whose_arrays_do_not_fit_are_refused(levels: int, leaves: int) -> None:
    questions = np.zeros((2, levels))

    with pytest.raises(ValueError, match="shapes"):
        Trees.of({"feature": questions, "border": questions, "leaves": np.zeros((2, leaves))})


def test_a_tree_as_deep_as_can_be_reaches_its_last_leaf() -> None:
    feature, leaves = np.zeros((1, 8), np.int64), np.arange(256.0)[None]
    trees = Trees.of(
        {"feature": feature, "border": np.zeros((1, 8)), "leaves": leaves, "bias": np.array(0)}
    )

    assert trees.scores(np.array([[1.0], [-1.0]], np.float32)).tolist() == [255, 0]


def test_weights_that_are_absent_or_broken_name_their_file(tmp_path: Path) -> None:
    path = tmp_path / "food_weights.json"
    with pytest.raises(MissingData, match=r"food_weights\.json"):
        Weights.load(path)
    for broken in ("{}", "[]", "{", '{"features": {}, "unmentioned": {}, "mentioned": {}}'):
        path.write_text(broken)
        with pytest.raises(MissingData, match=r"food_weights\.json"):
            Weights.load(path)


def test_a_food_without_a_count_of_uses_names_the_file_of_weights(tmp_path: Path) -> None:
    path = tmp_path / "food_weights.json"
    path.write_bytes((DATA / "food_weights.json").read_bytes())
    (tmp_path / "food_uses.txt").write_text("02047\n")

    with pytest.raises(MissingData, match=r"food_weights\.json"):
        Weights.load(path)


def test_the_shipped_weights_are_of_the_features_that_the_matcher_has(engine: Engine) -> None:
    # Trees know a feature by its place alone: other features, or another order, want a refit.
    assert tuple(engine.matcher.weights.features) == engine.matcher.feature_names


def test_uses_of_foods_are_counts_of_foods_of_the_catalogue(engine: Engine) -> None:
    uses = read_uses(DATA / "food_uses.txt")

    known = sum(food.ndb_no in uses for food in engine.catalogue.foods)
    assert known > 1000
    assert max(uses, key=lambda code: uses[code]) == "02047"  # salt


@pytest.mark.parametrize("name", ["brown sugar", "chicken thigh, skinless", "2% milk", "eggnog"])
def test_the_terms_of_a_match_add_up_to_what_ranks_it(engine: Engine, name: str) -> None:
    matcher = engine.matcher
    match, found = matcher.match(name), matcher.candidates(name)
    assert match is not None
    assert found is not None

    terms = matcher.why(name, match.food_index)

    order, scores = matcher.ranked(found)
    assert found.rows[order[0]] == match.food_index
    assert sum(value for _, value in terms) == pytest.approx(float(scores[0]), abs=0.01)
    sizes = [abs(value) for _, value in terms]
    assert sizes == sorted(sizes, reverse=True)


def test_a_name_made_of_many_everyday_names_is_answered(engine: Engine) -> None:
    long = "rice beef milk egg salt sugar tea bread corn apple pork oil lamb bean pea fish nut leek"

    found = engine.matcher.candidates(f"{long} lime plum pear fig date oat rye")

    assert found is not None
    assert np.all(np.diff(found.rows) > 0)


def test_a_food_that_was_no_candidate_has_no_terms(engine: Engine) -> None:
    assert engine.matcher.why("butter", engine.catalogue.index_of_ndb("15149")) == []
    assert engine.matcher.why("xyzzy", 0) == []


def test_the_first_is_seen_beside_the_others(engine: Engine) -> None:
    found = engine.matcher.candidates("milk")
    assert found is not None
    order = np.argsort(-found.scores)[:5]

    x = reranking.inputs(found.parts[order], found.features[order], 1)

    column = {name: x[:, i] for i, name in enumerate(reranking.BESIDE)}
    assert column["behind"][0] == 0
    assert (np.diff(column["behind"]) <= 0).all()
    assert column["share"].sum() == pytest.approx(1)
    assert (column["share_of_group"] >= column["share"] - 1e-6).all()


def test_what_no_naming_word_of_the_food_says_is_never_sure() -> None:
    matrix = np.zeros((2, features.GROUPS + 1), np.float32)
    matrix[:, features.DYNAMIC.index("said")] = 1
    scores = np.array([9.0, 1.0], np.float32)

    chances = confidence.chances(None, matrix[0], scores, matrix, np.array([False, False]))

    assert max(chances) <= confidence.UNNAMED
