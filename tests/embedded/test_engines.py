"""The embedded engines are what production runs: private, durable, with lesser roles."""

import stat
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from embedded.engines import Engines

ONCE = Retry(NoBackoff(), 0)


def with_password(url: str, password: str) -> str:
    """*url* with another password."""
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(netloc=f"{parts.username}:{password}@{parts.netloc.split('@')[1]}")
    )


def client(engines: Engines, name: str = "REDIS_URL") -> redis.Redis:
    """A client of one of the Valkeys."""
    return redis.Redis.from_url(engines.env[name], decode_responses=True, retry=ONCE)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"])
def test_no_role_of_the_database_gets_in_with_a_wrong_password(engines: Engines, name: str):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(with_password(engines.env[name], "wrong"))


@pytest.mark.parametrize("name", ["REDIS_URL", "CACHE_REDIS_URL"])
def test_a_valkey_answers_nobody_without_the_password(engines: Engines, name: str):
    parts = urlsplit(engines.env[name])
    stranger = redis.Redis(host=parts.hostname or "", port=parts.port or 0, retry=ONCE)

    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_engines_listen_on_the_loopback_address_alone(engines: Engines):
    for child in (engines.postgres, engines.queue, engines.cache):
        listening = [
            connection.laddr.ip
            for connection in psutil.Process(child.pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"], child.engine.name


def test_no_command_line_and_no_environment_of_an_engine_shows_a_password(engines: Engines):
    passwords = {urlsplit(url).password for url in engines.env.values()}

    for child in (engines.postgres, engines.queue, engines.cache):
        process = psutil.Process(child.pid)
        shown = " ".join([*process.cmdline(), *process.environ().values()])
        assert not [password for password in passwords if password and password in shown]


def test_what_holds_passwords_is_readable_by_its_owner_alone(engines: Engines, folder: Path):
    for path in (folder / "engines.json", folder / "queue" / "valkey.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_platform_s_role_cannot_change_the_schema(engines: Engines):
    with psycopg.connect(engines.env["DATABASE_URL"], autocommit=True) as app:
        for statement in ("CREATE TABLE t (i int)", "CREATE SCHEMA s", "CREATE ROLE r"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)


def test_the_owner_s_role_makes_tables_and_is_no_superuser(engines: Engines):
    with psycopg.connect(engines.env["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE made_by_owner (i int)")
        (is_superuser,) = (
            owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            or ()
        )
        owner.rollback()

    assert is_superuser is False


def test_text_beyond_ascii_is_searched_and_folded(engines: Engines):
    with psycopg.connect(engines.env["DATABASE_URL"]) as app:
        row = app.execute(
            "SELECT show_trgm('Żółć') <> '{}', lower('ŻÓŁĆ'), unaccent('crème brûlée'), "
            "current_setting('server_encoding')"
        ).fetchone()

    assert row == (True, "żółć", "creme brulee", "UTF8")


def test_a_commit_waits_for_the_disk(engines: Engines):
    with psycopg.connect(engines.env["DATABASE_URL"]) as app:
        row = app.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()

    assert row == ("on", "on")


def test_the_queue_refuses_when_full_and_the_cache_forgets(engines: Engines):
    assert client(engines).info("memory")["maxmemory_policy"] == "noeviction"
    assert client(engines, "CACHE_REDIS_URL").info("memory")["maxmemory_policy"] == "allkeys-lfu"


def test_a_client_cannot_reconfigure_or_stop_a_valkey(engines: Engines):
    # CONFIG SET tls-port would crash this build.
    for words in (("CONFIG", "SET", "tls-port", "1"), ("SHUTDOWN",), ("ACL", "LIST")):
        with pytest.raises(redis.exceptions.NoPermissionError):
            client(engines).execute_command(*words)


def test_the_engines_stop_with_their_context(tmp_path: Path):
    with Engines(tmp_path / "an other", durable=False) as others:
        running = [
            psutil.Process(child.pid) for child in (others.postgres, others.queue, others.cache)
        ]

    assert not [process for process in running if process.is_running()]
