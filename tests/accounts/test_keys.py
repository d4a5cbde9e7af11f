"""Keys: made once, recognised by their digest, refused when their time is over."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from kernel.ids import new_id
from services.accounts import keys, people, sign_ins
from services.accounts.keyring import REMEMBER, Keyring
from services.accounts.models import Account, ApiKey
from services.accounts.scopes import ADMIN_SCOPES, OPERATOR_SCOPES, SCOPES, check_scopes
from services.accounts.secrets import new_secret, well_formed
from tests.processes import eventually


@pytest.fixture
def account(session: Session) -> Account:
    return keys.create_account(session, "kitchen")


def test_a_secret_is_well_formed_and_a_mistyped_one_is_not() -> None:
    secret = new_secret()

    assert well_formed(secret)
    assert secret.startswith("npk_")
    for place in range(4, len(secret)):
        other = "b" if secret[place] == "a" else "a"
        assert not well_formed(secret[:place] + other + secret[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "npk_", "npk_" + "ü" * 49, "x" + new_secret(), "a" * 10_000],
    ids=["nothing", "prefix", "umlauts", "shifted", "long"],
)
def test_other_texts_are_no_secrets(text: str) -> None:
    assert not well_formed(text)


def test_no_two_secrets_are_alike() -> None:
    assert len({new_secret() for _ in range(1000)}) == 1000


def test_a_key_is_recognised_as_its_account_and_itself(session: Session, account: Account) -> None:
    key, secret = keys.create(session, account.id, "laptop", scopes=["jobs:read", "foods:read"])

    caller = keys.authenticate(session, secret)

    assert caller.account_id == account.id
    assert caller.actor == f"key:{key.id}"
    assert caller.role == "user"
    assert caller.scopes == {"jobs:read", "foods:read"}


def test_the_secret_itself_is_kept_nowhere(session: Session, account: Account) -> None:
    key, secret = keys.create(session, account.id, "laptop")

    row = session.execute(text("SELECT api_keys::text AS row FROM api_keys")).scalar_one()

    assert secret not in row
    assert key.digest == hashlib.sha256(secret.encode()).digest()
    assert secret.startswith(key.hint)


def test_unknown_expired_and_revoked_keys_are_refused_alike(
    session: Session, account: Account
) -> None:
    _, expired = keys.create(
        session, account.id, "old", expires_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    key, revoked = keys.create(session, account.id, "lost")
    keys.revoke(session, account.id, key.id)
    keys.revoke(session, account.id, key.id)

    said = set()
    for secret in (new_secret(), expired, revoked):
        with pytest.raises(Unauthenticated) as refused:
            keys.authenticate(session, secret)
        said.add(str(refused.value))

    assert len(said) == 1


def test_another_accounts_key_cannot_be_revoked(session: Session, account: Account) -> None:
    key, _ = keys.create(session, account.id, "laptop")
    other = keys.create_account(session, "another kitchen")

    with pytest.raises(NotFound):
        keys.revoke(session, other.id, key.id)


def test_a_key_that_has_ended_makes_none_though_a_process_remembers_it(
    session: Session, account: Account
) -> None:
    key, secret = keys.create(session, account.id, "stolen")
    remembered = keys.authenticate(session, secret)
    keys.create_for(session, remembered, "before")

    keys.revoke(session, account.id, key.id)

    with pytest.raises(Unauthenticated):
        keys.create_for(session, remembered, "after")


@pytest.mark.parametrize("how", ["logout", "disable"])
def test_who_has_signed_out_or_was_disabled_makes_no_key(session: Session, how: str) -> None:
    person = people.register(session, "ada@example.org", "a hash")
    assert person is not None
    opened = sign_ins.begin(session, person.account_id, "a hash")
    assert opened is not None
    remembered = keys.by_sign_in(session, opened.sign_in_id)
    keys.create_for(session, remembered, "before")

    if how == "logout":
        sign_ins.end(session, opened.sign_in_id)
    else:
        people.disable(session, person.account_id, "cli:test")

    with pytest.raises(Unauthenticated):
        keys.create_for(session, remembered, "after")


_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_a_key_that_is_being_made_falls_with_its_maker(database: Database) -> None:
    """The revocation waits for whoever is making a key with it, and then takes that one too."""
    with database.transaction() as session:
        account_id = keys.create_account(session, "kitchen").id
        key, secret = keys.create(session, account_id, "stolen")
        key_id = key.id

    def revoke() -> None:
        with database.transaction() as session:
            keys.revoke(session, account_id, key_id)

    def waits() -> bool:
        with database.transaction() as session:
            return bool(session.scalar(text(_WAITING)))

    revoking = threading.Thread(target=revoke)
    with database.transaction() as session:
        _, child = keys.create_for(session, keys.authenticate(session, secret), "child")
        revoking.start()
        eventually("the revocation waits, or is done", lambda: not revoking.is_alive() or waits())
    revoking.join(timeout=30)

    with database.transaction() as session, pytest.raises(Unauthenticated):
        keys.authenticate(session, child)


def test_use_is_noted_once_a_minute(session: Session, account: Account) -> None:
    key, secret = keys.create(session, account.id, "laptop")

    def used() -> datetime | None:
        session.expire_all()
        return session.get_one(ApiKey, key.id).last_used_at

    assert used() is None
    keys.authenticate(session, secret)
    first = used()
    session.execute(text("UPDATE api_keys SET last_used_at = now() - interval '30 s'"))
    half_a_minute_ago = used()
    keys.authenticate(session, secret)
    assert used() == half_a_minute_ago
    session.execute(text("UPDATE api_keys SET last_used_at = now() - interval '61 s'"))
    keys.authenticate(session, secret)
    assert used() == first  # now() is the transaction's


def test_unknown_scopes_and_roles_are_refused_with_the_nearest(
    session: Session, account: Account
) -> None:
    with pytest.raises(Invalid) as refused:
        keys.create(session, account.id, "x", scopes=["job:read"])
    assert refused.value.errors == {"scopes": ["Did you mean jobs:read?"]}
    with pytest.raises(Invalid):
        keys.create(session, account.id, "x", role="root")
    with pytest.raises(Invalid):
        check_scopes([])
    assert check_scopes([*SCOPES, *SCOPES]) == sorted(SCOPES)


def test_operators_scopes_need_an_operators_role(session: Session, account: Account) -> None:
    with pytest.raises(Invalid) as refused:
        keys.create(session, account.id, "x", scopes=["jobs:read", "admin:read"])
    assert refused.value.errors == {"scopes": ["admin:read needs the role operator."]}

    narrow, _ = keys.create(session, account.id, "x", role="operator", scopes=["admin:read"])
    whole, _ = keys.create(session, account.id, "x", role="admin")
    user, _ = keys.create(session, account.id, "x")

    assert narrow.scopes == ["admin:read"]
    assert {*SCOPES, *OPERATOR_SCOPES, *ADMIN_SCOPES} == set(whole.scopes)
    assert set(user.scopes) == set(SCOPES)


def test_a_key_needs_an_account_and_a_name(session: Session, account: Account) -> None:
    with pytest.raises(NotFound):
        keys.create(session, new_id(), "laptop")
    for name in ("", "  ", "a\0b", "x" * 101):
        with pytest.raises(Invalid):
            keys.create(session, account.id, name)


def test_two_accounts_of_one_name_conflict(session: Session, account: Account) -> None:
    with pytest.raises(Conflict):
        keys.create_account(session, "kitchen")
    found = keys.find_account(session, "kitchen")
    assert found is not None
    assert found.id == account.id
    assert keys.find_account(session, "nobody") is None


def test_a_keyring_asks_again_after_a_few_seconds(database: Database) -> None:
    time = 100.0
    keyring = Keyring(database, clock=lambda: time)
    with database.transaction() as session:
        account = keys.create_account(session, "kitchen")
        key, secret = keys.create(session, account.id, "laptop")
        owner, key_id = account.id, key.id
    caller = keyring.caller(secret)
    with database.transaction() as session:
        keys.revoke(session, owner, key_id)

    assert keyring.caller(secret) == caller
    time += REMEMBER
    with pytest.raises(Unauthenticated):
        keyring.caller(secret)


def test_a_keyring_remembers_refusals_too(database: Database) -> None:
    keyring = Keyring(database, clock=lambda: 0.0)
    asked = 0
    secret = new_secret()
    original = database.transaction

    def counting():  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        return original()

    database.transaction = counting  # type: ignore[method-assign]
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            keyring.caller(secret)

    assert asked == 1
