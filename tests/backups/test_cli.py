"""`nutrition backup`: made, listed, verified, restored, also where the platform is down."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cli.exits import Exit
from cli.local_database import running
from embedded import environment
from embedded.engines import Installation
from embedded.home import Home
from kernel.database import Database
from kernel.settings import Settings
from services.backups.manifest import Manifest
from tests.backups.conftest import tables_of
from tests.cli.conftest import Command


@pytest.fixture
def backup(
    command: Command,
    backup_settings: Settings,
    filled: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Runs `nutrition backup` with an operator's environment."""
    for name in (
        "database_url",
        "database_owner_url",
        "redis_url",
        "object_store_url",
        "backup_key",
        "work_folder",
    ):
        monkeypatch.setenv(name.upper(), getattr(backup_settings, name))
    return command


def test_one_is_made_listed_and_verified(backup: Command) -> None:
    assert "There are no backups." in backup("backup", "list").out

    made = backup("backup", "create", "--json").json
    listed = backup("backup", "list", "--json").json

    assert listed == [made]
    assert made["tables"]["public.jobs_archive"]["rows"] == 401
    assert made["id"] in backup("backup", "list").out
    assert "is as it was written" in backup("backup", "verify").out
    assert backup("backup", "verify", made["id"], "--json").json == made


def test_it_is_restored_with_what_to_do_next(backup: Command, made: Manifest, target: str) -> None:
    result = backup("backup", "restore", "latest", "--to", target)

    assert result.code == Exit.OK, result.err
    assert "nutrition queues resume notifications" in result.out
    assert "nutrition keys list" in result.out
    assert "No tombstone" in result.out
    assert "accounts" in tables_of(target)
    refused = backup("backup", "restore", made.id, "--to", target)
    assert refused.code == Exit.FAILED
    assert f"--into-non-empty {target.rpartition('/')[2]}" in refused.err


def test_what_is_wrong_is_said(
    backup: Command, made: Manifest, target: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backup("backup", "verify", "yesterday").code == Exit.USAGE
    assert backup("backup", "verify", "01900000-0000-7000-8000-000000000000").code == 5
    part = store / "backups" / str(made.id) / "part-00001"
    part.write_bytes(part.read_bytes()[:-1])
    assert "part 1 has" in backup("backup", "verify").err
    assert backup("backup", "restore", "latest", "--to", target).code == Exit.FAILED
    assert tables_of(target) == set()
    monkeypatch.setenv("BACKUP_KEY", "ab" * 32)
    assert "BACKUP_KEY repeats itself" in backup("backup", "list").err
    monkeypatch.delenv("BACKUP_KEY")
    assert "BACKUP_KEY is not set" in backup("backup", "list").err


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A checkout whose platform was started once and is down."""
    home = Home(tmp_path / "checkout")
    home.check()
    installation = Installation(home.var)
    installation.postgres.prepare()
    environment.save(home, environment.compose(home, installation, {}))
    monkeypatch.setattr("cli.local_database.checkouts", lambda: (home.root,))
    return home


def test_the_database_of_a_platform_that_is_down_is_started_for_the_command(
    stopped: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Settings.read(environment.read(stopped.environment))
    original = subprocess.Popen
    # `python -m embedded` works on the checkout that it lies in; here it is to be another.
    script = (
        "import sys; from pathlib import Path; from embedded import launch; "
        "from embedded.home import Home; "
        f"sys.exit(launch.database(Home(Path({str(stopped.root)!r}))))"
    )

    def start(words: list[str], **more: object) -> object:
        if words[1:] == ["-m", "embedded", "database"]:
            words, more = [words[0], "-c", script], more | {"cwd": None}
        return original(words, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("cli.local_database.subprocess.Popen", start)

    with running(here) as found, psycopg.connect(found.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(here.database_url)


def test_somebody_else_s_database_is_theirs_to_start(backup_settings: Settings) -> None:
    away = replace(backup_settings, database_url="postgresql://a:b@127.0.0.1:1/c")

    with running(away) as found:
        assert found is away


def test_json_is_all_that_goes_to_standard_output(backup: Command) -> None:
    json.loads(backup("backup", "create", "--json").out)
