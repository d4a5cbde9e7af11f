"""Bodies: JSON within limits of size and depth, read once, refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from kernel import codec
from kernel.errors import Malformed, TooLarge
from services.batches import upload
from web.admission import aside, has_body
from web.forms import Form, loaded

#: Bytes of a JSON body.
LARGEST = 1 << 20
#: Objects and lists within one another. No form of ours needs more than four.
DEEPEST = 16
#: Pieces in which a streamed body is read.
PIECE = 1 << 16


#: Bytes of what is streamed, by route and media type: it never lies in memory.
STREAMED = {("POST", "/v1/batches", "application/x-ndjson"): upload.BYTES}


def refuse_large() -> None:
    """Raise TooLarge where the request announces more than its route takes, before reading any."""
    rule = request.url_rule.rule if request.url_rule else ""
    limit = STREAMED.get((request.method, rule, request.mimetype), LARGEST)
    # What comes without an announced length is cut off there while it is read.
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise TooLarge(f"The body has {request.content_length} bytes; at most {limit} are taken.")


def json_body() -> tuple[Any, bytes]:
    """The body's JSON value, and its bytes.

    Raises UnsupportedMediaType, TooLarge or Malformed. Duplicate names in an object are malformed:
    which of them was meant, nobody knows.
    """
    if not request.is_json:
        raise UnsupportedMediaType("Send the body as application/json.")
    with nullcontext() if has_body() else aside():
        data = request.get_data(cache=False)
    limit = request.max_content_length or LARGEST
    if request.content_length is None and len(data) >= limit:
        # Werkzeug stops at the limit without a word where no length was announced.
        raise TooLarge(f"The body is larger than the {limit} bytes that are taken.")
    value = codec.loads(data)
    _refuse_deep(value)
    # msgspec keeps the last of two equal names without a word; this scanner shows them all.
    json.loads(data, object_pairs_hook=_without_duplicates, parse_int=_unread, parse_float=_unread)
    return value, data


def form_body(form: type[Form]) -> dict[str, Any]:
    """The request's JSON body as *form* has it.

    Raises as `json_body` does, and Invalid with the reasons by field.
    """
    return loaded(form, json_body()[0])


def pieces() -> Iterator[bytes]:
    """The body as it comes in, for routes that stream. Raises 413 where it grows too large."""
    while piece := request.stream.read(PIECE):
        yield piece


def _refuse_deep(value: Any) -> None:
    """Walk through a value without recursion: its depth is the caller's to choose, not ours."""
    stack: list[tuple[str, int, Any]] = [("", 1, value)]
    while stack:
        path, depth, node = stack.pop()
        if not isinstance(node, dict | list):
            continue
        if depth > DEEPEST:
            raise Malformed(f"Objects and lists lie more than {DEEPEST} deep at {path[:80]!r}.")
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            step = str(name)[:80]
            stack.append((f"{path}.{step}" if path else step, depth + 1, child))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise Malformed(f"The name {name[:80]!r} comes twice in one object.")
        names.add(name)


def _unread(_: str) -> int:
    return 0
