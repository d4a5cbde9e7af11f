"""`nutrition keys`: API keys, made and revoked by whoever runs the platform."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.exits import CommandFailed, Exit
from cli.output import emit, emit_line, note, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from services.accounts.models import Account, ApiKey

#: The account that a key belongs to where none is named.
ACCOUNT = "default"
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")
account_option = click.option(
    "--account", default=ACCOUNT, show_default=True, help="Name of the account."
)


@click.group()
def keys() -> None:
    """Create, list and revoke API keys (operators: needs the platform's DATABASE_URL)."""


@keys.command()
@click.option("--name", required=True, help="What the key is for; shown in lists.")
@click.option("--role", default="user", type=click.Choice(["user", "operator", "admin"]))
@account_option
@click.option("--scopes", help="Comma-separated, such as jobs:read,foods:read; all of the role's.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="When it stops working, in UTC; never by default.",
)
@click.option(
    "--if-missing-file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make none where this file (var/access.json) holds one that works and may as much.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    default=("api_key",),
    show_default=True,
    help="Under which names the file holds keys: one is made for each that is missing.",
)
@json_option
def create(
    name: str,
    role: str,
    account: str,
    scopes: str | None,
    expires: dt.datetime | None,
    file: Path | None,
    members: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a key and print its secret: this once, for the platform keeps a digest only.

    The account is made too where there is none of that name.
    """
    from cli.operator import app_session, settings
    from kernel.errors import Invalid
    from services.accounts import keys as service
    from services.accounts.scopes import scopes_of

    until = expires.replace(tzinfo=dt.UTC) if expires else None
    if until and until <= dt.datetime.now(dt.UTC):
        raise Invalid(f"--expires {until:%Y-%m-%dT%H:%M:%SZ} has passed already.")
    named = None if scopes is None else [s.strip() for s in scopes.split(",") if s.strip()]
    wanted = scopes_of(role) if named is None else named
    printed: dict[str, Any] = {}
    with app_session(settings()) as session:
        for member in members:
            kept = _kept(session, file, member, role, wanted) if file else None
            if kept is not None:
                note(f"{file} holds a key that works.")
                printed[member] = kept
                continue
            owner = service.find_account(session, account) or service.create_account(
                session, account
            )
            key, secret = service.create(session, owner.id, name, role, wanted, until)
            printed |= {member: secret, "account": owner.name, **_document(key)}
            note(f"Key {key.id} of account {account}. Keep the secret: it is not shown again.")
    if as_json:
        emit(printed)
    else:
        for member in members:
            click.echo(printed[member])


@keys.command("list")
@account_option
@json_option
def list_keys(account: str, as_json: bool) -> None:
    """List the keys of an account, newest first. --json writes one key a line."""
    from cli.operator import app_session, settings
    from services.accounts import keys as service

    with app_session(settings()) as session:
        found = [_document(k) for k in service.listing(session, _account(session, account).id)]
    if as_json:
        for key in found:
            emit_line(key)
        return
    table(
        ("Id", "Name", "Role", "Begins", "Last used", "Expires", "Revoked"),
        [
            (
                (
                    *(k[field] for field in ("id", "name", "role", "hint")),
                    *(day_of(k[field]) for field in ("last_used_at", "expires_at", "revoked_at")),
                ),
                "dim" if k["revoked_at"] else "",
            )
            for k in found
        ],
        whole=("Id",),
    )


@keys.command()
@click.argument("key", type=click.UUID)
@account_option
@json_option
def revoke(key: uuid.UUID, account: str, as_json: bool) -> None:
    """Revoke a key: requests with it are refused within seconds."""
    from cli.operator import app_session, settings
    from services.accounts import keys as service

    with app_session(settings()) as session:
        service.revoke(session, _account(session, account).id, key)
    if as_json:
        emit({"id": str(key), "revoked": True})
    else:
        click.echo(f"Key {key} is revoked.")


def _account(session: Session, name: str) -> Account:
    from services.accounts import keys as service

    account = service.find_account(session, name)
    if account is None:
        raise CommandFailed(f"There is no account {name!r}.", Exit.NOT_FOUND)
    return account


def _kept(
    session: Session, file: Path, member: str, role: str, scopes: Sequence[str]
) -> str | None:
    """The key that *file* holds as *member*, where the platform takes it for all that is wanted."""
    from kernel.errors import Unauthenticated
    from services.accounts import keys as service

    try:
        secret = str(json.loads(file.read_text(encoding="utf-8"))[member])
        caller = service.authenticate(session, secret)
    except (OSError, ValueError, KeyError, TypeError, Unauthenticated):
        return None
    # One of an older release lacks the scopes that came since.
    return secret if caller.role == role and caller.scopes >= set(scopes) else None


def _document(key: ApiKey) -> dict[str, Any]:
    times = ("created_at", "expires_at", "last_used_at", "revoked_at")
    return {
        "id": str(key.id),
        "name": key.name,
        "role": key.role,
        "scopes": list(key.scopes),
        "hint": key.hint,
        **{name: written(getattr(key, name)) for name in times},
    }


def written(moment: dt.datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def day_of(moment: str | None) -> str | None:
    return moment and moment[:10]
