"""Webhooks: endpoints, callbacks, deliveries and their attempts.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = """
CREATE TABLE webhook_endpoints (
    id               uuid PRIMARY KEY,
    owner_id         uuid NOT NULL,
    url              text NOT NULL,
    description      text NOT NULL DEFAULT '',
    events           text[] NOT NULL,
    secret           text NOT NULL,
    previous_secret  text,
    previous_until   timestamptz,
    enabled          boolean NOT NULL DEFAULT true,
    disabled_reason  text,
    failing_since    timestamptz,
    hold_until       timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner_id, url)
);

CREATE TABLE webhook_callbacks (
    job_id       uuid NOT NULL,
    endpoint_id  uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, endpoint_id)
);
CREATE INDEX ix_webhook_callbacks_endpoint_id ON webhook_callbacks (endpoint_id);

CREATE TABLE webhook_deliveries (
    id           uuid PRIMARY KEY,
    owner_id     uuid NOT NULL,
    endpoint_id  uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    key          text NOT NULL,
    type         text NOT NULL,
    body         text NOT NULL,
    job_id       uuid NOT NULL,
    state        text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivered', 'failed', 'skipped')),
    attempts     integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    UNIQUE (endpoint_id, key)
);
CREATE INDEX ix_webhook_deliveries_endpoint_id ON webhook_deliveries (endpoint_id, id DESC);
CREATE INDEX ix_webhook_deliveries_job_id ON webhook_deliveries (job_id) WHERE state = 'pending';

CREATE TABLE webhook_attempts (
    delivery_id  uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number       integer NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    seconds      double precision NOT NULL,
    status       smallint,
    error        text,
    excerpt      text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, number)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        DROP TABLE webhook_attempts, webhook_deliveries, webhook_callbacks, webhook_endpoints
    """)
