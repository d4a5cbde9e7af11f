"""What every channel keeps, whichever it is: one suite for all of them, with real other sides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

import tasks.webhooks
from kernel.database import Database
from kernel.settings import Settings
from services.jobs.retry import Retries
from services.notifications.channels import CHANNELS, EMAIL, WEBHOOK
from services.notifications.channels.email import Email, mailer_of
from services.notifications.templates import Places
from services.notifications.unsubscribe import Unsubscriber
from tests.notifications.ways import WAYS, Way, outside, states
from tests.webhooks import sink as answers

#: Those that call the outside.
CALLING = (EMAIL, WEBHOOK)
#: Words that have broken a header, a page, a database or a terminal somewhere.
HOSTILE = [
    "Subject\r\nBcc: eve@example.net\r\n\r\nbody",
    "\r\n.\r\nMAIL FROM:<eve@example.net>\r\n",
    "<script>alert(1)</script> {{ 7*7 }} {% raw %} %s %(x)s ${x} `x`",
    "Zoë — 日本語 🥞 \u202eevil\u202c \u2028 \x85 end",
    "'; DROP TABLE notifications; --",
    "x" * 5_000,
    ("wörter " * 2_000).strip(),
]


@pytest.fixture(params=CHANNELS)
def way(
    request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    monkeypatch.setattr(tasks.webhooks, "outside", outside)
    opened = WAYS[request.param](database)
    yield opened
    with suppress(AttributeError):
        opened.close()


def test_every_channel_is_in_the_suite():
    assert set(WAYS) == set(CHANNELS)


def test_it_says_what_it_is(way: Way):
    assert way.channel.name in CHANNELS
    assert way.channel.unavailable is None
    assert isinstance(way.channel.retry, Retries)
    assert way.channel.lifetime.total_seconds() > 0


def test_each_letter_reaches_its_own_recipient_alone(way: Way):
    letters = [way.letter(f"For number {number}") for number in range(3)]
    assert states(way.send(*letters)) == ["delivered"] * 3
    for number, letter in enumerate(letters):
        (seen,) = way.received(letter)
        assert seen.title == f"For number {number}"
        assert "There are news." in seen.text


def test_the_same_letter_again_is_the_same_message(way: Way):
    letter = way.letter()
    way.send(letter)
    assert states(way.send(letter)) == ["delivered"]

    seen = way.received(letter)
    assert len({one.id for one in seen}) == 1
    # A mailbox takes what it is given; the id that stays is what it can know it by.
    assert len(seen) == (1 if way.knows_repetition else 2)


def test_whom_it_does_not_lead_to_is_passed_over_with_a_reason(way: Way):
    stranger, known = way.stranger(), way.letter()
    missed, reached = way.send(stranger, known)
    assert missed.state in {"skipped", "failed"}
    assert missed.reason
    assert reached.state == "delivered"
    assert len(way.received(known)) == 1


def test_hostile_words_arrive_as_words(way: Way):
    # Titles are one line by then: topics and broadcasts see to it.
    letters = [way.letter(" ".join(words[:200].split()), words) for words in HOSTILE]
    assert states(way.send(*letters)) == ["delivered"] * len(HOSTILE)
    for words, letter in zip(HOSTILE, letters, strict=True):
        (seen,) = way.received(letter)
        for word in words[:3_000].replace("\x85", " ").replace("\u2028", " ").split():
            assert word in seen.text


def test_an_outage_passes(way: Any):
    letter = way.letter()
    way.break_once()
    (broken,) = way.send(letter)
    assert broken.state == "again"
    assert broken.reason
    assert way.received(letter) == [] or way.channel.name == WEBHOOK  # it read, and hung up

    assert states(way.send(letter)) == ["delivered"]
    assert len({one.id for one in way.received(letter)}) == 1


def test_a_refusal_stays_and_keeps_nobody_else(way: Any):
    letters = [way.letter(), way.letter()]
    way.refused(letters[0])
    refused, delivered = way.send(*letters)
    assert refused.state == "failed"
    assert refused.reason
    assert delivered.state == "delivered"
    assert len(way.received(letters[1])) == 1


@pytest.mark.parametrize("way", CALLING, indirect=True)
def test_silence_is_not_waited_for_for_ever(way: Any):
    letters = [way.letter(), way.letter()]
    way.fall_silent()
    silent, delivered = way.send(*letters)
    assert silent.state == "again"
    assert delivered.state == "delivered"


@pytest.mark.parametrize("way", [WEBHOOK], indirect=True)
def test_what_a_webhook_answers_is_understood(way: Any):
    way.sink.answer(
        answers.status(429, Retry_After="7"),
        answers.status(500),
        answers.status(302, Location="http://example.com"),
        answers.babble,
    )
    busy, *others = way.send(*(way.letter() for _ in range(4)))
    assert (busy.state, busy.retry_after) == ("again", 7)
    assert states(others) == ["again", "again", "delivered"]


@pytest.mark.parametrize("way", [EMAIL], indirect=True)
class TestEmail:
    """What e-mail keeps besides."""

    def test_it_tells_machines_how_to_unsubscribe(self, way: Any):
        letter = way.letter()
        way.send(letter)
        (got,) = way.office.got
        link = got.message["List-Unsubscribe"]
        assert link.startswith("<https://api.example.com/v1/unsubscribe/npu_")
        assert got.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert got.message["List-Id"] == "<announcement.notifications.example.com>"
        assert got.message["Auto-Submitted"] == "auto-generated"
        assert got.message["Message-ID"] == f"<{letter.id}@example.com>"
        assert link[1:-1] in got.part("plain").replace("=\r\n", "")
        assert link[1:-1] in got.part("html")

    def test_what_must_be_heard_has_no_link_to_unsubscribe(self, way: Any):
        way.send(way.letter(topic="service.notice"))
        (got,) = way.office.got
        assert got.message["List-Unsubscribe"] is None
        assert "unsubscribe" not in got.part("html")

    def test_all_go_over_one_connection(self, way: Any):
        assert set(states(way.send(*(way.letter() for _ in range(20))))) == {"delivered"}
        assert len(way.office.connections) == 1

    def test_a_server_that_is_away_is_asked_once_for_all(self, way: Any):
        port = way.office.port
        way.office.close()
        outcomes = way.send(*(way.letter() for _ in range(5)))
        assert states(outcomes) == ["again"] * 5
        assert {outcome.reason for outcome in outcomes} == {outcomes[0].reason}
        assert str(port) in outcomes[0].reason

    def test_a_call_ends_when_its_time_is_over(self, way: Any):
        way.channel = Email(
            way.mailer, Places(api="https://a"), Unsubscriber(["secret"]), seconds=0
        )
        assert states(way.send(way.letter())) == ["again"]
        assert way.office.got == []

    def test_a_reason_names_nobody(self, way: Any):
        letter = way.letter()
        way.office.at_recipient.append(f"550 5.1.1 <{letter.email}>: no such person")
        (outcome,) = way.send(letter)
        assert "no such person" in outcome.reason
        assert letter.email not in outcome.reason

    def test_a_topic_of_a_newer_release_waits_for_a_worker_that_knows_it(self, way: Any):
        assert states(way.send(way.letter(topic="of.tomorrow"))) == ["again"]

    def test_an_address_that_is_none_is_refused(self, way: Any):
        letter = replace(way.letter(), email="a@b>\r\nRCPT TO:<eve@example.net")
        assert states(way.send(letter)) == ["failed"]


def test_without_a_server_no_mail_is_sent_and_it_says_so(database: Database):
    channel = Email(None, Places(api="https://a"), Unsubscriber(["secret"]))
    letter = WAYS["inbox"](database).letter()
    (outcome,) = channel.deliver([letter], database.transaction)
    assert outcome.state == "skipped"
    assert "SMTP_URL" in outcome.reason
    assert channel.unavailable == outcome.reason


def test_an_installation_with_a_server_has_the_channel(settings: Settings):
    given = replace(
        settings,
        smtp_url="smtps://user:password@mail.example.com",
        mail_from="Nutrition <no-reply@example.com>",
    )
    assert Email.of(given).unavailable is None
    assert Email.of(settings).unavailable is not None
    mailer = mailer_of(given)
    assert mailer is not None
    assert (mailer.server.host, mailer.server.port) == ("mail.example.com", 465)
    assert str(mailer.sender) == "Nutrition <no-reply@example.com>"
