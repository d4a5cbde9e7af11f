"""Names become comparable words, whoever wrote them."""

from __future__ import annotations

import pytest

from nutrition.engine import Engine
from nutrition.errors import MissingData
from nutrition.foods import aliases
from nutrition.foods.brands import BRANDS
from nutrition.foods.names import fold, query_words, singular, words


@pytest.mark.parametrize(
    ("cook", "sr28"),
    [
        ("unsalted butter", "Butter, without salt"),
        ("skimmed milk", "Milk, nonfat"),
        ("skinless", "without skin"),
        ("courgettes", "zucchini squash, summer"),
        ("prawn", "Shrimps"),
        ("minced beef", "beef, ground"),
        ("fresh basil", "Basil, raw"),
        ("2% milk", "Milk, 2 percent"),
        ("garbanzo beans", "chick peas"),
        ("Fat-free milk", "Milk, nonfat"),
        ("no-salt-added tomatoes", "Tomatoes, without salt added"),
        ("sugar-free cola", "Cola, sugar free"),
        ("chili without beans", "Chili, no beans"),
        ("gluten-free bread", "Bread, gluten-free"),
        ("decaf coffee", "Coffee, decaffeinated"),
        ("jarred artichokes", "Artichokes, canned"),
        ("powdered sugar", "Sugar, powdered"),
        ("plain flour", "Flour, all-purpose"),
        ("self-raising flour", "Flour, self-rising"),
        ("breadcrumbs", "Bread crumbs"),
        ("uncooked spaghetti", "Spaghetti, dry"),
        ("ground beef 80/20", "Beef, ground, 80% lean"),
        ("93% fat-free turkey", "Turkey, 93% lean"),
        ("chicken w/o skin", "Chicken, without skin"),
        ("full-fat milk", "Milk, whole"),
        ("dried tomatoes", "Tomatoes, sun-dried"),
        ("bicarbonate of soda", "Baking soda"),
        ("nondairy creamer", "Creamer, non-dairy"),
        ("piecrust", "Pie crust"),
        ("bar-b-q sauce", "Sauce, barbecue"),
        ("yoghurt", "Yogurt"),
        ("donuts", "Doughnuts"),
        ("Red chillies", "Peppers, hot chili, red"),
        ("pasta tortelleni", "Pasta, tortellini"),
        ("tortillas flour or corn", "flour tortillas"),
        ("ground meat of choice", "ground meat"),
        ("ready-made custard", "custard"),
        ("Market Pantry™ sliced almonds", "sliced almonds"),
        ("Land O'Lakes® butter", "butter"),
    ],
)
def test_two_wordings_of_one_meaning_are_the_same_words(cook: str, sr28: str) -> None:
    assert set(words(cook)) == set(words(sr28))


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("berries", "berry"),
        ("tomatoes", "tomato"),
        ("radishes", "radish"),
        ("chives", "chive"),
        ("leaves", "leaf"),
        ("asparagus", "asparagus"),
        ("hummus", "hummus"),
        ("peas", "pea"),
    ],
)
def test_a_plural_is_read_in_the_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_one_left_in_the_plural_by_its_ending_alone_is_read_in_the_singular() -> None:
    assert [singular(word) for word in ("kiwis", "chilis", "zucchinis", "cassis", "swiss")] == [
        "kiwi",
        "chili",
        "zucchini",
        "cassis",
        "swiss",
    ]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (
            "WHEAT FLR,WHITE,ALLPURP,ENR,BLEACH",
            "Wheat flour, white, all-purpose, enriched, bleached",
        ),
        ("ONIONS,BLD,DRND", "Onions, boiled, drained"),
        (
            "MARGARINE,REG,STK,COMP,80% FAT,W/SALT",
            "Margarine, regular, stick, composite, 80% fat, salted",
        ),
        (
            "CHICKEN,BROILERS OR FRYERS,MEAT ONLY,STWD",
            "Chicken, broilers or fryers, meat only, stewed",
        ),
        ("MILK,DRY,NONFAT,REG,WO/ VIT A", "Milk, dry, nonfat, regular, without added vitamin A"),
        ("BEEF,GROUND,75% LN MEAT / 25% FAT", "Beef, ground, 75% lean meat / 25% fat"),
        ("LAMB,SHLDR,LN,CKD", "Lamb, shoulder, separable lean only, cooked"),
        ("MILK,RED FAT", "Milk, reduced fat"),
        ("ONIONS,RED,RAW", "Onions, red, raw"),
        ("ICED TEA,RTD,W/H2O", "Iced tea, ready-to-drink, with water"),
    ],
)
def test_usdas_short_descriptions_are_written_out(short: str, long: str) -> None:
    assert set(words(short)) == set(words(long))


