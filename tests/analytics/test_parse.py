"""What is no event is refused with the path of the field, and nothing of its request counts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from kernel.errors import Invalid
from services.analytics.parse import EVENTS, parse_events

GOOD = {"id": str(uuid.UUID(int=7)), "name": "recipe.opened", "time": "2026-11-24T20:15:00Z"}


def nested(depth: int) -> dict[str, Any]:
    return {"in": nested(depth - 1)} if depth > 1 else {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "7"}, "id"),
        ({"id": 7}, "id"),
        ({"id": None}, "id"),
        ({"name": ""}, "name"),
        ({"name": "n" * 65}, "name"),
        ({"name": "=cmd()"}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"name": None}, "name"),
        ({"time": "2026-11-24T20:15:00"}, "time"),
        ({"time": "2026-11-24"}, "time"),
        ({"time": "2026-02-30T20:15:00Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+23:00"}, "time"),
        ({"time": 1795000000}, "time"),
        ({"properties": []}, "properties"),
        ({"properties": None}, "properties"),
        ({"properties": nested(5)}, "properties"),
        ({"properties": {"n" * 5_000: 1}}, "properties"),
        ({"properties": {str(number): number for number in range(51)}}, "properties"),
        ({"properties": {"a": ["\0"]}}, "properties"),
        ({"properties": {"a\0": 1}}, "properties"),
        ({"nmae": "a"}, "nmae"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse_events({"events": [GOOD, GOOD | change]})

    assert list(raised.value.errors) == [f"events.1.{field}"]


@pytest.mark.parametrize("body", [[], None, "events", {}, {"events": []}, {"events": {}}])
def test_a_body_without_events_is_refused(body: object) -> None:
    with pytest.raises(Invalid):
        parse_events(body)


def test_one_event_more_than_a_request_takes_is_refused() -> None:
    with pytest.raises(Invalid, match="it has 1001"):
        parse_events({"events": [GOOD] * (EVENTS + 1)})


def test_a_misspelt_field_is_told_what_it_may_have_meant() -> None:
    with pytest.raises(Invalid) as raised:
        parse_events({"events": [GOOD | {"propertys": {}}]})

    assert raised.value.errors == {
        "events.0.propertys": ["Unknown field. Did you mean 'properties'?"]
    }


@pytest.mark.parametrize(
    ("time", "as_kept"),
    [
        ("2026-11-24T20:15:00Z", "2026-11-24T20:15:00+00:00"),
        ("2026-11-24t20:15:00z", "2026-11-24T20:15:00+00:00"),
        ("2026-11-24T20:15:00.123456789+02:00", "2026-11-24T18:15:00.123456+00:00"),
    ],
)
def test_a_time_is_kept_in_utc_to_the_microsecond(time: str, as_kept: str) -> None:
    (event,) = parse_events({"events": [GOOD | {"time": time}]})

    assert event.time.isoformat() == as_kept


def test_of_two_with_one_id_the_first_stands() -> None:
    (event,) = parse_events({"events": [GOOD, GOOD | {"name": "other"}]})

    assert event.name == "recipe.opened"


def test_what_varies_fits_into_properties() -> None:
    given = GOOD | {"properties": {"deep": nested(3), "list": [1, 2.5, None, "ü", "\\u0000"]}}

    (event,) = parse_events({"events": [given]})

    assert event.properties == given["properties"]
