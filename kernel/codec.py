"""JSON in and out, by msgspec: UUIDs, times and dataclasses included, NaN written as null."""

from __future__ import annotations

from typing import Any

import msgspec

from kernel.errors import Malformed


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def loads(data: bytes | str) -> Any:
    """The value that *data* spells. Raises Malformed, saying where."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"This is not JSON: {error}") from error
