"""A backup restored elsewhere is what was there, or nothing is written."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import services.kinds  # noqa: F401  # the rule that holds notifications names their queue
from kernel.database import Database
from kernel.errors import Conflict, Forbidden
from kernel.objects import Objects
from kernel.settings import Settings
from services.backups.keys import Keys, Tampered, UnknownKey
from services.backups.make import make
from services.backups.manifest import Manifest, write
from services.backups.opening import Opening
from services.backups.restore import restore
from services.backups.snapshot import connect, digests
from services.backups.vault import Vault
from services.privacy import tombstones
from services.privacy.again import apply_tombstones
from tests.backups.conftest import AWKWARD, tables_of


class Boom(Exception):
    """The test's own."""


def fail(_session: Session) -> None:
    raise Boom


def part(store: Path, made: Manifest, number: int = 1) -> Path:
    return store / "backups" / str(made.id) / f"part-{number:05d}"


def test_what_was_backed_up_under_writes_is_equal_at_the_snapshot(
    backup_settings: Settings, filled: Database, vault: Vault, target: str
) -> None:
    over, wrote = threading.Event(), threading.Event()

    def keep_writing() -> None:
        while not over.is_set():
            with filled.transaction() as session:
                session.execute(text("INSERT INTO accounts VALUES (uuidv7(), uuidv7()::text)"))
                session.execute(text("UPDATE jobs_archive SET attempts = attempts + 1"))
            wrote.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    wrote.wait()
    try:
        made = make(backup_settings, filled, vault, actor="test")
        wrote.clear()
        wrote.wait()
    finally:
        over.set()
        writer.join()

    restore(target, vault, made)

    with connect(target) as restored, connect(backup_settings.database_url) as live:
        held, _ = digests(restored)
        now, _ = digests(live)
        names = {name for (name,) in restored.execute("SELECT name FROM accounts")}
    assert held == made.tables
    assert now["public.accounts"].rows > held["public.accounts"].rows
    assert held["public.jobs_archive"].rows == 401
    assert {f"{number}{name}" for number, name in enumerate(AWKWARD)} <= names


def test_the_platform_s_role_can_use_what_was_restored(
    backup_settings: Settings, vault: Vault, made: Manifest, target: str
) -> None:
    restore(target, vault, made)

    as_app = backup_settings.database_url.rpartition("/")[0] + "/" + target.rpartition("/")[2]
    with psycopg.connect(as_app) as connection:
        connection.execute("INSERT INTO accounts (id, name) VALUES (uuidv7(), 'new')")
        connection.execute("SELECT ensure_partitions(1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE theirs (a int)")


