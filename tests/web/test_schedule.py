"""Operators see what runs by the clock."""

from __future__ import annotations

from beat_schedule import SCHEDULE


def test_operators_see_every_entry_with_its_queue_and_reason(operator):
    answer = operator.get("/v1/admin/schedule")
    assert answer.status_code == 200
    items = {item["name"]: item for item in answer.json["items"]}
    assert list(items) == [entry.name for entry in SCHEDULE]
    assert items["partitions"]["queue"] == "maintenance"
    assert items["partitions"]["why"]
    assert items["partitions"]["next_at"]
