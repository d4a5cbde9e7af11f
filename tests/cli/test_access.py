"""The command finds the platform and its key, and hands a key to its own platform only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.access import Access, find_access
from cli.exits import CommandFailed, Exit

SAVED = Access("http://127.0.0.1:8000", "npk_saved")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "access.json").write_text(
        json.dumps({"url": SAVED.url + "/", "api_key": SAVED.key})
    )
    return tmp_path


def test_options_win_over_the_environment_and_that_over_the_file(checkout: Path) -> None:
    environ = {"NUTRITION_URL": "http://there", "NUTRITION_API_KEY": "npk_there"}

    assert find_access("http://here", "npk_here", environ, (checkout,)).url == "http://here"
    assert find_access(None, None, environ, (checkout,)) == Access("http://there", "npk_there")
    assert find_access(None, None, {}, (checkout,)) == SAVED


def test_an_operators_command_takes_the_administrators_key_where_there_is_one(
    checkout: Path,
) -> None:
    assert find_access(None, None, {}, (checkout,), admin=True) == SAVED  # of an older release

    file = checkout / "var" / "access.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"admin_key": "npk_admin"}))
    environ = {"NUTRITION_API_KEY": "npk_there", "NUTRITION_URL": "http://there"}

    assert find_access(None, None, {}, (checkout,), admin=True).key == "npk_admin"
    assert find_access(None, None, {}, (checkout,)).key == SAVED.key
    assert find_access(None, None, environ, (checkout,), admin=True).key == "npk_there"
    environ["NUTRITION_ADMIN_KEY"] = "npk_theirs"
    assert find_access(None, None, environ, (checkout,), admin=True).key == "npk_theirs"


def test_the_first_folder_that_has_the_file_decides(checkout: Path, tmp_path: Path) -> None:
    assert find_access(None, None, {}, (tmp_path / "elsewhere", checkout)) == SAVED


def test_the_saved_key_is_not_handed_to_another_platform(checkout: Path) -> None:
    with pytest.raises(CommandFailed, match="No API key is known for https://else") as refused:
        find_access("https://elsewhere", None, {}, (checkout,))

    assert refused.value.code is Exit.REFUSED
    assert find_access(SAVED.url, None, {}, (checkout,)).key == SAVED.key


def test_a_saved_address_serves_a_key_that_is_named(checkout: Path) -> None:
    assert find_access(None, "npk_mine", {}, (checkout,)) == Access(SAVED.url, "npk_mine")


@pytest.mark.parametrize(
    ("url", "key", "message"),
    [
        (None, None, "No platform is known here"),
        ("127.0.0.1:8000", "npk_x", "no http:// or https:// address"),
        ("http://127.0.0.1", "npk_x\n", "characters that no key has"),
    ],
)
def test_what_is_missing_or_malformed_is_said(
    url: str | None, key: str | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandFailed, match=message):
        find_access(url, key, {}, (tmp_path,))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"url": 1, "api_key": "npk_x"}'])
def test_a_damaged_file_is_named(content: str, checkout: Path) -> None:
    (checkout / "var" / "access.json").write_text(content)

    with pytest.raises(CommandFailed, match=r"access\.json is damaged"):
        find_access(None, None, {}, (checkout,))


def test_the_key_is_not_shown_by_accident() -> None:
    assert SAVED.key not in repr(SAVED)
