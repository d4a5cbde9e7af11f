"""Each channel with the other side it needs, behind one form: sent, received, broken, refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import tasks.webhooks
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import new_id
from kernel.mail import Server
from kernel.outbound import Outside
from kernel.smtp import Mailer
from services import webhooks
from services.jobs import settle
from services.jobs.kinds import NOTIFICATIONS
from services.jobs.retry import failure_of
from services.notifications import inbox
from services.notifications.channels import (
    DELIVERED,
    EMAIL,
    INBOX,
    STREAM,
    WEBHOOK,
    Channel,
    Letter,
    Outcome,
)
from services.notifications.channels.email import Email
from services.notifications.channels.inbox import InboxChannel
from services.notifications.channels.stream import StreamChannel
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.templates import Places
from services.notifications.unsubscribe import Unsubscriber
from services.webhooks import endpoints
from tests.analyses.claiming import claim_next
from tests.notifications.post_office import PostOffice, hang_up, silence
from tests.webhooks import sink as answers
from tests.webhooks.sink import Sink

#: Seconds that a channel of the tests waits for the other side.
PATIENCE = 0.4
_NOTIFICATION = text("""
    WITH inbox AS (
        INSERT INTO notification_inboxes AS i (account_id, last_number) VALUES (:account, 1)
        ON CONFLICT (account_id) DO UPDATE SET last_number = i.last_number + 1
        RETURNING last_number
    )
    INSERT INTO notifications (id, account_id, key, number, topic, title, text)
    SELECT :id, :account, CAST(:id AS text), last_number, :topic, :title, :text FROM inbox
""")


@dataclass(frozen=True, slots=True)
class Seen:
    """What arrived: under which id, and its words."""

    id: str
    title: str
    text: str


class Way:
    """A channel and the other side of it."""

    #: Whether the other side itself knows a repetition, and shows one.
    knows_repetition = True

    def __init__(self, database: Database) -> None:
        self.database = database
        self.channel = self.make()

    def make(self) -> Channel:
        raise NotImplementedError

    def transaction(self) -> AbstractContextManager[Session]:
        return self.database.transaction()

    def letter(self, title: str = "News", words: str = "There are news.", **more: Any) -> Letter:
        """A letter to somebody new, who can be reached this way."""
        account, notification = new_id(), new_id()
        at = datetime.now(UTC)
        made = Letter(
            id=new_id(),
            notification_id=notification,
            account_id=account,
            topic="announcement",
            title=title,
            text=words,
            email=f"{account}@example.org",
            created_at=at,
            expires_at=at + timedelta(days=1),
        )
        with self.transaction() as session:
            values = {"account": account, "id": notification, "topic": made.topic}
            session.execute(_NOTIFICATION, values | {"title": title, "text": words})
            self.settle_in(session, account)
        return replace(made, **more)

    def settle_in(self, session: Session, account: uuid.UUID) -> None:
        """What an account needs to be reached."""

    def stranger(self) -> Letter:
        """A letter to whom this way does not lead."""
        return replace(self.letter(), account_id=new_id())

    def send(self, *letters: Letter) -> list[Outcome]:
        """Deliver, all the way."""
        return list(self.channel.deliver(letters, self.transaction))

    def received(self, letter: Letter) -> list[Seen]:
        """What arrived for the letter's recipient."""
        raise NotImplementedError


class Shown(Way):
    """Inbox and stream: our own rows."""

    def make(self) -> Channel:
        return InboxChannel()

    def received(self, letter: Letter) -> list[Seen]:
        with self.transaction() as session:
            found = inbox.listing(session, letter.account_id)
        return [Seen(str(one.id), one.title, one.text) for one in found]

    def break_once(self) -> None:
        def away() -> AbstractContextManager[Session]:
            del self.__dict__["transaction"]
            raise Unavailable("The database is out of reach.")

        self.__dict__["transaction"] = away

    def send(self, *letters: Letter) -> list[Outcome]:
        try:
            return super().send(*letters)
        except Unavailable as error:
            # The job in whose transaction it writes comes again, by this name.
            if failure_of(error) != "transient":
                raise
            return [Outcome(state="again", reason=str(error))] * len(letters)

    def refused(self, letter: Letter) -> Letter:
        with self.transaction() as session:
            session.execute(
                text("DELETE FROM notifications WHERE id = :id"), {"id": letter.notification_id}
            )
        return letter


