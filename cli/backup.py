"""`nutrition backup`: make, list, verify and restore backups, whether or not the platform runs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from cli.exits import CommandFailed, Exit
from cli.output import emit, table
from cli.progress import progress

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kernel.settings import Settings
    from services.backups.manifest import Manifest
    from services.backups.vault import Vault

MIB = 1 << 20
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")


@click.group()
def backup() -> None:
    """Make, list, verify and restore backups (operators).

    They need DATABASE_URL, OBJECT_STORE_URL and BACKUP_KEY, and no running platform: the database
    of this checkout is started for the command where it does not run.
    """
    import logging

    from kernel import logging as platform_logging

    # What services log of their work is for machines; here it would stand between the lines.
    platform_logging.configure(logging.WARNING)


@backup.command()
@json_option
def create(as_json: bool) -> None:
    """Make a backup of the database, and delete those that are kept no longer."""
    from cli.local_database import running
    from cli.operator import actor, app_database, settings
    from services.backups.make import make

    given = settings()
    vault = _vault(given)
    with running(given) as here, app_database(here) as database, _bar("Dumping") as tell:
        made = make(here, database, vault, actor=actor(), progress=tell)
    if as_json:
        emit(_document(made))
    else:
        click.echo(
            f"{made.id}: {made.rows:,} rows in {len(made.tables)} tables, {_size(made.bytes)} "
            f"(a dump of {_size(made.dump_bytes)})."
        )


@backup.command("list")
@json_option
def list_backups(as_json: bool) -> None:
    """List the backups of the object store, newest first.

    What is shown is signed: a manifest that is not as it was written is marked, with the reason.
    """
    from cli.operator import settings

    found = _vault(settings()).listing()
    if as_json:
        emit(
            [
                _document(one.manifest) if one.manifest else _bad(one.id, one.problem)
                for one in found
            ]
        )
        return
    if not found:
        click.echo("There are no backups.")
        return
    columns = ("Backup", "State of (UTC)", "Schema", "Rows", "Size", "")
    rows: list[tuple[tuple[object, ...], str]] = []
    for one in found:
        if one.manifest is None:
            rows.append(((one.id, None, None, None, None, one.problem), "red"))
            continue
        held = one.manifest
        at = f"{held.snapshot_at:%Y-%m-%d %H:%M:%S}"
        cells = (one.id, at, held.schema_revision, f"{held.rows:,}", _size(held.bytes), None)
        rows.append((cells, ""))
    table(columns, rows, right=("Rows", "Size"), whole=("Backup",))


@backup.command()
@click.argument("which", default="latest", metavar="[ID]")
@json_option
def verify(which: str, as_json: bool) -> None:
    """Read a backup whole (the latest by default), and say whether it is as it was written.

    Every byte is authenticated and decompressed, as a restore would; nothing is written anywhere.
    The nightly test restores one as well.
    """
    from cli.operator import settings

    vault = _vault(settings())
    manifest = _chosen(vault, which)
    with _bar("Reading") as tell:
        vault.verify(manifest, tell)
    if as_json:
        emit(_document(manifest))
    else:
        click.echo(f"{manifest.id} is as it was written: {_size(manifest.bytes)}, all of it read.")


@backup.command()
@click.argument("which", metavar="ID")
@click.option("--to", "url", metavar="URL", help="Another database than DATABASE_OWNER_URL.")
@click.option(
    "--into-non-empty",
    "replace",
    metavar="NAME",
    help="The target's name, where all that it holds is to be deleted.",
)
@click.option(
    "--trust-tombstones",
    "trusting",
    is_flag=True,
    help="Erase whoever has a tombstone, also one that BACKUP_KEY did not sign.",
)
@json_option
def restore(
    which: str, url: str | None, replace: str | None, trusting: bool, as_json: bool
) -> None:
    """Restore a backup (an id, or `latest`) into an empty database.

    All of it is checked before anything is written, and all of it is restored in one transaction:
    on any failure the target is as it was. Whoever was erased since is erased again, everybody is
    signed out, and the queue of notifications is paused. Keys that were revoked since, and people
    who were disabled, are back. The platform must be stopped.
    """
    import services.kinds  # noqa: F401  # the rule that holds notifications names their queue
    from cli.local_database import running
    from cli.operator import actor, explained, settings
    from kernel.objects import Objects
    from services.backups.opening import Opening
    from services.backups.restore import restore as restored
    from services.privacy.again import apply_tombstones

    given = settings()
    vault = _vault(given)
    manifest = _chosen(vault, which)
    objects = Objects(given.object_store_url)

    def erase_again(transaction: Callable[[], AbstractContextManager[Session]]) -> tuple[int, int]:
        applied = apply_tombstones(transaction, objects, vault.keys, trusting=trusting)
        return applied.tombstones, applied.erased

    with (
        running(given) if url is None else _as_given(given) as here,
        explained(),
        _bar("Checking") as checking,
        _bar("Restoring") as restoring,
    ):
        opening = Opening(
            manifest=manifest,
            app_url=here.database_url,
            actor=actor(),
            tombstones=erase_again,
        )
        done = restored(
            url or here.database_owner_url,
            vault,
            manifest,
            replace=replace,
            settle=opening,
            checking=checking,
            restoring=restoring,
        )
    if as_json:
        told = {"seconds": done.seconds, "tombstones": opening.found, "erased": opening.erased}
        emit(_document(manifest) | told)
        return
    click.echo(
        f"Restored {manifest.id}: {manifest.rows:,} rows in {done.seconds:.1f} s, equal to the "
        f"manifest in every table; the state of {manifest.snapshot_at:%Y-%m-%d %H:%M:%S} UTC."
    )
    if opening.found:
        click.echo(f"Tombstones: {opening.found:,}; accounts erased again: {opening.erased:,}.")
    else:
        click.echo(
            "No tombstone lies in the object store. Was anybody ever erased, they are back: copy "
            "`tombstones/`\nfrom where it was, and restore once more."
        )
    click.echo(
        "Everybody is signed out. Keys that were revoked since then open again, people who were "
        "disabled\nsince may sign in, and passwords are those of then. Look before you let "
        "anybody in:\n"
        "  nutrition keys list\n"
        "  nutrition users list"
    )
    click.echo(
        "Notifications are held. Start the platform, look at what waits, then release them:\n"
        "  nutrition queues resume notifications"
    )


def _vault(here: Settings) -> Vault:
    from kernel.objects import Objects
    from services.backups.keys import Keys
    from services.backups.vault import Vault

    return Vault(Objects(here.object_store_url), Keys.of(here))


def _chosen(vault: Vault, which: str) -> Manifest:
    if which == "latest":
        newest = next(iter(vault.listing()), None)
        if newest is None:
            raise CommandFailed("There are no backups.", Exit.NOT_FOUND)
        return vault.find(newest.id)
    try:
        return vault.find(uuid.UUID(which))
    except ValueError:
        raise CommandFailed(
            f"{which!r} is no backup's id: `nutrition backup list` shows them.", Exit.USAGE
        ) from None


@contextmanager
def _as_given(here: Settings) -> Iterator[Settings]:
    yield here


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress of bytes, which begins when its total is known."""
    from contextlib import ExitStack

    with ExitStack() as shown:
        tell: Callable[[int], None] | None = None

        def told(done: int, total: int) -> None:
            nonlocal tell
            if tell is None:
                if not done:
                    return
                tell = shown.enter_context(progress(what, max(1, total // MIB), "MiB", least=16))
            tell(done // MIB)

        yield told


def _size(count: int) -> str:
    return f"{count / MIB:,.1f} MiB" if count >= MIB else f"{count / 1024:,.1f} KiB"


def _document(manifest: Manifest) -> dict[str, Any]:
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(manifest)
    del document["parts"]
    return document | {"bytes": manifest.bytes, "rows": manifest.rows, "problem": None}


def _bad(backup_id: uuid.UUID, problem: str | None) -> dict[str, Any]:
    return {"id": str(backup_id), "problem": problem}
