"""A backup is tested by restoring it; nothing of that stays."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kernel.database import Database
from kernel.errors import NotFound
from kernel.settings import Settings
from services.backups import records, throwaway
from services.backups.drill import drill
from services.backups.keys import Tampered
from services.backups.manifest import Manifest
from services.backups.vault import Vault
from tests.processes import eventually


class Boom(Exception):
    """The test's own."""


def left(settings: Settings) -> list[Path]:
    return list(settings.work.glob("drill-*"))


def servers(folder: Path) -> list[psutil.Process]:
    """Servers that were started on a folder within *folder*."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and str(folder) in str(process.info["cmdline"])
    ]


def test_it_is_recorded_how_long_it_took_and_how_old_the_newest_row_was(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest
) -> None:
    outcome = drill(backup_settings, filled, vault)

    with filled.transaction() as session:
        record = records.find(session, made.id)
    assert (outcome.backup_id, outcome.rows) == (made.id, made.rows)
    assert record.verified_at is not None
    assert record.restore_seconds == pytest.approx(outcome.restore_seconds)
    assert record.age_seconds is not None
    assert record.age_seconds > 0
    assert left(backup_settings) == []
    assert servers(backup_settings.work) == []


def test_one_that_was_damaged_is_told_before_a_server_is_asked(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest, store: Path
) -> None:
    part = store / "backups" / str(made.id) / "part-00001"
    part.write_bytes(part.read_bytes()[:-3])

    with pytest.raises(Tampered):
        drill(backup_settings, filled, vault, made.id)

    with filled.transaction() as session:
        record = records.find(session, made.id)
    assert record.verified_at is None
    assert record.drill_failed_at is not None
    assert "part 1 has" in (record.error or "")
    assert left(backup_settings) == []


def test_one_that_restores_to_something_else_is_told(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest
) -> None:
    digest = made.tables["public.accounts"]
    wrong = replace(made, tables={**made.tables, "public.accounts": replace(digest, rows=1)})
    vault.conclude(wrong)

    with pytest.raises(Tampered, match=r"public\.accounts"):
        drill(backup_settings, filled, vault, made.id)


def test_one_that_is_stopped_leaves_no_server(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest
) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Boom

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Boom):
        patch.setattr("services.backups.drill.LOOK", 0.01)
        drill(backup_settings, filled, vault, made.id, stop)

    assert left(backup_settings) == []
    assert servers(backup_settings.work) == []


def test_what_a_killed_one_left_is_ended_and_removed(
    backup_settings: Settings, filled: Database, vault: Vault, made: Manifest
) -> None:
    # As after SIGKILL: the context is entered and never left.
    abandoned = throwaway.throwaway(backup_settings.work)
    abandoned.__enter__()
    orphans = servers(backup_settings.work)
    assert orphans
    assert left(backup_settings)

    drill(backup_settings, filled, vault, made.id)

    eventually("the orphan is gone", lambda: not servers(backup_settings.work))
    assert left(backup_settings) == []


def test_a_throwaway_server_listens_to_nobody_else(backup_settings: Settings) -> None:
    with throwaway.throwaway(backup_settings.work) as server:
        (process,) = [
            one for one in servers(backup_settings.work) if one.ppid() == psutil.Process().pid
        ]
        assert [one for one in process.net_connections() if one.status == "LISTEN"] == []
        (folder,) = left(backup_settings)
        assert folder.stat().st_mode & 0o077 == 0
        process.send_signal(signal.SIGQUIT)
        process.wait()
        server.kill()  # once more does no harm


def test_a_deep_folder_is_no_obstacle(backup_settings: Settings, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with throwaway.throwaway(deep) as server:
        server.prepare("drill", "someone", ["other"])

    assert list(deep.glob("*")) == []


def test_there_must_be_something_to_test(
    backup_settings: Settings, filled: Database, vault: Vault
) -> None:
    with pytest.raises(NotFound, match="no backup to test"):
        drill(backup_settings, filled, vault)