class Streamed(Shown):
    def make(self) -> Channel:
        return StreamChannel()

    def received(self, letter: Letter) -> list[Seen]:
        with self.transaction() as session:
            found = inbox.after(session, letter.account_id, 0, 100)
        return [Seen(str(one.id), one.title, one.text) for one in found]


class Mailed(Way):
    knows_repetition = False

    def __init__(self, database: Database) -> None:
        self.office = PostOffice()
        super().__init__(database)

    def make(self) -> Channel:
        self.mailer = Mailer(
            Server.parse(f"smtp://127.0.0.1:{self.office.port}"),
            Address("", "no-reply", "example.com"),
            seconds=PATIENCE * 5,
        )
        return Email(self.mailer, Places(api="https://api.example.com"), Unsubscriber(["secret"]))

    def close(self) -> None:
        self.mailer.close()
        self.office.close()

    def stranger(self) -> Letter:
        return replace(self.letter(), email=None)

    def received(self, letter: Letter) -> list[Seen]:
        return [
            Seen(got.message["Message-ID"], got.message["Subject"], got.part("plain"))
            for got in self.office.got
            if got.recipient == letter.email
        ]

    def break_once(self) -> None:
        self.office.at_recipient.append(hang_up)

    def refused(self, letter: Letter) -> Letter:
        self.office.at_recipient.append("550 5.1.1 no such person")
        return letter

    def fall_silent(self) -> None:
        self.office.at_data.append(silence)


class Called(Way):
    """Webhooks: handed over, then called by the job that `services/webhooks` made."""

    def __init__(self, database: Database) -> None:
        self.sink = Sink()
        super().__init__(database)

    def make(self) -> Channel:
        return WebhookChannel()

    def close(self) -> None:
        self.sink.close()

    def settle_in(self, session: Session, account: uuid.UUID) -> None:
        # A path of its own tells whose calls they are.
        url = f"{self.sink.url}/{account}"
        endpoints.create(session, account, url, loopback=True)

    def send(self, *letters: Letter) -> list[Outcome]:
        with self.transaction() as session:
            # What failed before is not waited for.
            session.execute(text("UPDATE jobs SET next_at = now(), due = true"))
        handed = super().send(*letters)
        due = [outcome for outcome in handed if outcome.state == "handed"]
        ends = iter([self._call() for _ in due])
        return [next(ends) if outcome.state == "handed" else outcome for outcome in handed]

    def _call(self) -> Outcome:
        """The next call, settled as a worker would; what came of it, as its job has it."""
        found = claim_next(self.database, NOTIFICATIONS)
        if found is None:
            return DELIVERED  # it was, before
        run = found.run
        payload = webhooks.DELIVER.decode(run.job.payload, run.job.version)
        try:
            tasks.webhooks.deliver(payload, run)
        except Exception as error:  # noqa: BLE001 - settled as a worker would
            with self.transaction() as session:
                state = settle.fail(session, run.job, error, Random(7))
            asked = getattr(error, "retry_after", None)
            if state == "failed":
                return Outcome(state="failed", reason=str(error))
            return Outcome(state="again", reason=str(error), retry_after=asked)
        return DELIVERED

    def received(self, letter: Letter) -> list[Seen]:
        calls = [
            (call.headers["webhook-id"], json.loads(call.body)["data"])
            for call in self.sink.received
            if call.path.endswith(str(letter.account_id))
        ]
        return [Seen(called, data["title"], data["text"]) for called, data in calls]

    def break_once(self) -> None:
        self.sink.answer(answers.reset)

    def refused(self, letter: Letter) -> Letter:
        self.sink.answer(answers.status(410))
        return letter

    def fall_silent(self) -> None:
        self.sink.answer(answers.silence(self.sink))


WAYS: dict[str, Callable[[Database], Any]] = {
    INBOX: Shown,
    STREAM: Streamed,
    EMAIL: Mailed,
    WEBHOOK: Called,
}


def outside() -> Outside:
    """Webhooks of the tests go to this machine, and do not wait long."""
    return Outside(loopback=True, seconds=PATIENCE)


def states(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]
