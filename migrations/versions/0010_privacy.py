"""Privacy: an account's rows are found through an index, however many rows others have.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

# In the order in which an account's rows are read and deleted, page by page.
UPGRADE = """
CREATE INDEX ix_webhook_deliveries_owner_id ON webhook_deliveries (owner_id, id);
CREATE INDEX ix_events_owner_id ON events (owner_id, time);
CREATE INDEX ix_food_uses_owner_id ON food_uses (owner_id, at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        DROP INDEX ix_webhook_deliveries_owner_id, ix_events_owner_id, ix_food_uses_owner_id
    """)
