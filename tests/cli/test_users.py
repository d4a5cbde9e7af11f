"""`nutrition users`: people are made, listed and kept out on the database itself."""

from __future__ import annotations

import json

import pytest

from cli.exits import Exit
from kernel.database import Database
from services import audit
from services.accounts import passwords, people, sign_ins
from services.accounts.passwords import Hasher
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time."""
    monkeypatch.setattr(passwords, "MEMORY", 64)


def test_a_person_is_made_listed_kept_out_and_let_in_again(
    operator: Command, database: Database
) -> None:
    words = "users", "create", "Ada@Example.org", "--role", "operator", "--name", "Ada", "--json"
    made = operator(*words, typed=b"pans, and pots 7\n").json
    assert (made["email"], made["role"], made["name"]) == ("ada@example.org", "operator", "Ada")
    with database.transaction() as session:
        person = people.by_email(session, "ada@example.org")
        assert person is not None
        account_id, stored = person.account_id, person.password_hash
        assert sign_ins.begin(session, account_id, stored) is not None
    assert Hasher().verify(stored, "pans, and pots 7")

    assert operator("users", "disable", "ada@example.org").code == Exit.OK
    listed = [json.loads(line) for line in operator("users", "list", "--json").out.splitlines()]
    assert [(one["id"], bool(one["disabled_at"])) for one in listed] == [(made["id"], True)]
    with database.transaction() as session:
        assert sign_ins.begin(session, account_id, stored) is None

    assert operator("users", "enable", "ADA@example.org", "--json").json["disabled_at"] is None
    with database.transaction() as session:
        done = audit.entries(session, target=f"user:{made['id']}")
    assert [entry.action for entry in done] == ["user.enabled", "user.disabled", "user.created"]


def test_a_password_can_be_made_and_goes_to_standard_output_alone(
    operator: Command, database: Database
) -> None:
    result = operator("users", "create", "ada@example.org", "--generate")

    password = result.out.strip()
    assert password not in result.err
    with database.transaction() as session:
        person = people.by_email(session, "ada@example.org")
        assert person is not None
        assert Hasher().verify(person.password_hash, password)


@pytest.mark.parametrize(
    ("email", "typed", "message"),
    [
        ("no address", b"pans, and pots 7\n", "no e-mail address"),
        ("ada@example.org", b"short\n", "10 to 128 characters"),
        ("ada@example.org", b"", "10 to 128 characters"),
    ],
)
def test_what_makes_no_sense_is_said(
    operator: Command, email: str, typed: bytes, message: str
) -> None:
    result = operator("users", "create", email, typed=typed)

    assert result.code == Exit.USAGE
    assert message in result.err


def test_an_address_is_taken_once_and_an_unknown_one_is_not_found(operator: Command) -> None:
    create = "users", "create", "ada@example.org", "--generate"
    operator(*create)

    assert operator(*create).code == Exit.FAILED
    assert operator("users", "disable", "bob@example.org").code == Exit.NOT_FOUND
