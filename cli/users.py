"""`nutrition users`: people who sign in, made and kept out by whoever runs the platform."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Any

import click

from cli.exits import CommandFailed, Exit
from cli.keys import day_of, json_option, written
from cli.output import emit, emit_line, note, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from services.accounts.models import Person


@click.group()
def users() -> None:
    """Create, list, disable and enable people (operators: needs the platform's DATABASE_URL)."""


@users.command()
@click.argument("email")
@click.option("--name", default="", help="What the person is called.")
@click.option("--role", default="user", type=click.Choice(["user", "operator", "admin"]))
@click.option(
    "--generate", is_flag=True, help="Make a password and print it, instead of asking for one."
)
@json_option
def create(email: str, name: str, role: str, generate: bool, as_json: bool) -> None:
    """Make a person who signs in with EMAIL.

    The password is asked for, or read from standard input, its first line; never given as a word,
    which others could read in the list of processes.
    """
    from cli.operator import actor, app_session, settings
    from kernel.errors import Conflict
    from services import audit
    from services.accounts import passwords, people

    email = people.address(email)
    password = secrets.token_urlsafe(18) if generate else _password()
    password_hash = passwords.Hasher().hash(passwords.checked(password, email))
    with app_session(settings()) as session:
        person = people.register(session, email, password_hash, name, role)
        if person is None:
            raise Conflict(f"There is a user {email} already.")
        audit.record(
            session,
            actor=actor(),
            action="user.created",
            target=f"user:{person.account_id}",
            details={"role": role},
        )
        made = _document(person)
    if as_json:
        emit(made | ({"password": password} if generate else {}))
        return
    if generate:
        click.echo(password)
    note(f"User {email}, {role}: {made['id']}." + (" Above, the password." if generate else ""))


@users.command("list")
@click.option("--email", help="Only the one with this address.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def list_users(email: str | None, limit: int, as_json: bool) -> None:
    """List people, newest first. --json writes one a line."""
    from cli.operator import app_session, settings
    from services.accounts import people

    with app_session(settings()) as session:
        found = [_document(one) for one in people.listing(session, email=email, limit=limit)]
    if as_json:
        for one in found:
            emit_line(one)
        return
    table(
        ("Id", "E-mail", "Name", "Role", "Since", "Disabled"),
        [
            (
                (
                    *(one[field] for field in ("id", "email", "name", "role")),
                    *(day_of(one[field]) for field in ("created_at", "disabled_at")),
                ),
                "dim" if one["disabled_at"] else "",
            )
            for one in found
        ],
        whole=("Id",),
    )


@users.command()
@click.argument("email")
@json_option
def disable(email: str, as_json: bool) -> None:
    """Keep a person out: sign-ins end, and their API keys open nothing, within seconds."""
    _switch(email, on=False, as_json=as_json)


@users.command()
@click.argument("email")
@json_option
def enable(email: str, as_json: bool) -> None:
    """Let a person in again."""
    _switch(email, on=True, as_json=as_json)


def _switch(email: str, *, on: bool, as_json: bool) -> None:
    from cli.operator import actor, app_session, settings
    from services.accounts import people

    with app_session(settings()) as session:
        found = _find(session, email)
        change = people.enable if on else people.disable
        made = _document(change(session, found.account_id, actor()))
    if as_json:
        emit(made)
    else:
        click.echo(f"User {made['email']} may sign in." if on else f"User {made['email']} is out.")


def _find(session: Session, email: str) -> Person:
    from services.accounts import people

    person = people.by_email(session, email)
    if person is None:
        raise CommandFailed(f"There is no user {email!r}.", Exit.NOT_FOUND)
    return person


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _document(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.account_id),
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "created_at": written(person.created_at),
        "disabled_at": written(person.disabled_at),
    }
