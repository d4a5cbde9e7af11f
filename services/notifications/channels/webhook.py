"""Webhooks: a notification is an event like others, signed and sent by `services/webhooks`.

It is handed over here. How it ended is told by the ends of the webhooks' own jobs
(`services/notifications/deliver.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services import webhooks
from services.jobs.retry import Retries
from services.notifications.channels import LIFETIMES, WEBHOOK, Letter, Outcome, Transaction
from services.webhooks.events import NOTIFICATION

HANDED = Outcome(state="handed")
UNHEARD = Outcome(state="skipped", reason="No webhook endpoint listens to it.")


class WebhookChannel:
    """Announces notifications to the endpoints of their account that listen."""

    name: str = WEBHOOK
    unavailable: str | None = None
    retry: Retries = webhooks.DELIVER.retry
    lifetime: timedelta = LIFETIMES[WEBHOOK]

    def deliver(self, letters: Sequence[Letter], transaction: Transaction) -> list[Outcome]:
        announcements = [
            webhooks.Announcement(
                owner=letter.account_id,
                type=f"{NOTIFICATION}.{letter.topic}",
                data=_data(letter),
                key=letter.key,
            )
            for letter in letters
        ]
        with transaction() as session:
            heard = webhooks.announce_many(session, announcements)
        return [HANDED if endpoints else UNHEARD for endpoints in heard]


def _data(letter: Letter) -> dict[str, Any]:
    """The notification, as receivers see it."""
    return {
        "id": letter.notification_id,
        "topic": letter.topic,
        "title": letter.title,
        "text": letter.text,
        "created_at": letter.created_at,
        "links": {} if letter.path is None else {"about": letter.path},
    }
