"""People are told what concerns them: in the transaction of it, once, by the ways they want."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from email.headerregistry import Address
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Conflict, Invalid
from kernel.ids import PLATFORM
from kernel.mail import Mail, MailFailed, ServerAway
from kernel.smtp import Mailer
from services.backups.jobs import CreateBackup
from services.batches.jobs import ConcludeBatch
from services.jobs import end
from services.jobs.enqueue import Order, enqueue
from services.notifications import deliver, jobs, notify, preferences
from services.notifications.channels import DELIVERED, Outcome
from services.notifications.channels.email import Email
from services.notifications.post import MAILS_A_DAY, MUTED, choose
from services.notifications.templates import Places
from services.notifications.topics import (
    ANNOUNCEMENT,
    BACKUP_FAILED,
    BATCH_FINISHED,
    TOPICS,
)
from services.notifications.unsubscribe import Unsubscriber
from services.webhooks import endpoints
from services.webhooks.events import TYPES
from tests.web.client import Caller
from tests.webhooks.sink import Sink, status

BATCH = ConcludeBatch(batch_id=uuid.UUID(int=7))
COUNTS = {"recipes": 3, "succeeded": 2, "failed": 1}
BROKEN = end.Ending(state="failed", error={"type": "Full", "message": "The disk is full."})
NEWS = {"title": "News", "body": "There are some."}
Rows = Callable[..., list[Any]]
NewPeople = Callable[..., list[uuid.UUID]]
Work = Callable[..., list[str]]


def tell(database: Database, *accounts: uuid.UUID, key: str = "one", topic: str = "") -> int:
    with database.transaction() as session:
        return notify(session, accounts, topic or ANNOUNCEMENT.name, NEWS, key)


def states(rows: Rows) -> dict[str, str]:
    """By channel, how the only notification's deliveries stand."""
    found = rows("SELECT channel, state FROM notification_deliveries")
    return {row.channel: row.state for row in found}


@pytest.mark.parametrize(
    ("topic", "channels", "wishes", "chosen"),
    [
        (BATCH_FINISHED, None, {}, {"inbox": None, "stream": None}),
        (BATCH_FINISHED, None, {"email": True}, {"inbox": None, "stream": None, "email": None}),
        (BATCH_FINISHED, None, {"stream": False}, {"inbox": None, "stream": MUTED}),
        (ANNOUNCEMENT, ["email"], {}, {"email": None}),
        (ANNOUNCEMENT, ["email"], {"email": False, "inbox": False}, {"email": MUTED}),
        (BACKUP_FAILED, None, {"email": False}, {"inbox": None, "stream": None, "email": None}),
        (BACKUP_FAILED, ["webhook"], {"webhook": False}, {"webhook": MUTED}),
    ],
)
def test_a_wish_holds_except_where_the_topic_is_mandatory(
    topic: Any, channels: Any, wishes: dict[str, bool], chosen: dict[str, Any]
) -> None:
    assert choose(topic, channels, wishes) == chosen


def test_every_topic_is_an_event_type_of_webhooks() -> None:
    told = {name for name in TYPES if name.startswith("notification.")}

    assert told == {f"notification.{topic}" for topic in TOPICS}