def test_each_kind_of_damage_is_found_before_anything_is_written(
    backup_settings: Settings,
    filled: Database,
    vault: Vault,
    made: Manifest,
    target: str,
    store: Path,
) -> None:
    other = make(backup_settings, filled, vault, actor="test")
    whole = part(store, made).read_bytes()
    manifest_file = part(store, made).with_name("manifest")

    def flipped(at: int) -> bytes:
        changed = bytearray(whole)
        changed[at] ^= 1
        return bytes(changed)

    damages = {
        "header": flipped(20),
        "middle": flipped(len(whole) // 2),
        "last": flipped(-1),
        "truncated": whole[:-1],
        "longer": whole + b"\0",
        "another's": part(store, other).read_bytes(),
    }
    for name, damaged in damages.items():
        part(store, made).write_bytes(damaged)
        with pytest.raises(Tampered):
            restore(target, vault, vault.find(made.id))
        assert tables_of(target) == set(), name
    part(store, made).unlink()
    with pytest.raises(Tampered, match="part 1 is missing"):
        restore(target, vault, vault.find(made.id))
    part(store, made).write_bytes(whole)

    good = manifest_file.read_bytes()
    manifest_file.write_bytes((part(store, other).with_name("manifest")).read_bytes())
    with pytest.raises(Tampered, match="that of the backup"):
        vault.find(made.id)
    manifest_file.write_bytes(good)
    # Signed by us and not true: the sum of the part fits, its chunks do not.
    forged = replace(made, dump_bytes=made.dump_bytes + 1)
    manifest_file.write_bytes(write(forged, vault.keys))
    with pytest.raises(Tampered):
        restore(target, vault, vault.find(made.id))
    assert tables_of(target) == set()


def test_a_wrong_key_opens_nothing(
    made: Manifest, target: str, vault: Vault, backup_settings: Settings
) -> None:
    stranger = Vault(Objects(backup_settings.object_store_url), Keys(bytes(range(32))))

    with pytest.raises(UnknownKey, match="BACKUP_KEY"):
        stranger.find(made.id)
    with pytest.raises(UnknownKey):
        restore(target, stranger, made)
    assert tables_of(target) == set()
    (entry,) = stranger.listing()
    assert entry.manifest is None
    assert vault.keys.current.id.hex() in (entry.problem or "")


def test_a_restored_table_that_differs_is_not_kept(
    vault: Vault, made: Manifest, target: str
) -> None:
    digest = made.tables["public.accounts"]
    wrong = replace(made, tables={**made.tables, "public.accounts": replace(digest, checksum="1")})

    with pytest.raises(Tampered, match=r"differs from its manifest in public\.accounts"):
        restore(target, vault, wrong)
    assert tables_of(target) == set()


def test_a_full_target_is_left_alone_unless_named(
    vault: Vault, made: Manifest, target: str
) -> None:
    name = target.rpartition("/")[2]
    with psycopg.connect(target) as connection:
        connection.execute("CREATE TABLE precious (a int)")
        connection.execute("CREATE VIEW seen AS SELECT a FROM precious")
        connection.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("CREATE TYPE mood AS ENUM ('a')")

    with pytest.raises(Conflict, match=f"--into-non-empty {name}"):
        restore(target, vault, made)
    with pytest.raises(Conflict, match="not 'nutrition'"):
        restore(target, vault, made, replace="nutrition")
    with pytest.raises(Boom):
        restore(target, vault, made, replace=name, settle=fail)
    assert tables_of(target) == {"precious"}  # what failed late wrote nothing either

    restore(target, vault, made, replace=name)

    assert "precious" not in tables_of(target)
    restore(target, vault, made, replace=name)  # over itself


def test_a_target_in_use_or_of_another_s_is_refused(
    backup_settings: Settings, vault: Vault, made: Manifest, target: str
) -> None:
    name = target.rpartition("/")[2]
    with (
        psycopg.connect(target, application_name="somebody"),
        pytest.raises(Conflict, match=r"in use by 1 × nutrition_owner \(somebody\)"),
    ):
        restore(target, vault, made)
    with pytest.raises(Forbidden, match="belongs to the role nutrition_owner"):
        restore(backup_settings.database_url.rpartition("/")[0] + f"/{name}", vault, made)
    with pytest.raises(Conflict, match='CREATE ROLE "nobody_knows" LOGIN'):
        restore(target, vault, replace(made, roles=[*made.roles, "nobody_knows"]))
    with pytest.raises(Conflict, match="PostgreSQL 99"):
        restore(target, vault, replace(made, server_version=990001))
    with pytest.raises(Conflict, match="does not know"):
        restore(target, vault, replace(made, schema_revision="9999"))


def test_whoever_was_erased_since_is_erased_again_and_notifications_are_held(
    backup_settings: Settings, vault: Vault, made: Manifest, filled: Database, target: str
) -> None:
    objects = Objects(backup_settings.object_store_url)
    with filled.transaction() as session:
        gone, at = session.execute(text("SELECT id, now() FROM accounts LIMIT 1")).one()
    tombstones.put(objects, vault.keys, gone, at)
    tombstones.put(objects, vault.keys, uuid.uuid4(), at)
    opening = Opening(
        manifest=made,
        app_url=backup_settings.database_url,
        actor="test",
        tombstones=lambda transaction: astuple(apply_tombstones(transaction, objects, vault.keys)),
    )

    restore(target, vault, made, settle=opening)

    with psycopg.connect(target) as connection:
        ids = {found for (found,) in connection.execute("SELECT id FROM accounts")}
        rules = connection.execute("SELECT scope, name, paused FROM job_rules").fetchall()
    assert (opening.found, opening.erased) == (2, 1)
    assert isinstance(gone, uuid.UUID)
    assert gone not in ids
    assert len(ids) == len(AWKWARD) - 1
    assert rules == [("queue", "notifications", True)]


def test_nobody_is_signed_in_to_what_was_restored(
    backup_settings: Settings, vault: Vault, filled: Database, target: str
) -> None:
    with filled.transaction() as session:
        for statement in (
            "INSERT INTO people (account_id, email, password_hash)"
            " SELECT id, 'ada@example.org', 'x' FROM accounts LIMIT 1",
            "INSERT INTO sign_ins (id, account_id, expires_at)"
            " SELECT uuidv7(), account_id, now() + interval '1 day' FROM people",
        ):
            session.execute(text(statement))
    made = make(backup_settings, filled, vault, actor="test")
    opening = Opening(
        manifest=made,
        app_url=backup_settings.database_url,
        actor="test",
        tombstones=lambda _: (0, 0),
    )

    restore(target, vault, made, settle=opening)

    with psycopg.connect(target) as connection:
        ends = connection.execute("SELECT ended_at IS NOT NULL FROM sign_ins").fetchall()
    assert ends == [(True,)]


def test_an_older_schema_is_brought_up_to_date_in_the_same_transaction(
    backup_settings: Settings,
    vault: Vault,
    empty_database: Callable[[], str],
) -> None:
    from migrations.run import head, upgrade
    from services.backups.create import create
    from services.backups.snapshot import exclusively

    older, target = empty_database(), empty_database()
    upgrade(older, backup_settings.database_url, "0007")
    with exclusively(older) as connection:
        made = create(connection, older, vault, uuid.UUID(int=1))
    opening = Opening(
        manifest=made,
        app_url=backup_settings.database_url,
        actor="test",
        tombstones=lambda _: (0, 0),
    )

    restore(target, vault, made, settle=opening)

    with psycopg.connect(target) as connection:
        (at,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    assert (made.schema_revision, at) == ("0007", head())
