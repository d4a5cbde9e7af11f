"""Alembic's environment: the schema's owner, short lock waits, one migration run at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, pool, text

#: A migration that cannot have its lock within this time gives way: the queue that forms behind a
#: waiting ALTER TABLE would stop the platform.
LOCK_TIMEOUT = "5s"
#: Any fixed number; two deploys at once take turns.
ADVISORY_KEY = 0x6E757472


def run(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_KEY})
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def run_within(connection: Connection) -> None:
    """In the caller's transaction, which also says how long it waits for locks."""
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run_within(given)
else:
    url = make_url(context.config.get_main_option("sqlalchemy.url") or "")
    engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
