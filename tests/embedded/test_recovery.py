"""Whatever the last run left behind, the next start comes up, with the data and without victims."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from embedded.engines import Engines
from embedded.errors import EmbeddedError
from tests.embedded.test_engines import client


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with us."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def row_count(engines: Engines) -> int:
    """Rows of the table that `write_row` made."""
    with psycopg.connect(engines.env["DATABASE_URL"]) as app:
        (count,) = app.execute("SELECT count(*) FROM kept").fetchone() or (0,)
        return int(count)


def write_row(engines: Engines) -> None:
    """Commit one row, in a table that the platform's role may read."""
    with psycopg.connect(engines.env["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (i int)")
        owner.execute("GRANT SELECT ON kept TO nutrition_app")
        owner.execute("TRUNCATE kept")
        owner.execute("INSERT INTO kept VALUES (1)")


def test_what_was_committed_survives_sigkill_and_the_port_stays(engines: Engines):
    write_row(engines)
    before = dict(engines.env)

    engines.postgres.kill()
    engines.postgres.start()

    assert engines.env == before
    assert row_count(engines) == 1


def on_disk(engines: Engines, key: str, value: str) -> None:
    """Write to the queue and wait for the fsync: of its own connection, which WAITAOF is about."""
    writer = client(engines)
    writer.set(key, value)
    assert writer.execute_command("WAITAOF", 1, 0, 10_000)[0] == 1


def test_what_the_queue_had_on_disk_survives_sigkill(engines: Engines):
    on_disk(engines, "told", "once")

    engines.queue.kill()
    engines.queue.start()

    assert client(engines).get("told") == "once"


def test_the_queue_can_be_restarted_empty(engines: Engines):
    on_disk(engines, "told", "once")

    engines.queue.kill()
    engines.queue.start(empty=True)

    assert client(engines).get("told") is None


def test_a_cache_restarts_empty(engines: Engines):
    cache = client(engines, "CACHE_REDIS_URL")
    cache.set("seen", "once")

    engines.cache.stop()
    with pytest.raises(redis.ConnectionError):
        cache.ping()
    engines.cache.start()

    assert cache.get("seen") is None


def test_a_half_written_last_command_is_dropped_and_the_rest_kept(engines: Engines, folder: Path):
    on_disk(engines, "first", "whole")
    on_disk(engines, "second", "torn")
    engines.queue.kill()
    (file,) = (folder / "queue" / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(file.read_bytes()[:-4])

    engines.queue.start()

    assert client(engines).get("first") == "whole"
    assert client(engines).get("second") is None


def test_a_damaged_queue_file_is_set_aside_and_the_queue_starts_empty(
    engines: Engines, folder: Path
):
    on_disk(engines, "first", "whole")
    engines.queue.kill()
    (file,) = (folder / "queue" / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(b"*x nonsense" + file.read_bytes())

    engines.queue.start()

    assert client(engines).dbsize() == 0
    assert list((folder / "queue").glob("damaged-*/*.incr.aof"))


def test_a_pid_that_passed_on_to_somebody_else_is_left_alone(
    engines: Engines, folder: Path, bystander: "subprocess.Popen[bytes]"
):
    engines.postgres.kill()
    lock = folder / "postgres" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")

    engines.postgres.start()

    assert bystander.poll() is None


def test_servers_that_outlived_their_supervisor_are_ended_and_replaced(
    engines: Engines, folder: Path
):
    write_row(engines)
    old = {child.pid for child in (engines.postgres, engines.queue, engines.cache)}

    with Engines(folder) as next_run:
        assert row_count(next_run) == 1
        new = {child.pid for child in (next_run.postgres, next_run.queue, next_run.cache)}
        assert not old & new
        # Zombies until their parent, which is this process, looks.
        assert all(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE for pid in old if pid)

    engines.start()


def test_a_port_that_somebody_took_meanwhile_is_chosen_anew(engines: Engines):
    taken = psycopg.conninfo.conninfo_to_dict(engines.env["DATABASE_URL"])["port"]
    engines.postgres.stop()

    with socket.create_server(("127.0.0.1", int(taken))):
        engines.postgres.start()

    assert psycopg.conninfo.conninfo_to_dict(engines.env["DATABASE_URL"])["port"] != taken
    with psycopg.connect(engines.env["DATABASE_URL"]):
        pass


def test_a_half_made_cluster_is_thrown_away(tmp_path: Path):
    folder = tmp_path / "half made"
    (folder / "postgres.new-1234" / "base").mkdir(parents=True)

    with Engines(folder, durable=False) as engines, psycopg.connect(engines.env["DATABASE_URL"]):
        assert not list(folder.glob("postgres.new-*"))


def test_lost_passwords_are_reported_with_the_way_out(tmp_path: Path):
    folder = tmp_path / "lost"
    with Engines(folder, durable=False):
        pass
    (folder / "engines.json").unlink()

    with pytest.raises(EmbeddedError, match=r"restore engines\.json, or remove"):
        Engines(folder).start()

    shutil.rmtree(folder)


def test_a_damaged_state_file_is_reported_with_its_path(tmp_path: Path):
    (tmp_path / "engines.json").write_text(json.dumps(["not", "ours"]))

    with pytest.raises(EmbeddedError, match=r"engines\.json is damaged"):
        Engines(tmp_path)
