"""Notifications: inbox, preferences, broadcasts and their deliveries.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

UPGRADE = """
CREATE TABLE broadcasts (
    id          uuid PRIMARY KEY,
    actor       text NOT NULL,
    topic       text NOT NULL,
    title       text NOT NULL,
    body        text NOT NULL,
    everyone    boolean NOT NULL,
    user_ids    uuid[],
    channels    text[] NOT NULL,
    state       text NOT NULL DEFAULT 'sending'
        CHECK (state IN ('sending', 'finished', 'cancelled')),
    recipients  integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz
);

CREATE TABLE notification_inboxes (
    account_id   uuid PRIMARY KEY,
    last_number  bigint NOT NULL
);

CREATE TABLE notifications (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL,
    key           text NOT NULL,
    number        bigint NOT NULL,
    topic         text NOT NULL,
    title         text NOT NULL,
    text          text NOT NULL,
    path          text,
    parameters    jsonb NOT NULL DEFAULT '{}',
    broadcast_id  uuid,
    in_inbox      boolean NOT NULL DEFAULT false,
    in_stream     boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    read_at       timestamptz,
    UNIQUE (account_id, key)
);
CREATE UNIQUE INDEX ix_notifications_number ON notifications (account_id, number DESC);
CREATE INDEX ix_notifications_unread ON notifications (account_id, number DESC)
    WHERE in_inbox AND read_at IS NULL;

CREATE TABLE notification_deliveries (
    id               uuid PRIMARY KEY,
    notification_id  uuid NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    account_id       uuid NOT NULL,
    broadcast_id     uuid,
    channel          text NOT NULL,
    state            text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivered', 'failed', 'skipped')),
    reason           text,
    job_id           uuid,
    created_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    UNIQUE (notification_id, channel)
);
CREATE INDEX ix_notification_deliveries_account_id ON notification_deliveries (account_id);
CREATE INDEX ix_notification_deliveries_mails ON notification_deliveries (account_id, created_at)
    WHERE channel = 'email';
CREATE INDEX ix_notification_deliveries_broadcast ON notification_deliveries (broadcast_id, state)
    WHERE broadcast_id IS NOT NULL;
CREATE INDEX ix_notification_deliveries_job_id ON notification_deliveries (job_id)
    WHERE state = 'pending';
CREATE INDEX ix_notification_deliveries_stale ON notification_deliveries (expires_at)
    WHERE state = 'pending';

CREATE TABLE notification_preferences (
    account_id  uuid NOT NULL,
    topic       text NOT NULL,
    channel     text NOT NULL,
    wanted      boolean NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, topic, channel)
);

-- Webhooks that carry a notification tell it, by their job, how they ended.
CREATE INDEX ix_webhook_deliveries_notification ON webhook_deliveries (job_id)
    WHERE key LIKE 'notification:%';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        DROP INDEX ix_webhook_deliveries_notification;
        DROP TABLE notification_preferences, notification_deliveries, notifications,
            notification_inboxes, broadcasts
    """)
