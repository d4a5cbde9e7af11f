"""Somebody in every table, found by reflection: made by column type, and looked for everywhere."""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Session

from kernel.database import Base, Database
from kernel.ids import new_id
from kernel.objects import Objects
from services.privacy.declarations import Declaration, declarations

#: A list of allowed words in a CHECK, as PostgreSQL prints it.
_WORD = re.compile(r"\((\w+) = ANY \(ARRAY\['([^']+)'")
_CHECKS = text("""
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'c' AND conrelid <> 0
""")
#: Rows of these were published by others; nobody's request ever writes to them.
_PUBLISHED = ("catalogue", "food_", "foods", "nutrients", "value_", "langual")
_OWN_FOOD_TABLES = ("food_uses", "food_counts")


@dataclass
class Somebody:
    """A person with a row in every table, and the words and ids by which each can be found."""

    account_id: uuid.UUID = field(default_factory=new_id)
    #: In every text, JSON and binary value of theirs.
    word: str = field(default_factory=lambda: f"zq{uuid.uuid4().hex[:12]}")
    ids: list[uuid.UUID] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """What must not be found once they are erased; binary values are searched as hex."""
        return [self.word, self.word.encode().hex(), *(str(one) for one in self.names)]

    @property
    def names(self) -> list[uuid.UUID]:
        return [self.account_id, *self.ids]


def published(name: str) -> bool:
    """True for the tables of the catalogue."""
    return name.startswith(_PUBLISHED) and name not in _OWN_FOOD_TABLES


def seed(session: Session, somebody: Somebody) -> None:
    """Give *somebody* a row in every table that can hold one. Fails for a column unheard of."""
    declared = declarations()
    allowed = {
        (table, column): word
        for table, check in session.execute(_CHECKS)
        for column, word in _WORD.findall(check)
    }
    waiting = [one.table.name for one in reversed(list(declared.values()))]
    waiting.sort(key=lambda name: name != "accounts")
    while waiting:
        ready = [name for name in waiting if not _awaits(declared[name]) & set(waiting) - {name}]
        assert ready, f"these tables need each other: {waiting}"
        for name in ready:
            waiting.remove(name)
            one = declared[name]
            if one.column is None and not one.actors | one.arrays:
                continue
            row = {c.name: _value(session, c, one, somebody, allowed) for c in one.table.columns}
            session.execute(insert(one.table).values(row))
            somebody.rows[name] = row


def _awaits(one: Declaration) -> set[str]:
    return {*one.parents[:1], *(key.column.table.name for key in one.table.foreign_keys)}


def _value(
    session: Session,
    column: Column[Any],
    one: Declaration,
    somebody: Somebody,
    allowed: Mapping[tuple[str, str], str],
) -> Any:
    if column.name in one.actors:
        return f"person:{somebody.account_id}"
    if column.name in one.arrays:
        return [somebody.account_id, new_id()]
    if column.name == one.by:
        return somebody.rows[one.parents[0]]["id"]
    if column.name == one.column and not one.parents:
        return str(somebody.account_id) if isinstance(column.type, Text) else somebody.account_id
    for key in column.foreign_keys:
        target = key.column.table.name
        if target in somebody.rows:
            return somebody.rows[target][key.column.name]
        return session.scalars(select(key.column).limit(1)).one()
    if word := allowed.get((one.table.name, column.name)):
        return word
    # Of a row that belongs to nobody, only who acted is a person.
    return _of_type(column, column.type, somebody if one.column else Somebody())


def _of_type(column: Column[Any], kind: Any, somebody: Somebody) -> Any:
    """A value of a type, with the person's word in it where it can carry one."""
    match kind:
        case Text():
            return f"{somebody.word} {column.table.name}.{column.name}"
        case UUID():
            somebody.ids.append(made := new_id())
            return made
        case JSONB():
            return {"word": somebody.word, "account": str(somebody.account_id)}
        case ARRAY():
            return [_of_type(column, kind.item_type, somebody)]
        case LargeBinary():
            return f"{somebody.word} {column.table.name}.{column.name}".encode()
        case Boolean():
            return True
        case SmallInteger() | Integer() | BigInteger():
            return 1
        case Float() | Numeric():
            return 1.0
        case DateTime():
            return datetime.now(UTC)
        case Date():
            return datetime.now(UTC).date()
    pytest.fail(f"{column.table.name}.{column.name}: nobody has taught this test to seed a {kind}")


def rows_with(session: Session, words: list[str]) -> dict[str, list[str]]:
    """Rows of any table, partitions included, whose text has one of *words*; by table."""
    found = {}
    patterns = [f"%{word}%" for word in words]
    for name in sorted(Base.metadata.tables):
        if published(name):
            continue
        statement = text(f'SELECT one::text FROM "{name}" one WHERE one::text LIKE ANY(:words)')
        if rows := session.scalars(statement, {"words": patterns}).all():
            found[name] = sorted(rows)
    return found


def keys_with(connection: redis.Redis, words: list[str]) -> list[str]:
    """Keys of a Redis that have one of *words* in their name or in their value, sorted."""
    # SCAN has no order, and may tell a key twice while the table of keys grows or shrinks.
    return sorted(
        key.decode(errors="replace")
        for key in set(connection.scan_iter(count=1000))
        if _has(key + b" " + _redis_value(connection, key), words)
    )


def _redis_value(connection: redis.Redis, key: bytes) -> bytes:
    read = {
        b"string": lambda: connection.get(key),
        b"hash": lambda: connection.hgetall(key),
        b"list": lambda: connection.lrange(key, 0, -1),
        b"set": lambda: connection.smembers(key),
        b"zset": lambda: connection.zrange(key, 0, -1),
        b"stream": lambda: connection.xrange(key),
        b"none": lambda: b"",
    }
    value = read[connection.type(key)]()
    return value if isinstance(value, bytes) else repr(value).encode()


def objects_with(objects: Objects, words: list[str]) -> list[str]:
    """Objects that have one of *words* in their key or, unpacked, in their bytes."""
    found = []
    for key in objects.keys(""):
        data = objects.get(key)
        if data[:2] == b"\x1f\x8b":
            data = zlib.decompress(data, wbits=31)
        if _has(key.encode() + b" " + data, words):
            found.append(key)
    return found


def _has(data: bytes, words: list[str]) -> bool:
    return any(word.encode() in data for word in words)


def rows_in(database: Database, words: list[str]) -> dict[str, list[str]]:
    with database.transaction() as session:
        return rows_with(session, words)
