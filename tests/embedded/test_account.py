"""Root never runs PostgreSQL as root, and no one's folder is opened for it."""

import os
from pathlib import Path

import psutil
import psycopg
import pytest

from embedded.engines import Engines
from kernel.account import Account, lesser_account
from kernel.postgres_programs import postgres_programs

AS_ROOT = os.geteuid() == 0


def server(engines: Engines) -> psutil.Process:
    """The running PostgreSQL."""
    return psutil.Process(engines.postgres.pid)


def test_an_ordinary_user_runs_the_server_as_themselves_and_root_by_a_lesser_account(
    tmp_path: Path,
):
    account = lesser_account(postgres_programs() / "postgres", tmp_path, tmp_path / "postgres")

    assert (account == Account()) is not AS_ROOT


def test_a_private_folder_stays_private(tmp_path: Path):
    home = tmp_path / "private home"
    home.mkdir(mode=0o700)

    with Engines(home / "var", durable=False) as engines:
        with psycopg.connect(engines.env["DATABASE_URL"]):
            pass
        assert server(engines).name() == "postgres"

    assert home.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_becomes_private_between_two_starts_still_starts(
    tmp_path_factory: pytest.TempPathFactory,
):
    # Open above, as far as a test may go: for root, pytest's own folder keeps nobody out already.
    home = tmp_path_factory.mktemp("open home")
    home.chmod(0o755)
    with Engines(home / "var", durable=False) as engines:
        engines.postgres.stop()
        if AS_ROOT:
            # As an earlier start left it that could run as nobody.
            Account(uid=65534, gid=65534).give(home / "var" / "postgres")
        home.chmod(0o700)

    with (
        Engines(home / "var", durable=False) as engines,
        psycopg.connect(engines.env["DATABASE_URL"]),
    ):
        pass
