"""E-mail: letters as mails, handed to the operator's server."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from kernel.mail import Mail, MailFailed, MailRefused, Server, ServerAway, sender_of
from kernel.settings import Settings
from kernel.smtp import Mailer
from services.jobs.retry import Retries
from services.notifications import jobs
from services.notifications.channels import (
    DELIVERED,
    EMAIL,
    Letter,
    Outcome,
    Transaction,
)
from services.notifications.templates import Places, write
from services.notifications.topics import TOPICS
from services.notifications.unsubscribe import Subscription, Unsubscriber

#: Seconds for all the letters of one packet; within the limits of the job that carries it.
SECONDS = 240.0

_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


class Email:
    """The channel. mailer: None where no server is named; then no mail is sent, and it says so.

    seconds: for all the letters of one packet; the last may take a mailer's own deadline longer.
    """

    name = EMAIL

    def __init__(
        self,
        mailer: Mailer | None,
        places: Places,
        unsubscriber: Unsubscriber,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._mailer = mailer
        self._places = places
        self._unsubscriber = unsubscriber
        self._seconds = seconds

    @classmethod
    def of(cls, settings: Settings) -> Email:
        """The channel of this installation."""
        return cls(
            mailer_of(settings),
            Places(api=settings.api_url, frontend=settings.frontend_origin),
            Unsubscriber([settings.jwt_secret, settings.jwt_secret_previous]),
        )

    @property
    def unavailable(self) -> str | None:
        return None if self._mailer else "This installation sends no e-mail: SMTP_URL is not set."

    @property
    def retry(self) -> Retries:
        return jobs.DELIVER.retry

    @property
    def lifetime(self) -> timedelta:
        return jobs.MAIL_LIFETIME

    def deliver(self, letters: Sequence[Letter], transaction: Transaction) -> Iterator[Outcome]:
        """Send each letter when its outcome is asked for, so that it can be written down at once.

        A refused one keeps nobody. Where the server is away, or the time over, all others wait.
        """
        until = time.monotonic() + self._seconds
        wait: Outcome | None = None
        for letter in letters:
            if self._mailer is None:
                yield Outcome(state="skipped", reason=self.unavailable)
                continue
            if wait is None and time.monotonic() >= until:
                wait = Outcome(state="again", reason="There was no time left for it.")
            if wait is not None:
                yield wait
                continue
            try:
                yield self._send(self._mailer, letter)
            except ServerAway as error:
                # So is it for all the others: they are not to wait for the same, one by one.
                wait = Outcome(state="again", reason=str(error))
                yield wait

    def _send(self, mailer: Mailer, letter: Letter) -> Outcome:
        if letter.email is None:
            return Outcome(state="skipped", reason="There is no e-mail address.")
        topic = TOPICS.get(letter.topic)
        if topic is None:
            return Outcome(state="again", reason="Its topic is of a newer release.")
        link = None if topic.must(EMAIL) else self._link(letter)
        written = write(letter, self._places, link)
        mail = Mail(
            recipient=letter.email,
            subject=letter.title,
            text=written.text,
            html=written.html,
            message_id=f"{letter.id}@{mailer.sender.domain}",
            date=datetime.now(UTC),
            headers=_for_machines(letter, mailer.sender.domain, link),
        )
        try:
            mailer.send(mail)
        except MailRefused as error:
            return Outcome(state="failed", reason=_anonymous(str(error)))
        except ServerAway:
            raise
        except MailFailed as error:
            return Outcome(state="again", reason=_anonymous(str(error)))
        return DELIVERED

    def _link(self, letter: Letter) -> str:
        subscription = Subscription(account_id=letter.account_id, topic=letter.topic, channel=EMAIL)
        return f"{self._places.api}/v1/unsubscribe/{self._unsubscriber.token(subscription)}"


def mailer_of(settings: Settings) -> Mailer | None:
    """A mailer to the server of SMTP_URL; None without one."""
    if not settings.smtp_url:
        return None
    trust = None
    if settings.smtp_ca_file:
        trust = ssl.create_default_context(cafile=settings.smtp_ca_file)
    return Mailer(Server.parse(settings.smtp_url), sender_of(settings.mail_from), trust=trust)


def _for_machines(letter: Letter, domain: str, link: str | None) -> dict[str, str]:
    headers = {
        # Nobody's out-of-office note is wanted in return (RFC 3834).
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<{letter.topic}.notifications.{domain}>",  # RFC 2919
    }
    if link is not None:
        # RFC 8058: one POST, no sign-in; mail programs show a button.
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _anonymous(said: str) -> str:
    """Servers repeat the address; reasons are read by more than its owner."""
    return _ADDRESS.sub("the recipient", said)
