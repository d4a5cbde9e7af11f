"""Paging: lists by cursor, newest first. A cursor is opaque to clients; it is the last id seen."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import marshmallow as ma

from kernel.errors import Invalid
from web.forms import Form

T = TypeVar("T")

#: Entries of one page: by default, and at most.
DEFAULT, MOST = 50, 200


class PageQuery(Form):
    """Which part of a list."""

    limit = ma.fields.Integer(
        load_default=DEFAULT,
        validate=ma.validate.Range(1, MOST),
        metadata={"description": "Entries of one page."},
    )
    cursor = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[A-Za-z0-9_-]{22}\Z"),
        metadata={
            "description": "`next` of the page before; absent for the first page.",
            # \Z is Python's alone.
            "pattern": "^[A-Za-z0-9_-]{22}$",
        },
    )


def encode(last: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(cursor: str | None) -> uuid.UUID | None:
    """The id that a cursor stands for. Raises Invalid for what is no cursor."""
    if cursor is None:
        return None
    try:
        return uuid.UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise Invalid(
            "The cursor is not one of ours.", {"cursor": ["Use `next` of an earlier page."]}
        ) from None


def page(
    found: Sequence[T],
    limit: int,
    present: Callable[[T], dict[str, Any]],
    id_of: Callable[[T], Any],
) -> dict[str, Any]:
    """The document of one page. found: up to one entry more than *limit*, which tells of a next."""
    shown = found[:limit]
    more = len(found) > limit
    return {
        "items": [present(entry) for entry in shown],
        "next": encode(id_of(shown[-1])) if more else None,
    }
