"""An archive has all that is somebody's, nothing that opens doors, and nothing of others."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import text

import tasks.privacy  # noqa: F401 - registers the handlers
from kernel.errors import NotFound
from kernel.ids import new_id
from services.privacy import archive, requests
from services.privacy.declarations import declarations
from services.privacy.requests import ask_export, delete_expired
from tests.analyses.claiming import claim_next


@pytest.fixture
def unpacked(stores, anna, bert):
    """Anna's archive, bert being there too."""
    archive.write(stores, anna.account_id, anna.account_id, lambda _: None)
    data = stores.objects.get(archive.key_of(anna.account_id, anna.account_id))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_every_exported_table_is_there_with_the_persons_row(unpacked, anna):
    exported = {name: one for name, one in declarations().items() if one.export}

    for name, one in exported.items():
        (row,) = json.loads(unpacked[f"tables/{name}.json"])
        assert set(row) == {c.name for c in one.table.columns} - one.secret, name
        if one.column in row:
            assert row[one.column] == str(anna.account_id)
    tables = {name for name in unpacked if name.startswith("tables/")}
    assert tables == {f"tables/{name}.json" for name in exported}


def test_no_secret_is_in_it_and_nothing_of_somebody_else(unpacked, anna, bert):
    whole = b"\n".join(unpacked.values()).decode()

    assert anna.word in whole
    assert not [word for word in bert.words if word in whole]
    for name, one in declarations().items():
        for column in one.secret:
            assert f"{anna.word} {name}.{column}" not in whole


def test_the_index_says_what_each_file_is_and_its_counts_hold(unpacked, anna):
    index = json.loads(unpacked["index.json"])

    assert index["format"] == 1
    assert index["account_id"] == str(anna.account_id)
    assert {one["file"] for one in index["files"]} == set(unpacked) - {"index.json"}
    for one in index["files"]:
        if "count" in one:
            assert len(json.loads(unpacked[one["file"]])) == one["count"]
        else:
            assert len(unpacked[one["file"]]) == one["bytes"]
    left_out = {one["file"]: one["left_out"] for one in index["files"] if "count" in one}
    assert left_out["tables/people.json"] == ["password_hash"]
    assert "refresh_tokens" in index["not_in_here"]


def test_a_batchs_files_are_in_it_as_they_are_stored(unpacked, anna):
    batch = anna.rows["batches"]["id"]

    assert unpacked[f"objects/batches/{batch}/input.ndjson"] == f"soup of {anna.word}".encode()


def test_rows_of_many_pages_are_all_there_once(stores, anna, monkeypatch):
    monkeypatch.setattr(archive, "ROWS", 7)
    with stores.transaction() as session:
        session.execute(
            text("""
                INSERT INTO idempotency_keys (owner_id, actor, key, request, answer, expires_at)
                SELECT :id, 'key:' || n % 3, n::text, '', '{}', now() FROM generate_series(1, 50) n
            """),
            {"id": anna.account_id},
        )
        session.execute(
            text("""
                INSERT INTO webhook_attempts (delivery_id, number, seconds)
                SELECT :id, n, 0 FROM generate_series(2, 31) n
            """),
            {"id": anna.rows["webhook_deliveries"]["id"]},
        )
    archive.write(stores, anna.account_id, anna.account_id, lambda _: None)
    data = stores.objects.get(archive.key_of(anna.account_id, anna.account_id))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        keys = json.loads(opened.read("tables/idempotency_keys.json"))
        attempts = json.loads(opened.read("tables/webhook_attempts.json"))

    assert len({(row["actor"], row["key"]) for row in keys}) == len(keys) == 51
    assert sorted(row["number"] for row in attempts) == list(range(1, 32))


def test_an_export_that_is_stopped_leaves_no_archive(stores, anna):
    class Stopped(Exception):
        pass

    def stop(rows):
        if rows > 5:
            raise Stopped

    export_id = new_id()
    with pytest.raises(Stopped):
        archive.write(stores, anna.account_id, export_id, stop)
    assert list(stores.objects.keys(f"exports/{anna.account_id}/{export_id}")) == []


def test_the_job_makes_one_archive_at_a_time_and_says_until_when(
    stores, database, owner_id, objects
):
    with stores.transaction() as session:
        asked = ask_export(session, owner_id, "key:1")
        assert ask_export(session, owner_id, "key:1") == asked
        with pytest.raises(NotFound, match="queued"):
            requests.archive_of(session, owner_id, asked)

    claim_next(database, "analytics").handle()

    with stores.transaction() as session:
        key = requests.archive_of(session, owner_id, asked)
        assert objects.get(key).startswith(b"PK")
        with pytest.raises(NotFound):
            requests.archive_of(session, new_id(), asked)
        assert ask_export(session, owner_id, "key:1") != asked
        later = text("""
            UPDATE jobs_archive SET result = result || '{"expires_at": "2026-01-01T00:00:00+00:00"}'
            WHERE id = :id
        """)
        session.execute(later, {"id": asked})
        with pytest.raises(NotFound, match="kept until"):
            requests.archive_of(session, owner_id, asked)


def test_archives_go_when_their_time_is_up(objects):
    account, export = new_id(), new_id()
    objects.put(archive.key_of(account, export), b"PK")
    made = requests.made_at(export)

    delete_expired(objects, made + requests.KEEP)
    assert list(objects.keys(f"exports/{account}")) != []
    assert delete_expired(objects, made + requests.KEEP + timedelta(days=2)) >= 1
    assert list(objects.keys(f"exports/{account}")) == []
