"""Backups take turns, leave nothing half-made, and say what became of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import MachineError
from kernel.ids import new_id
from kernel.postgres_programs import dump_program
from kernel.settings import Settings
from services.backups import create, records
from services.backups.keys import Tampered
from services.backups.make import make, prune
from services.backups.manifest import Manifest
from services.backups.snapshot import Busy, exclusively
from services.backups.vault import Vault
from tests.conftest import ROOT
from tests.processes import eventually


class Boom(Exception):
    """The test's own."""


def listed(database: Database) -> list[records.Record]:
    with database.transaction() as session:
        return records.listing(session)


def test_a_backup_is_recorded_and_nothing_of_it_lies_in_plain(
    filled: Database, vault: Vault, made: Manifest, store: Path
) -> None:
    (record,) = listed(filled)

    assert (record.id, record.state, record.rows) == (made.id, "complete", made.rows)
    assert record.snapshot_at == made.snapshot_at
    assert made.newest_row_at is not None
    assert made.newest_row_at <= made.snapshot_at
    assert [entry.id for entry in vault.listing()] == [made.id]
    vault.verify(made)
    for path in (one for one in store.rglob("*") if one.name != "manifest" and one.is_file()):
        assert b"accounts" not in path.read_bytes()
        assert b"COPY" not in path.read_bytes()


def test_a_second_waits_for_its_turn(
    backup_settings: Settings, filled: Database, vault: Vault
) -> None:
    with exclusively(backup_settings.database_url), pytest.raises(Busy):
        make(backup_settings, filled, vault, actor="test")

    assert listed(filled) == []
    make(backup_settings, filled, vault, actor="test")


def test_one_that_is_stopped_ends_its_dump_and_leaves_nothing(
    backup_settings: Settings, filled: Database, vault: Vault, store: Path
) -> None:
    asked = 0

    def stop(_done: int, _total: int) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Boom("asked to stop")

    with pytest.raises(Boom):
        make(backup_settings, filled, vault, actor="test", progress=stop)

    (record,) = listed(filled)
    assert (record.state, record.error) == ("failed", "Boom: asked to stop")
    assert vault.listing() == []
    assert [one for one in store.rglob("*") if one.is_file()] == []
    assert not [one for one in psutil.Process().children() if one.name() == "pg_dump"]


def test_no_row_that_a_restore_stumbled_over_is_kept_with_the_backup(
    filled: Database, made: Manifest
) -> None:
    row = 'DETAIL:  Key (email)=(ada@example.org).\nCONTEXT:  COPY people, line 3: "ada@"'
    with filled.transaction() as session:
        records.refuted(session, made.id, ValueError(f"could not create unique index\n{row}"))

    (record,) = listed(filled)
    assert "could not create unique index" in (record.error or "")
    assert "ada@" not in (record.error or "")


