"""PostgreSQL: the declarative base, the engine, and transactions.

A service function takes a session; whoever calls it owns the transaction:

    with database.transaction() as session:
        recipes.store(session, ...)
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Engine, MetaData, TextClause, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from kernel import codec, metrics
from kernel.errors import Unavailable


class Base(DeclarativeBase):
    """Root of every table; each declares in `info` who owns a row and how erasure treats it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """A pool of connections to one PostgreSQL, and transactions on it.

    A connection or a lock that cannot be had within seconds raises Unavailable: nobody hangs.
    idle_seconds: how long a transaction may lie idle before the server ends it. A process that
    is frozen between two statements would else keep its locks, and stop everybody.
    generic_plans: for processes whose few statements never profit from a plan made for their very
    parameters. Planning was a quarter of PostgreSQL's work for an analysis.
    own_connection: one is kept for `statement` alone: lending was half its price.
    """

    def __init__(
        self,
        url: str,
        *,
        pool: int = 4,
        name: str = "nutrition",
        announce: Callable[[frozenset[str]], None] | None = None,
        idle_seconds: int = 10,
        generic_plans: bool = False,
        own_connection: bool = False,
    ) -> None:
        self._announce = announce
        self._own: psycopg.Connection | None = None
        self._own_lock = threading.Lock() if own_connection else None
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            # An error's text goes to the logs; a person's words and a webhook's secret do not.
            hide_parameters=True,
            json_serializer=lambda value: codec.dumps(value).decode(),
            json_deserializer=codec.loads,
            pool_size=pool,
            # No overflow: the pool is sized with the threads that use it, once.
            max_overflow=0,
            pool_timeout=5,
            pool_recycle=1800,
            connect_args={
                "connect_timeout": 3,
                "application_name": name,
                "options": f"-c idle_in_transaction_session_timeout={idle_seconds}s"
                " -c lock_timeout=5s"
                + (" -c plan_cache_mode=force_generic_plan" if generic_plans else ""),
                # Prepared at the first execution, not at the sixth.
                **({"prepare_threshold": 0} if generic_plans else {}),
                # A frozen server or a cut cable is noticed in about 10 s, not after two hours.
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        )

        self._pool, self._size = name, pool
        metrics.POOL_SIZE.labels(name).inc(pool)
        event.listen(self.engine, "checkout", self._lends)
        event.listen(self.engine, "checkin", self._has_back)

    def _lends(self, *_: Any) -> None:
        metrics.CONNECTIONS.labels(self._pool).inc()

    def _has_back(self, *_: Any) -> None:
        metrics.CONNECTIONS.labels(self._pool).dec()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises.

        What the block left with `announce_after_commit` is handed on once the commit stands.
        Raises Unavailable where the server is out of reach or goes away.
        """
        news: set[str] = set()
        inner: BaseException | None = None
        try:
            with Session(self.engine, info={"news": news}) as session, session.begin():
                try:
                    yield session
                except BaseException as raised:
                    inner = raised
                    raise
        except (DBAPIError, PoolTimeout) as error:
            self._count(error)
            if inner is not None and not isinstance(inner, (DBAPIError, PoolTimeout)):
                # A time limit struck in the middle of a statement, and then the rollback failed:
                # the limit is what happened, not an outage.
                raise inner from error
            if is_outage(error):
                raise Unavailable("The database is out of reach at the moment.") from error
            raise
        if news and self._announce:
            self._announce(frozenset(news))

    def statement(self, sql: TextClause, args: Mapping[str, Any]) -> list[Any]:
        """One statement, a transaction of its own, in one round trip; answers its rows.

        For the few statements that run for every job: a session costs five times as much. Raises
        Unavailable as `transaction` does.
        """
        try:
            with self._autocommitting() as connection:
                cursor = connection.cursor(row_factory=namedtuple_row)
                return cursor.execute(_compiled(sql), args).fetchall()
        except (psycopg.Error, DBAPIError, PoolTimeout) as error:
            self._count(error)
            if is_outage(error):
                raise Unavailable("The database is out of reach at the moment.") from error
            raise

    def _count(self, error: Exception) -> None:
        if isinstance(error, PoolTimeout):
            metrics.POOL_TIMEOUTS.labels(self._pool).inc()

    @contextmanager
    def _autocommitting(self) -> Iterator[psycopg.Connection]:
        if self._own_lock is None:
            with self._lent() as connection:
                yield connection
            return
        with self._own_lock:
            if self._own is None or self._own.closed:
                made = self.engine.raw_connection()
                self._own = cast(psycopg.Connection, made.driver_connection)
                self._own.autocommit = True
                made.detach()  # the pool's no more: nobody else is lent it
                self._has_back()
            try:
                yield self._own
            except BaseException:
                self._own.close()
                raise

    @contextmanager
    def _lent(self) -> Iterator[psycopg.Connection]:
        lent = self.engine.raw_connection()
        connection = cast(psycopg.Connection, lent.driver_connection)
        try:
            connection.autocommit = True
            yield connection
        except BaseException:
            # Broken, interrupted half-way, or merely refused: lent again, it would run a session's
            # statements without a transaction. The pool makes another.
            lent.invalidate()
            raise
        finally:
            # Also after an error: the next transaction on it would commit each statement.
            if not connection.closed:
                connection.autocommit = False
            lent.close()

    def announce(self, *news: str) -> None:
        """Tell *news* of a `statement`, which stands already."""
        if self._announce:
            self._announce(frozenset(news))

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
        self.engine.dispose()
        metrics.POOL_SIZE.labels(self._pool).dec(self._size)
        self._size = 0


@functools.cache
def _compiled(sql: TextClause) -> str:
    """The statement as the driver wants it."""
    return str(sql.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]


def announce_after_commit(session: Session, *news: str) -> None:
    """Have *news* (doorbells to ring, jobs that changed) told once the transaction stands."""
    session.info.setdefault("news", set()).update(news)


def is_outage(error: BaseException) -> bool:
    """True where *error* means "not now": nothing was wrong with the statement."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, psycopg.Error):
        if isinstance(error, psycopg.InterfaceError):
            return True
        state = error.sqlstate if isinstance(error, psycopg.OperationalError) else "none"
    elif not isinstance(error, DBAPIError):
        return False
    elif error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    else:
        state = getattr(error.orig, "sqlstate", None)
    # No SQLSTATE: the connection was never made. 08: connection exceptions; 57P0x: shutdown,
    # crash, cannot connect now; 53: out of disk, memory or connections; 40001, 40P01, 55P03: a
    # serialisation failure, a deadlock, a lock not had in time: the victim may come again.
    # 25P03: the transaction lay idle too long.
    return (
        state is None
        or state.startswith(("08", "57P0", "53"))
        or state in {"40001", "40P01", "55P03", "25P03"}
    )


_NOW = text("SELECT now()")


def now(session: Session) -> datetime:
    """The present by the database's clock, as all times are: when the transaction began."""
    moment: datetime = session.scalars(_NOW).one()
    return moment
