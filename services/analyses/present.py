"""An analysis as clients see it (API.md, "Shape of an analysis")."""

from __future__ import annotations

from typing import Any

from nutrition import documents
from nutrition.documents import Detail
from services.analyses.store import Listed, Stored

#: What a caller may ask for: the label's nutrients, or all of them.
DETAILS = documents.DETAILS


def present(stored: Stored, detail: Detail = "label") -> dict[str, Any]:
    """The document at top level, with id and times, in that detail (see `documents.shown`)."""
    return {
        "id": stored.id,
        **documents.shown(stored.document, detail),
        "created_at": stored.created_at,
        "expires_at": stored.expires_at,
    }


def present_listed(listed: Listed) -> dict[str, Any]:
    """An entry of a list of analyses."""
    return {
        "id": listed.id,
        **listed.summary,
        "created_at": listed.created_at,
        "expires_at": listed.expires_at,
    }
