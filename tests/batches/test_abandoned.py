"""An upload whose web process died before the commit is swept away, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.objects import Objects
from services import batches
from services.batches.upload import input_key


def test_an_upload_without_a_batch_goes_after_a_day(database, settings):
    objects = Objects(settings.object_store_url)
    owner = new_id()
    upload = batches.receive(objects, [b'{"ingredients": ["1 egg"]}\n'])
    lost = batches.receive(objects, [b'{"ingredients": ["1 egg"]}\n'])
    with database.transaction() as session:
        batches.submit(session, upload, owner=owner, actor="test")

    def sweep(now: datetime) -> int:
        with database.transaction() as session:
            return batches.delete_abandoned(session, objects, now)

    assert sweep(datetime.now(UTC)) == 0
    assert sweep(datetime.now(UTC) + timedelta(days=2)) >= 1
    assert objects.get(input_key(upload.id))
    with pytest.raises(NotFound):
        objects.get(input_key(lost.id))


def test_folders_that_are_no_batch_are_left_alone(database, settings):
    objects = Objects(settings.object_store_url)
    objects.put("batches/notes/readme.txt", b"hello")
    with database.transaction() as session:
        batches.delete_abandoned(session, objects, datetime.now(UTC) + timedelta(days=2))
    assert objects.get("batches/notes/readme.txt") == b"hello"
