"""An analysis as clients see it (API.md, "Shape of an analysis")."""

from __future__ import annotations

from typing import Any

from services.analyses.store import Listed, Stored

#: What a caller may ask for: the label's nutrients for each line, or all of them.
DETAILS = ("label", "full")


def present(stored: Stored, detail: str = "label") -> dict[str, Any]:
    """The document at top level, with id and times.

    detail: `full` as stored; with `label`, each line carries the nutrients of the label only.
    """
    document = stored.document if detail == "full" else label_detail(stored.document)
    return {
        "id": stored.id,
        **document,
        "created_at": stored.created_at,
        "expires_at": stored.expires_at,
    }


def label_detail(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each line's nutrients cut down to those that its label declares."""
    declared = {row["code"] for row in document["label"]["rows"]}
    return {**document, "lines": [_trimmed(line, declared) for line in document["lines"]]}


def _trimmed(line: dict[str, Any], declared: set[str]) -> dict[str, Any]:
    if "nutrients" not in line:
        return line
    nutrients = {code: value for code, value in line["nutrients"].items() if code in declared}
    return {**line, "nutrients": nutrients}


def present_listed(listed: Listed) -> dict[str, Any]:
    """An entry of a list of analyses."""
    return {
        "id": listed.id,
        **listed.summary,
        "created_at": listed.created_at,
        "expires_at": listed.expires_at,
    }
