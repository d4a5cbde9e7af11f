"""Names find the food a cook means, and what is no food finds none."""

from __future__ import annotations

import pytest

from nutrition.analysis import AnalysisRequest
from nutrition.engine import Engine
from nutrition.keeping import DOUBTFUL
from nutrition.reading import KNOWN_FROM


@pytest.mark.parametrize(
    ("name", "ndb_no"),
    [
        ("egg", "01123"),
        ("egg whites", "01124"),
        ("milk", "01077"),
        ("butter", "01001"),
        ("unsalted butter", "01145"),
        ("all-purpose flour", "20081"),
        ("flour", "20081"),
        ("white sugar", "19335"),
        ("brown sugar", "19334"),
        ("olive oil", "04053"),
        ("vegetable oil", "04044"),
        ("onion", "11282"),
        ("garlic", "11215"),
        ("tomatoes", "11529"),
        ("baking powder", "18369"),
        ("baking soda", "18372"),
        ("ground cinnamon", "02010"),
        ("buttermilk", "01088"),
        ("boneless, skinless chicken breasts", "05062"),
        ("ground beef", "23572"),
        ("water", "14429"),
        ("boiling water", "14429"),
        ("courgette", "11477"),
        ("aubergine", "11209"),
        ("fresh coriander", "11165"),
        ("spring onions", "11291"),
        ("prawns", "15149"),
        ("cheddar cheese", "01009"),
        ("lime zest", "09156"),
        ("ice", "14429"),
        ("cooking spray", "04679"),
        ("diced tomatoes canned", "11531"),
        ("Cheerios", "08013"),
        ("M&M's", "19141"),
    ],
)
def test_an_everyday_name_means_the_common_form_of_the_food(
    engine: Engine, name: str, ndb_no: str
) -> None:
    match = engine.matcher.match(name)

    assert match is not None
    assert engine.catalogue.foods[match.food_index].ndb_no == ndb_no


@pytest.mark.parametrize(
    ("name", "word"), [("cooked rice", "cooked"), ("dried basil", "dried"), ("raw spinach", "raw")]
)
def test_a_state_that_is_said_is_kept(engine: Engine, name: str, word: str) -> None:
    match = engine.matcher.match(name)

    assert match is not None
    assert word in engine.catalogue.foods[match.food_index].name


def test_the_preparation_tells_a_state_that_the_name_does_not(engine: Engine) -> None:
    match = engine.matcher.match("rice", "cooked and cooled")

    assert match is not None
    assert "cooked" in engine.catalogue.foods[match.food_index].name


@pytest.mark.parametrize(
    "preparation", ["uncooked", "not cooked", "un-cooked", "non-cooked", "never cooked"]
)
def test_what_is_said_not_to_be_cooked_is_raw(engine: Engine, preparation: str) -> None:
    (line,) = engine.analyze(AnalysisRequest((f"1 cup rice, {preparation}",))).lines

    assert line.food is not None
    assert "raw" in line.food.name


@pytest.mark.parametrize(
    ("line", "food"),
    [("2 cups boiled water", "Beverages, water"), ("1 cup steamed milk", "Milk, whole")],
)
def test_a_form_that_the_table_does_not_have_leaves_the_food(
    engine: Engine, line: str, food: str
) -> None:
    (found,) = engine.analyze(AnalysisRequest((line,))).lines

    assert found.food is not None
    assert found.food.name.startswith(food)


def test_a_preparation_that_only_holds_the_letters_of_a_state_says_none(engine: Engine) -> None:
    assert engine.matcher.match("rice", "uncooked") == engine.matcher.match("rice")
    assert engine.matcher.match("rice", "cooked, cooled") != engine.matcher.match("rice")


def test_confidence_falls_along_the_runners_up(engine: Engine) -> None:
    match = engine.matcher.match("cheese")

    assert match is not None
    confidences = [match.confidence, *(other.confidence for other in match.alternatives)]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)


@pytest.mark.parametrize(
    "name",
    [
        *("unicorn horn", "toothpicks", "green food coloring", "asdf qwer", "小麦粉", ""),
        *("parchment paper", "aluminum foil", "wooden skewers", "love", "happiness", "🍕🍕"),
        *("dreams", "joy", "magic", "wonder", "sunshine", "quality time"),  # trademarks say these
        *("كوب طحين", "כוסות קמח", "milde olijfolie"),
    ],
)
def test_what_is_no_food_of_the_catalogue_is_not_guessed(engine: Engine, name: str) -> None:
    match = engine.matcher.match(name)

    assert match is None or match.confidence < KNOWN_FROM


def test_every_alias_names_a_food_and_the_matcher_agrees_with_most(engine: Engine) -> None:
    # Aliases are strong hints, not overrides: a few lose to a food that says the same words.
    from nutrition.foods import aliases
    from tests.nutrition.conftest import DATA

    pairs = aliases.read_folder(DATA / "food_aliases")
    right = 0
    for code, name in pairs:
        match = engine.matcher.match(name)
        wanted = engine.catalogue.index_of_ndb(code)
        right += match is not None and match.food_index == wanted
    assert right / len(pairs) > 0.85


@pytest.mark.parametrize("name", ["water", "ice", "butter", "chickpeas", "beef"])
def test_an_everyday_name_is_never_doubtful_for_foods_that_crowd_around_it(
    engine: Engine, name: str
) -> None:
    match = engine.matcher.match(name)

    assert match is not None
    assert match.confidence >= DOUBTFUL