def test_what_is_told_twice_under_one_key_is_told_once(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    assert (tell(database, person), tell(database, person)) == (1, 0)
    assert rows("SELECT count(*) FROM notifications")[0][0] == 1


def test_numbers_rise_by_account(database: Database, new_people: NewPeople, rows: Rows) -> None:
    ada, bob = new_people(2)

    tell(database, ada, key="first")
    tell(database, ada, bob, key="second")

    numbers = rows("SELECT account_id, number FROM notifications ORDER BY number")
    assert [(row.account_id, row.number) for row in numbers if row.account_id == ada] == [
        (ada, 1),
        (ada, 2),
    ]
    assert [row.number for row in numbers if row.account_id == bob] == [1]


def test_without_a_listening_endpoint_the_webhook_is_skipped(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    tell(database, person)

    assert states(rows) == {
        "inbox": "delivered", "stream": "delivered", "email": "pending", "webhook": "skipped",
    }  # fmt: skip


def test_without_a_mail_server_e_mail_is_skipped_and_says_why(
    database: Database, person: uuid.UUID, rows: Rows, work: Work
) -> None:
    tell(database, person)

    assert work() == ["notifications.deliver"]

    (mail,) = rows("SELECT state, reason FROM notification_deliveries WHERE channel = 'email'")
    assert mail.state == "skipped"
    assert "SMTP_URL" in mail.reason


def test_a_finished_batch_is_told_to_its_owner(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    with database.transaction() as session:
        job = _end(session, BATCH, person, result=COUNTS)

    (told,) = rows("SELECT account_id, topic, text, path FROM notifications")
    assert (told.account_id, told.topic) == (person, "batch.finished")
    assert told.path == f"/v1/batches/{job}"
    assert told.text == "3 recipes: 2 analysed, 1 could not be."


def test_a_failed_backup_is_told_to_all_who_keep_the_platform(
    database: Database, new_people: NewPeople, rows: Rows
) -> None:
    keepers = {*new_people(1, "operator"), *new_people(1, "admin")}
    new_people(2)

    with database.transaction() as session:
        _end(session, CreateBackup(), PLATFORM)
        _end(session, CreateBackup(), PLATFORM, BROKEN)

    told = rows("SELECT account_id, topic, text FROM notifications")
    assert {row.account_id for row in told} == keepers
    assert {row.topic for row in told} == {"backup.failed"}
    assert "The disk is full." in told[0].text


def test_who_cancels_a_batch_is_not_told_of_it(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    with database.transaction() as session:
        _end(session, BATCH, person, end.CANCELLED)

    assert not rows("SELECT 1 FROM notifications")


def test_the_end_of_a_job_whose_account_was_erased_is_told_to_nobody(
    database: Database, rows: Rows
) -> None:
    with database.transaction() as session:
        _end(session, BATCH, uuid.uuid4(), result=COUNTS)

    assert not rows("SELECT 1 FROM notifications")


def test_a_packet_settles_each_letter_and_comes_again_for_the_rest(
    database: Database,
    new_people: NewPeople,
    rows: Rows,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A channel that takes one, refuses one and puts one off, asking for an hour."""
    ada, bob, cleo = new_people(3)
    said = {
        ada: DELIVERED,
        bob: Outcome(state="failed", reason="No such mailbox."),
        cleo: Outcome(state="again", reason="Greylisted.", retry_after=3_600),
    }
    asked: list[list[uuid.UUID]] = []

    class Told:
        def deliver(self, letters: Any, transaction: Any) -> list[Outcome]:
            asked.append([letter.account_id for letter in letters])
            return [said[letter.account_id] for letter in letters]

    monkeypatch.setattr("tasks.notifications.channels", lambda: {"email": Told()})
    tell(database, ada, bob, cleo)

    assert work() == ["notifications.deliver"]

    found = rows("SELECT account_id, state FROM notification_deliveries WHERE channel = 'email'")
    assert {row.account_id: row.state for row in found} == {
        ada: "delivered", bob: "failed", cleo: "pending",
    }  # fmt: skip
    (job,) = rows("SELECT extract(epoch FROM next_at - now()) AS wait FROM jobs")
    assert job.wait > 3_500
    rows("UPDATE jobs SET next_at = now(), due = true RETURNING 1")
    said[cleo] = DELIVERED
    assert work() == ["notifications.deliver"]
    assert asked[1] == [cleo]
    assert not rows("SELECT 1 FROM notification_deliveries WHERE state = 'pending'")


def test_an_address_gets_no_more_than_so_many_mails_a_day_by_its_account_s_doing(
    database: Database, person: uuid.UUID, new_people: NewPeople, rows: Rows
) -> None:
    """Whoever signed up with a stranger's address cannot have them flooded. The inbox has all."""
    (other,) = new_people(1)
    for number in range(MAILS_A_DAY + 2):
        tell(database, person, key=str(number))
    tell(database, person, other, key="both")
    tell(database, person, key="notice", topic="service.notice")

    found = rows("""
        SELECT d.state, d.reason, d.account_id, n.key FROM notification_deliveries d
        JOIN notifications n ON n.id = d.notification_id WHERE channel = 'email' ORDER BY d.id
    """)
    mine = [row for row in found if row.account_id == person]
    assert [row.state for row in mine] == ["pending"] * MAILS_A_DAY + ["skipped"] * 3 + ["pending"]
    assert mine[-2].reason == f"It would be more than {MAILS_A_DAY} e-mails in a day."
    assert [row.state for row in found if row.account_id == other] == ["pending"]
    assert rows("SELECT count(*) FROM notifications")[0][0] == MAILS_A_DAY + 5

    rows("UPDATE notification_deliveries SET created_at = now() - interval '25 hours' RETURNING 1")
    tell(database, person, key="next day")
    (next_day,) = rows("""
        SELECT state FROM notification_deliveries d JOIN notifications n ON n.id = notification_id
        WHERE channel = 'email' AND key = 'next day'
    """)
    assert next_day.state == "pending"


@pytest.mark.parametrize(
    ("problem", "asked"), [(MailFailed("Silence."), 12), (ServerAway("Away."), 1)]
)
def test_a_packet_has_one_deadline_whatever_each_letter_takes(
    database: Database,
    new_people: NewPeople,
    rows: Rows,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
    problem: MailFailed,
    asked: int,
) -> None:
    """A relay that keeps every mail for 20 s: the job ends in its limits, and loses no letter."""
    now = 0.0
    sent: list[Mail] = []

    class Slow:
        sender = Address("", "no-reply", "example.com")

        def send(self, mail: Mail) -> None:
            nonlocal now
            now += 20
            sent.append(mail)
            raise problem

    channel = Email(cast(Mailer, Slow()), Places(api="https://a"), Unsubscriber(["secret"]))
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("services.notifications.channels.email.time", clock)
    monkeypatch.setattr("tasks.notifications.channels", lambda: {"email": channel})
    tell(database, *new_people(50))

    assert work() == ["notifications.deliver"]

    assert len(sent) == asked
    assert now < jobs.DELIVER.soft_limit
    (waiting,) = rows("SELECT count(*) FROM notification_deliveries WHERE state = 'pending'")
    assert waiting.count == 50


def test_what_is_stale_is_skipped_and_not_sent(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    tell(database, person)
    (mail,) = rows(
        "UPDATE notification_deliveries SET expires_at = now() WHERE channel = 'email' RETURNING id"
    )

    with database.transaction() as session:
        assert deliver.letters(session, [mail.id]) == []

    assert states(rows)["email"] == "skipped"


def test_a_packet_whose_job_dies_has_failed(
    database: Database, person: uuid.UUID, rows: Rows
) -> None:
    tell(database, person)
    (job,) = rows("SELECT job_id FROM notification_deliveries WHERE channel = 'email'")

    with database.transaction() as session:
        end.end(session, [job.job_id], end.Ending(state="dead", error={"message": "Poison."}))

    (mail,) = rows("SELECT state, reason FROM notification_deliveries WHERE channel = 'email'")
    assert (mail.state, mail.reason) == ("failed", "Poison.")


def test_a_webhook_that_is_taken_delivers_the_notification(
    database: Database,
    person: uuid.UUID,
    rows: Rows,
    work: Work,
    sink: Sink,
) -> None:
    """Of two endpoints one takes it: one webhook-id each, and the person is reached."""
    with database.transaction() as session:
        endpoints.create(session, person, sink.url, loopback=True)
        endpoints.create(session, person, sink.url + "gone", ["notification.*"], loopback=True)
    tell(database, person)
    assert states(rows)["webhook"] == "pending"
    sink.answer(status(410), status(204))

    work()

    assert states(rows)["webhook"] == "delivered"
    types = rows("SELECT type FROM webhook_deliveries")
    assert {row.type for row in types} == {"notification.announcement"}


def test_preferences_are_put_whole_and_the_mandatory_stays(caller: Caller) -> None:
    url = "/v1/notification-preferences"

    put = caller.send("PUT", url, json={"preferences": {"announcement": {"email": False}}})
    again = caller.send("PUT", url, json={"preferences": caller.get(url).json["preferences"]})
    reset = caller.send("PUT", url, json={"preferences": {}})
    refused = caller.send(
        "PUT",
        url,
        json={"preferences": {"backup.failed": {"email": False}, "anouncement": {}}},
    )

    assert put.json["preferences"]["announcement"]["email"] is False
    assert put.json["preferences"]["announcement"]["inbox"] is True
    assert again.json == put.json
    assert reset.json["preferences"]["announcement"]["email"] is True
    assert refused.status_code == 422
    assert set(refused.json["errors"]) == {
        "preferences.backup.failed.email", "preferences.anouncement",
    }  # fmt: skip
    assert put.json["mandatory"]["backup.failed"] == ["inbox", "stream", "email"]


def test_muting_is_one_step_and_the_mandatory_refuses(
    database: Database, person: uuid.UUID
) -> None:
    with database.transaction() as session:
        preferences.mute(session, person, "announcement", "email")
        preferences.mute(session, person, "announcement", "email")
        with pytest.raises(Conflict):
            preferences.mute(session, person, "backup.failed", "email")
        with pytest.raises(Invalid):
            preferences.mute(session, person, "announcement", "pigeon")
        assert not preferences.standing(session, person)["announcement"]["email"]


def _end(
    session: Session,
    payload: object,
    owner: uuid.UUID,
    how: end.Ending = end.SUCCESS,
    result: dict[str, Any] | None = None,
) -> uuid.UUID:
    """A job that ran, and ends so; answers its id."""
    job = enqueue(session, Order(payload=payload, owner=owner, actor="tests"))
    session.execute(
        text("UPDATE jobs SET state = 'running', claim = 1 WHERE id = :id"), {"id": job}
    )
    if how is end.SUCCESS:
        end.succeed(session, [(job, 1, result)])
    else:
        end.end(session, [job], how)
    return job
