"""People: who signs in, their sessions and refresh tokens, and which key made which.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE = """
CREATE TABLE people (
    account_id           uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    email                text NOT NULL UNIQUE CHECK (email = lower(email)),
    name                 text NOT NULL DEFAULT '',
    password_hash        text NOT NULL,
    role                 text NOT NULL DEFAULT 'user'
        CHECK (role IN ('user', 'operator', 'admin')),
    analytics_consent    boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL DEFAULT now(),
    password_changed_at  timestamptz NOT NULL DEFAULT now(),
    claimed_at           timestamptz,
    disabled_at          timestamptz
);
CREATE INDEX ix_people_disabled_at ON people (account_id) WHERE disabled_at IS NOT NULL;

CREATE TABLE sign_ins (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES people (account_id) ON DELETE CASCADE,
    origin        bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    refreshed_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_why     text CHECK (ended_why IN ('logout', 'reuse', 'password', 'disabled'))
);
CREATE INDEX ix_sign_ins_account_id ON sign_ins (account_id, id DESC);
CREATE INDEX ix_sign_ins_expires_at ON sign_ins (expires_at);

CREATE TABLE refresh_tokens (
    digest      bytea PRIMARY KEY,
    sign_in_id  uuid NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    spent_at    timestamptz,
    spent_for   bytea
);
CREATE INDEX ix_refresh_tokens_sign_in_id ON refresh_tokens (sign_in_id);

ALTER TABLE api_keys ADD COLUMN made_by text;
CREATE INDEX ix_api_keys_made_by ON api_keys (made_by) WHERE made_by IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        ALTER TABLE api_keys DROP COLUMN made_by;
        DROP TABLE refresh_tokens;
        DROP TABLE sign_ins;
        DROP TABLE people;
    """)
