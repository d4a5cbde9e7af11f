"""Foods over HTTP."""

from __future__ import annotations

from tests.web.client import Caller


def test_a_search_for_egg_finds_the_whole_raw_egg_first(caller: Caller) -> None:
    found = caller.get("/v1/foods?q=egg").json

    assert found["items"][0]["ndb_no"] == "01123"


def test_pages_of_a_search_follow_one_another(caller: Caller) -> None:
    both = caller.get("/v1/foods?q=apple&limit=10").json["items"]
    first = caller.get("/v1/foods?q=apple&limit=5").json
    second = caller.get(f"/v1/foods?q=apple&limit=5&cursor={first['next']}").json

    assert [food["id"] for food in first["items"] + second["items"]] == [
        food["id"] for food in both
    ]


def test_odd_searches_are_answered(caller: Caller) -> None:
    for q in ("%00", "%25_", "%F0%9F%A5%9A", "'%3B--", "the", "", "%D7%91%D7%99%D7%A6%D7%94"):
        assert caller.get(f"/v1/foods?q={q}").status_code == 200, q


def test_a_food_has_what_was_measured_and_nothing_made_up(caller: Caller) -> None:
    food_id = caller.get("/v1/foods?q=egg").json["items"][0]["id"]

    answer = caller.get(f"/v1/foods/{food_id}")
    again = caller.get(f"/v1/foods/{food_id}", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.json["nutrients"]["ENERC_KCAL"]["amount"] == 143
    assert answer.json["nutrients"]["ENERC_KCAL"]["unit"] == "kcal"
    assert answer.json["portions"]
    assert again.status_code == 304
