"""The platform's environment: what the caller set wins, what was generated is kept."""

from pathlib import Path

import pytest

from embedded import environment
from embedded.engines import Installation
from embedded.environment import Platform
from embedded.errors import EmbeddedError
from embedded.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that has never been started."""
    made = Home(tmp_path / "a home")
    made.check()
    return made


def compose(home: Home, **caller: str) -> Platform:
    """The decision for a caller who set these."""
    return environment.compose(home, Installation(home.var), caller)


def test_secrets_are_made_once_and_kept(home: Home):
    first = compose(home)
    environment.save(home, first)

    assert compose(home) == first
    assert len(first.variables["JWT_SECRET"]) >= 32


def test_what_is_saved_reads_back_whatever_is_in_it(home: Home):
    awkward = {"JWT_SECRET": 'it\'s # a = "secret"  ü\n$HOME', "REDIS_URL": "redis://:p'w@h/0"}
    environment.save(home, compose(home, **awkward))

    assert environment.read(home.environment).items() >= awkward.items()


def test_a_damaged_file_is_named_with_the_way_out(home: Home):
    home.environment.write_text("JWT_SECRET='never closed")

    with pytest.raises(EmbeddedError, match=r"platform\.env is damaged.*mend it, or remove it"):
        compose(home)


def test_a_file_with_secrets_is_its_owner_s_alone(home: Home):
    environment.save(home, compose(home))

    assert home.environment.stat().st_mode & 0o077 == 0


def test_what_the_caller_set_wins(home: Home):
    decided = compose(home, WEB_PORT="8001", JWT_SECRET="theirs")

    assert decided.variables["WEB_PORT"] == "8001"
    assert decided.variables["JWT_SECRET"] == "theirs"
    assert decided.url == "http://127.0.0.1:8001"


def test_a_given_database_replaces_ours_for_owner_and_platform(home: Home):
    decided = compose(home, DATABASE_URL="postgresql://u:p@db/n")

    assert (decided.own_database, decided.own_redis) == (False, True)
    assert decided.variables["DATABASE_OWNER_URL"] == "postgresql://u:p@db/n"


def test_a_given_redis_alone_serves_as_cache_too(home: Home):
    decided = compose(home, REDIS_URL="redis://r/0")

    assert (decided.own_database, decided.own_redis) == (True, False)
    assert decided.variables["CACHE_REDIS_URL"] == "redis://r/0"


def test_our_own_addresses_handed_back_are_still_our_engines(home: Home):
    environment.save(home, compose(home))
    exported = environment.read(home.environment)

    decided = compose(home, **exported)

    assert (decided.own_database, decided.own_redis) == (True, True)


def test_the_saved_file_does_not_mark_a_shell_that_reads_it_as_ours(home: Home):
    # Whatever carries the marker is ended by `down`.
    environment.save(home, compose(home))

    assert "NUTRITION_HOME" not in home.environment.read_text()


def test_serving_does_not_know_the_schema_owner_s_address(home: Home):
    assert "DATABASE_OWNER_URL" not in compose(home).lesser()


def test_the_object_store_is_an_address_that_survives_spaces(home: Home):
    assert compose(home).variables["OBJECT_STORE_URL"].endswith("/a%20home/var/objects")


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1", "80 80"])
def test_a_port_that_is_none_is_named_with_its_variable(home: Home, value: str):
    with pytest.raises(EmbeddedError, match=r"WEB_PORT is .* must be a port"):
        _ = compose(home, WEB_PORT=value).ports


def test_metrics_have_a_port_that_stays_and_may_be_turned_off(home: Home):
    first = compose(home)
    environment.save(home, first)

    assert compose(home).metrics_url == first.metrics_url
    assert first.ports["METRICS_PORT"] > 0
    off = compose(home, METRICS_PORT="0")
    assert off.metrics_url is None
    assert "METRICS_PORT" not in off.ports
