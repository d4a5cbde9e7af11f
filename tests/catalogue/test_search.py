"""Search: the food that people mean comes first, however they spell it."""

import pytest
from sqlalchemy.orm import Session

from services.catalogue.search import search


@pytest.mark.parametrize(
    ("asked", "ndb_no"),
    [
        ("egg", "01123"),
        ("eggs", "01123"),
        ("milk", "01077"),
        ("butter", "01001"),
        ("chicken breast", "05062"),
        ("rice", "20044"),
        ("apple", "09003"),
        ("banana", "09040"),
        ("salmon", "15076"),
        ("olive oil", "04053"),
        ("flour", "20081"),
        ("sugar", "19335"),
        ("potato", "11352"),
        ("onion", "11282"),
        ("cheddar cheese", "01009"),
        ("honey", "19296"),
        ("ground beef", "23572"),
        ("spinach", "11457"),
    ],
)
def test_a_bare_word_finds_the_common_food_first(session: Session, asked, ndb_no):
    assert search(session, asked).items[0].ndb_no == ndb_no


@pytest.mark.parametrize(
    ("asked", "understood", "ndb_no"),
    [
        ("brocoli", "broccoli", "11090"),
        ("mlik", "milk", "01077"),
        ("chiken brest", "chicken breast", "05062"),
        ("bananna", "banana", "09040"),
        ("spinahc", "spinach", "11457"),
        ("oliveoil", "olive oil", "04053"),
    ],
)
def test_a_misspelt_word_is_mended_and_the_page_says_so(session, asked, understood, ndb_no):
    page = search(session, asked)

    assert (page.corrected, page.items[0].ndb_no) == (understood, ndb_no)


@pytest.mark.parametrize("asked", ["tomatoe", "TOMATOES", "  tomato ", "tomäto"])
def test_plurals_case_and_accents_make_no_difference(session: Session, asked):
    assert search(session, asked).items[0].ndb_no == "11529"


def test_the_beginning_of_a_word_finds_it(session: Session):
    assert search(session, "brocc").items[0].ndb_no == "11090"


def test_names_of_other_countries_find_their_food(session: Session):
    assert search(session, "aubergine").items[0].ndb_no == "11209"
    assert search(session, "scallions").items[0].ndb_no == "11291"


def test_a_brand_finds_its_own_foods(session: Session):
    names = [hit.name for hit in search(session, "kellogg").items]

    assert names
    assert all("KELLOGG" in name for name in names)


def test_where_no_food_has_every_word_those_with_most_come_first(session: Session):
    page = search(session, "fresh broccoli with glitter")

    assert "roccoli" in page.items[0].name


def test_a_word_that_is_nothing_does_not_spoil_the_rest(session: Session):
    assert search(session, "xqzzyx egg").items[0].ndb_no == "01123"


@pytest.mark.parametrize(
    "asked",
    ["the", "with and of", "%", "_", "🥚", "\x00", "'", "x" * 10_000, "qzxqzxqzx", "яйцо", "蛋"],
)
def test_text_that_means_no_food_finds_nothing(session: Session, asked):
    page = search(session, asked)

    assert (page.items, page.total, page.next) == ([], 0, None)


@pytest.mark.parametrize(
    "asked",
    [
        "egg\x00",
        "🥚 egg",
        "egg' OR 1=1 --",
        "egg & | ! ( ) :* <->",
        "%egg%",
        "\u202eegg",
        "egg " * 2_500,
        "egg \ud800",
        "\\egg\\",
    ],
)
def test_odd_characters_around_a_word_change_nothing(session: Session, asked):
    assert search(session, asked).items[0].ndb_no == "01123"


def test_pages_follow_one_another_without_gap_or_overlap(session: Session):
    whole = search(session, "egg", limit=100)
    pages, offset = [], 0
    while offset is not None:
        page = search(session, "egg", limit=30, offset=offset)
        assert page.total == whole.total
        pages += page.items
        offset = page.next

    assert [hit.id for hit in pages][:100] == [hit.id for hit in whole.items]
    assert len(pages) == len({hit.id for hit in pages}) == whole.total


def test_past_the_end_there_is_an_empty_last_page(session: Session):
    page = search(session, "egg", offset=10**12)

    assert (page.items, page.next) == ([], None)
    assert page.total > 0


def test_no_words_browse_all_foods_by_name(session: Session):
    page = search(session, "  ", limit=3)

    assert page.total == 8789
    assert page.next == 3
    assert page.items == sorted(page.items, key=lambda hit: hit.name)


def test_a_result_says_what_tells_foods_apart(session: Session):
    egg = search(session, "egg").items[0]

    assert (egg.name, egg.source, egg.group, egg.energy_kcal) == (
        "Egg, whole, raw, fresh",
        "sr28",
        "Dairy and Egg Products",
        143.0,
    )
