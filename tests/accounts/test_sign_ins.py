"""Refresh tokens: one chain, no branch, and a stolen one ends it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import Database
from services.accounts import people, sign_ins
from services.accounts.sign_ins import Opened
from services.accounts.tokens import Signer

SECRET = "a secret of the tests, long enough to be one"
SIGNER = Signer(SECRET)


def begin(session: Session, email: str = "ada@example.org") -> Opened:
    person = people.register(session, email, "a hash")
    assert person is not None
    opened = sign_ins.begin(session, person.account_id, "a hash")
    assert opened is not None
    return opened


def refresh(session: Session, token: str) -> str | None:
    opened = sign_ins.refresh(session, SIGNER, token)
    return opened and opened.refresh_token


def later(session: Session, seconds: int = sign_ins.GRACE) -> None:
    session.execute(
        text("UPDATE refresh_tokens SET spent_at = spent_at - make_interval(secs => :s)"),
        {"s": seconds},
    )


def why_ended(session: Session) -> str | None:
    ended: str | None = session.scalar(text("SELECT ended_why FROM sign_ins"))
    return ended


def test_each_token_is_spent_for_the_next(session: Session) -> None:
    chain = [begin(session).refresh_token]
    for _ in range(3):
        following = refresh(session, chain[-1])
        assert following is not None
        chain.append(following)
        later(session)

    assert len(set(chain)) == 4
    assert session.scalar(text("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")) == 1
    assert not session.scalars(
        text("SELECT 1 FROM refresh_tokens WHERE encode(digest, 'escape') LIKE 'npr_%'")
    ).all()


def test_an_answer_that_was_lost_is_given_again_and_makes_no_second_token(
    session: Session,
) -> None:
    first = begin(session).refresh_token

    again = {refresh(session, first) for _ in range(3)}

    assert len(again) == 1
    assert session.scalar(text("SELECT count(*) FROM refresh_tokens")) == 2
    assert refresh(session, again.pop() or "") is not None


def test_a_token_that_comes_again_later_ends_the_sign_in_for_both_who_have_it(
    session: Session,
) -> None:
    first = begin(session).refresh_token
    second = refresh(session, first)
    later(session)

    assert refresh(session, first) is None
    assert why_ended(session) == "reuse"
    assert refresh(session, second or "") is None


def test_whoever_was_not_first_with_a_stolen_token_is_found_out(session: Session) -> None:
    """A thief who is quick gets the very token that the owner has: one of them is second next."""
    stolen = begin(session).refresh_token
    owners, thiefs = refresh(session, stolen), refresh(session, stolen)
    assert owners == thiefs
    assert refresh(session, thiefs or "") is not None
    later(session)

    assert refresh(session, owners or "") is None
    assert why_ended(session) == "reuse"


def test_an_answer_is_given_again_while_secrets_rotate(session: Session) -> None:
    first = begin(session).refresh_token
    second = refresh(session, first)

    rotated = Signer("a fresh secret, of the length that is needed", SECRET)
    opened = sign_ins.refresh(session, rotated, first)

    assert opened is not None
    assert opened.refresh_token == second


def test_many_who_refresh_at_once_get_the_same_answer(database: Database) -> None:
    with database.transaction() as session:
        token = begin(session).refresh_token
    answers: list[str | None] = []
    ready = threading.Barrier(6)

    def ask() -> None:
        with database.transaction() as session:
            ready.wait(timeout=30)
            answers.append(refresh(session, token))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert answers[0] is not None


@pytest.mark.parametrize("made_up", ["", "npr_", "x" * 10_000, "npr_" + "0" * 49])
def test_what_is_no_token_ends_nothing(session: Session, made_up: str) -> None:
    begin(session)

    assert refresh(session, made_up) is None
    sign_ins.end_by_token(session, made_up)

    assert why_ended(session) is None


def test_a_sign_in_needs_the_hash_that_was_verified(session: Session) -> None:
    """Between the look-up and the sign-in lies a hash that takes a while."""
    opened = begin(session)

    assert sign_ins.begin(session, opened.account_id, "an older hash") is None
    people.disable(session, opened.account_id, "cli:test")
    assert sign_ins.begin(session, opened.account_id, "a hash") is None
    assert refresh(session, opened.refresh_token) is None


def test_an_idle_sign_in_ends_and_is_deleted_a_month_later(session: Session) -> None:
    token = begin(session).refresh_token
    session.execute(text("UPDATE sign_ins SET expires_at = now() - interval '1 second'"))
    assert refresh(session, token) is None
    assert sign_ins.delete_expired(session) == 0

    session.execute(text("UPDATE sign_ins SET expires_at = now() - interval '31 days'"))
    assert sign_ins.delete_expired(session) == 1
    assert session.scalar(text("SELECT count(*) FROM refresh_tokens")) == 0


def test_a_familiar_place_is_a_persons_own_and_says_not_where(session: Session) -> None:
    opened = begin(session)
    home = SIGNER.origin(opened.account_id, "192.0.2.1")
    sign_ins.begin(session, opened.account_id, "a hash", home)

    assert sign_ins.familiar(session, opened.account_id, home)
    assert not sign_ins.familiar(
        session, opened.account_id, SIGNER.origin(opened.account_id, "192.0.2.2")
    )
    assert b"192" not in home