def test_a_dump_that_fails_says_why(
    backup_settings: Settings,
    filled: Database,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = dump_program(18).with_name("pg_isready")  # takes no such options
    monkeypatch.setattr("services.backups.dump.dump_program", lambda _: program)

    with pytest.raises(Exception, match="pg_dump failed"):
        make(backup_settings, filled, vault, actor="test")
    assert vault.listing() == []


def test_a_server_newer_than_every_pg_dump_is_refused_by_name() -> None:
    with pytest.raises(MachineError, match="is PostgreSQL 99, and pg_dump must be as new"):
        dump_program(99)


KILLED = """
import sys
from kernel.database import Database
from kernel.objects import Objects
from kernel.settings import Settings
from services.backups.keys import Keys
from services.backups.make import make
from services.backups.vault import Vault
settings = Settings.read()
vault = Vault(Objects(settings.object_store_url), Keys.of(settings))

def halfway(done, total):
    if done:
        print("halfway", flush=True)
        sys.stdin.read()

make(settings, Database(settings.database_url), vault, actor="killed", progress=halfway)
"""


def test_a_process_killed_half_way_leaves_nothing_that_counts_as_a_backup(
    backup_settings: Settings, filled: Database, vault: Vault, store: Path
) -> None:
    given = {name.upper(): str(value) for name, value in asdict(backup_settings).items()}
    environ = {name: value for name, value in given.items() if value not in {"True", "False"}}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        env=os.environ | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert b"halfway" in next(line for line in process.stdout if b"halfway" in line)
    dumps = [one for one in psutil.Process(process.pid).children() if one.name() == "pg_dump"]
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert vault.listing() == []
    assert [record.state for record in listed(filled)] == ["running"]
    eventually("its pg_dump ends with it", lambda: not any(one.is_running() for one in dumps))
    (store / "backups" / "01a00000-0000-7000-8000-000000000001").mkdir(parents=True)
    left = store / "backups" / "01a00000-0000-7000-8000-000000000001" / "part-00001"
    left.write_bytes(b"half of one")
    eventually("its lock is gone", lambda: _free(backup_settings))

    made = make(backup_settings, filled, vault, actor="test")

    assert [entry.id for entry in vault.listing()] == [made.id]
    assert not left.exists()
    newest, killed = listed(filled)
    assert not (store / "backups" / str(killed.id)).exists()
    assert (newest.state, killed.state) == ("complete", "failed")
    assert "ended before it did" in (killed.error or "")


def _free(settings: Settings) -> bool:
    try:
        with exclusively(settings.database_url):
            return True
    except Busy:
        return False


def test_what_is_kept_no_longer_goes_with_its_row_and_the_rest_stays(
    backup_settings: Settings,
    filled: Database,
    vault: Vault,
    made: Manifest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer = make(backup_settings, filled, vault, actor="test")
    assert prune(backup_settings, filled, vault) == []  # both are of today

    monkeypatch.setattr("services.backups.retention.RECENT", newer.snapshot_at - newer.snapshot_at)
    with filled.transaction() as session:
        records.verified(session, made.id, 1.5)
    assert prune(backup_settings, filled, vault) == []  # it was verified, the newer was not
    with filled.transaction() as session:
        records.verified(session, newer.id, 1.5)

    assert prune(backup_settings, filled, vault) == [made.id]
    assert [entry.id for entry in vault.listing()] == [newer.id]
    assert [record.id for record in listed(filled)] == [newer.id]


def test_one_that_cannot_be_trusted_is_shown_and_never_pruned(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest, store: Path
) -> None:
    file = store / "backups" / str(made.id) / "manifest"
    file.write_bytes(file.read_bytes().replace(b'"rows":', b'"Rows":', 1))

    newer = make(backup_settings, filled, vault, actor="test")

    good, bad = vault.listing()
    assert (good.id, bad.id) == (newer.id, made.id)
    assert bad.problem == "Its manifest is not as it was signed."


def test_a_database_that_knows_nothing_learns_what_the_store_has(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest
) -> None:
    with filled.transaction() as session:
        session.execute(text("DELETE FROM backups"))

    newer = make(backup_settings, filled, vault, actor="test")

    assert [record.id for record in listed(filled)] == [newer.id, made.id]


def test_the_dump_is_compressed_as_it_comes(made: Manifest) -> None:
    assert made.bytes < made.dump_bytes / 3
    assert create.LEVEL == 3  # benchmarks/backup.py compares at the same


def test_what_another_platform_of_the_same_store_is_making_is_left_to_it(
    backup_settings: Settings, filled: Database, vault: Vault, store: Path
) -> None:
    theirs = store / "backups" / str(new_id()) / "part-00001"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"half of one")

    make(backup_settings, filled, vault, actor="test")

    assert theirs.exists()


def test_one_whose_parts_are_gone_is_not_concluded(
    vault: Vault, made: Manifest, store: Path
) -> None:
    (store / "backups" / str(made.id) / "part-00001").unlink()

    with pytest.raises(Tampered, match="part 1 is gone again"):
        vault.conclude(made)