def test_outside_a_short_description_only_what_is_no_english_word_is_an_abbreviation() -> None:
    assert words("wheat flr") == ("wheat", "flour")
    assert words("red bell, var") == ("red", "bell", "var")
    assert words("lo mein") == ("lo", "mein")


def test_a_cook_who_forgets_a_space_does_not_write_a_short_description() -> None:
    assert query_words("onion,peeled,chopped") == ["onion"]
    assert query_words("thighs w/o skin, finely chopped") == ["thigh", "skinless"]
    assert query_words("ONIONS,CHOPD,FRZ") == ["onion", "chopped", "frozen"]


def test_what_a_name_says_is_not_there_does_not_name_the_food() -> None:
    assert query_words("tuna not packed in oil") == ["tuna", "no-oil"]
    assert query_words("peaches, not too ripe") == ["peach"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wild rice", "rice"),
        ("lemon grass", "lemon"),
        ("fish sticks", "fish"),
        ("gram flour", "flour"),
        ("hot sauce", "sauce"),
        ("hot dog", "dog"),
        ("milk chocolate", "chocolate milk"),
        ("cream of coconut", "coconut cream"),
        ('fat trimmed to 1/8" fat', 'fat trimmed to 1/4" fat'),
    ],
)
def test_foods_told_apart_by_a_word_that_is_elsewhere_no_name_stay_apart(
    one: str, other: str
) -> None:
    assert set(query_words(one)) != set(query_words(other))


@pytest.mark.parametrize("kind", ["name", "short_name"])
def test_a_foods_own_name_or_short_description_finds_that_food(engine: Engine, kind: str) -> None:
    foods = engine.catalogue.foods[::41]
    found = 0
    for food in foods:
        match = engine.matcher.match(getattr(food, kind))
        # Four short descriptions are of two foods.
        found += match is not None and getattr(
            engine.catalogue.foods[match.food_index], kind
        ) == getattr(food, kind)

    assert found >= 0.93 * len(foods)


def test_how_it_is_cut_and_how_good_it_is_do_not_name_a_food() -> None:
    assert query_words("2 large organic ripe tomatoes, finely chopped") == ["tomato"]


def test_peppers_are_the_vegetable_where_no_kind_is_named() -> None:
    assert set(query_words("3 red peppers, chopped")) == {"red", "pepper", "sweet"}
    assert set(query_words("banana peppers")) == {"banana", "pepper"}
    assert query_words("black pepper") == ["black", "pepper"]


def test_a_name_made_of_such_words_alone_keeps_them() -> None:
    assert query_words("topping") == ["topping"]


def test_accents_and_apostrophes_do_not_matter() -> None:
    assert words("Crème fraîche") == words("creme fraiche")
    assert words("confectioners’ sugar") == words("confectioners sugar")


def test_an_alias_line_without_a_food_code_is_refused_with_its_number() -> None:
    lines = ["# comment", "01123: egg, eggs", "egg: 01123"]

    with pytest.raises(MissingData, match="line 3"):
        list(aliases.read(lines))


def test_a_maker_that_tells_nothing_of_the_food_is_in_no_name_of_sr28(engine: Engine) -> None:
    bare = [f" {brand} " for brand in BRANDS]
    names = [
        f" {' '.join(fold(food.name).replace(',', ' ').split())} "
        for food in engine.catalogue.foods
    ]

    assert [brand for brand in bare if any(brand in name for name in names)] == []


def test_a_maker_alone_is_no_food(engine: Engine) -> None:
    assert query_words("Trader Joe's") == []
    assert engine.matcher.match("Trader Joe's") is None


def test_a_word_in_quotation_marks_keeps_its_first_letter() -> None:
    assert words("'streaky' bacon") == words("streaky bacon")
    assert words("the baker's 'self-raising' flour") == words("the baker self-raising flour")
    assert fold("ladies' fingers") == "ladies fingers"


def test_potatoes_for_a_salad_are_no_potato_salad() -> None:
    assert set(words("salad potatoes")) != set(words("potato salad"))
