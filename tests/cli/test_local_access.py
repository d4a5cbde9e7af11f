"""The launcher's var/access.json: a key by `nutrition keys create --if-missing-file`."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from embedded.environment import Platform
from embedded.home import Home
from embedded.platform import ensure_access
from kernel.database import Database
from kernel.settings import Settings
from services.accounts import keys
from services.accounts.scopes import scopes_of
from tests.conftest import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "a home")
    made.check()
    return made


@pytest.fixture
def platform(settings: Settings, database: Database) -> Platform:
    """What a start decided, on the tests' engines."""
    variables = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "WEB_PORT": "8000",
        "FLOWER_PORT": "5555",
        "FLOWER_BASIC_AUTH": "nutrition:for:flower",
        "PYTHONPATH": str(ROOT),  # this code, wherever its home lies
    }
    return Platform(variables, own_database=True, own_redis=True)


def read(home: Home) -> dict[str, str]:
    saved: dict[str, str] = json.loads(home.access.read_text())
    return saved


def test_the_first_start_makes_a_key_that_works(
    home: Home, platform: Platform, database: Database
) -> None:
    ensure_access(home, platform)

    saved = read(home)
    assert saved["url"] == "http://127.0.0.1:8000"
    assert (saved["flower_user"], saved["flower_password"]) == ("nutrition", "for:flower")
    assert home.access.stat().st_mode & 0o077 == 0
    with database.transaction() as session:
        assert keys.authenticate(session, saved["api_key"]).role == "admin"


def test_a_key_is_kept_while_it_works_and_replaced_when_it_is_revoked(
    home: Home, platform: Platform, database: Database
) -> None:
    ensure_access(home, platform)
    first, administrators = read(home)["api_key"], read(home)["admin_key"]

    ensure_access(home, platform)
    assert read(home)["api_key"] == first

    with database.transaction() as session:
        account = keys.find_account(session, "default")
        assert account is not None
        for key in keys.listing(session, account.id):
            if first.startswith(key.hint):
                keys.revoke(session, account.id, key.id)
    ensure_access(home, platform)
    assert read(home)["api_key"] != first
    assert read(home)["admin_key"] == administrators


def test_a_file_of_an_older_release_gains_an_administrators_key(
    home: Home, platform: Platform, database: Database
) -> None:
    ensure_access(home, platform)
    saved = read(home)
    home.access.write_text(json.dumps({"url": saved["url"], "api_key": saved["api_key"]}))

    ensure_access(home, platform)

    assert read(home)["api_key"] == saved["api_key"]
    with database.transaction() as session:
        caller = keys.authenticate(session, read(home)["admin_key"])
    assert caller.scopes == set(scopes_of("admin"))


def test_a_key_that_may_less_than_a_fresh_one_is_replaced(
    home: Home, platform: Platform, database: Database
) -> None:
    ensure_access(home, platform)
    saved = read(home)
    with database.transaction() as session:
        session.execute(text("UPDATE api_keys SET scopes = array_remove(scopes, 'users:read')"))

    ensure_access(home, platform)

    assert read(home)["admin_key"] != saved["admin_key"]
    with database.transaction() as session:
        assert keys.authenticate(session, saved["admin_key"]).role == "admin"  # it still works


def test_a_damaged_file_is_written_anew(home: Home, platform: Platform) -> None:
    home.access.write_text("not json")

    ensure_access(home, platform)

    assert read(home)["api_key"].startswith("npk_")
