"""Operator commands on the real database: keys, the schema, the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.exits import CommandFailed, Exit
from cli.operator import settings as settings_of
from kernel.database import Database
from kernel.errors import SettingsError, Unauthenticated
from kernel.settings import Settings
from services.accounts import keys
from tests.cli.conftest import Command

SAVED = "# Written at every start\nDATABASE_URL='postgresql://a b@h/db'\nREDIS_URL=redis://r\n"


def test_a_key_is_made_that_works_and_revoked_that_does_not(
    operator: Command, database: Database
) -> None:
    made = operator("keys", "create", "--name", "local", "--role", "admin", "--json").json
    with database.transaction() as session:
        assert keys.authenticate(session, made["api_key"]).role == "admin"
    listed = [json.loads(line) for line in operator("keys", "list", "--json").out.splitlines()]
    assert [(key["id"], key["name"]) for key in listed] == [(made["id"], "local")]

    assert operator("keys", "revoke", made["id"]).code == Exit.OK

    with database.transaction() as session, pytest.raises(Unauthenticated):
        keys.authenticate(session, made["api_key"])


def test_the_secret_alone_goes_to_standard_output(operator: Command) -> None:
    result = operator("keys", "create", "--name", "ci")

    assert result.out.startswith("npk_")
    assert result.out.count("\n") == 1
    assert "not shown again" in result.err


def test_a_key_can_be_narrow_and_can_expire(operator: Command) -> None:
    narrow = "--scopes", "foods:read, jobs:read", "--expires", "2999-12-31"

    made = operator("keys", "create", "--name", "ci", *narrow, "--json").json

    assert made["scopes"] == ["foods:read", "jobs:read"]
    assert made["expires_at"] == "2999-12-31T00:00:00Z"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--scopes", "fods:read"), "Did you mean foods:read?"),
        (("--expires", "2001-01-01"), "has passed already"),
        (("--expires", "tomorrow"), "Invalid value for '--expires'"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    operator: Command, words: tuple[str, str], message: str
) -> None:
    result = operator("keys", "create", "--name", "ci", *words)

    assert result.code == Exit.USAGE
    assert message in result.err
    assert operator("keys", "list").code == Exit.NOT_FOUND  # not even its account


def test_a_key_that_a_file_holds_and_that_works_is_kept(operator: Command, tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    create = "keys", "create", "--name", "local", "--if-missing-file", file, "--json"
    first = operator(*create).json
    file.write_text(json.dumps({"url": "http://x", "api_key": first["api_key"]}))

    assert operator(*create).json == {"api_key": first["api_key"]}

    operator("keys", "revoke", first["id"])
    assert operator(*create).json["api_key"] != first["api_key"]


@pytest.mark.parametrize("text", ["", "[]", '{"api_key": 7}', "not json", '{"api_key": "npk_x"}'])
def test_a_file_that_holds_no_key_has_one_made(
    operator: Command, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "access.json"
    file.write_text(text)

    made = operator("keys", "create", "--name", "local", "--if-missing-file", file)

    assert made.out.startswith("npk_")


def test_an_unknown_account_or_key_is_not_found(operator: Command) -> None:
    unknown = "01900000-0000-7000-8000-000000000000"
    operator("keys", "create", "--name", "ci")

    assert operator("keys", "list", "--account", "nobody").code == Exit.NOT_FOUND
    assert operator("keys", "revoke", unknown).code == Exit.NOT_FOUND


def test_a_schema_at_its_newest_revision_is_left_alone(operator: Command) -> None:
    shown = operator("migrate", "--show", "--json").json

    assert shown["pending"] == []
    assert operator("migrate", "--json").json["before"] == shown["head"]
    assert operator("migrate", "--to", "9999").code == Exit.USAGE


def test_a_schema_of_a_newer_release_is_left_alone_and_the_older_one_starts(
    operator: Command, settings: Settings
) -> None:
    """After a roll-back: old code runs on the new schema, so its start script goes on."""
    owner = Database(settings.database_owner_url, pool=1)
    with owner.transaction() as session:
        before = session.scalar(
            text("UPDATE alembic_version SET version_num = '9998' RETURNING old.version_num")
        )
    try:
        left = operator("migrate")
        assert (left.code, "newer release" in left.out) == (0, True)
        assert operator("migrate", "--to", "base").code != 0
    finally:
        with owner.transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})
        owner.close()


def test_a_catalogue_that_is_loaded_already_is_left_alone(operator: Command) -> None:
    report = operator("foods", "load", "--json").json

    assert (report["loaded"], report["foods"]) == (False, 8789)
    assert "loaded already" in operator("foods", "load").out


def test_a_role_that_may_not_is_told_what_the_command_needs(
    operator: Command, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", settings.database_url)
    without_aliases = tmp_path / "sr28.npz"  # another digest, and so another catalogue
    without_aliases.symlink_to(settings.data / "sr28.npz")

    result = operator("foods", "load", "--archive", without_aliases)

    assert result.code == Exit.REFUSED
    assert "DATABASE_OWNER_URL" in result.err


def test_a_file_that_is_no_catalogue_is_refused(operator: Command, tmp_path: Path) -> None:
    (tmp_path / "other.npz").write_text("hello")

    result = operator("foods", "load", "--archive", tmp_path / "other.npz")

    assert result.code == Exit.USAGE
    assert "other.npz is no food catalogue" in result.err


def test_a_database_that_is_away_is_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9")

    for words in (("keys", "list"), ("migrate",)):
        result = command(*words)

        assert result.code == Exit.UNREACHABLE
        assert "out of reach" in result.err


def test_saved_settings_serve_where_the_environment_names_no_database(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "platform.env").write_text(SAVED)

    assert settings_of({}, (tmp_path,)).database_url == "postgresql://a b@h/db"
    assert settings_of({"REDIS_URL": "redis://mine"}, (tmp_path,)).redis_url == "redis://mine"


def test_a_database_of_the_environment_is_never_mixed_with_saved_settings(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "platform.env").write_text(SAVED + "DATABASE_OWNER_URL=postgresql://own/db")

    with pytest.raises(SettingsError, match="REDIS_URL"):
        settings_of({"DATABASE_URL": "postgresql://theirs/db"}, (tmp_path,))


def test_damaged_settings_are_named(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "platform.env").write_text("A='never closed")

    with pytest.raises(CommandFailed, match=r"platform\.env is damaged"):
        settings_of({}, (tmp_path,))
