"""Metadata: strings of the caller's own, given with a submission and shown on its job."""

from __future__ import annotations

from typing import Any

from kernel.errors import Invalid
from web.shapes import METADATA, METADATA_NAME, METADATA_VALUE


def take_metadata(body: Any) -> tuple[Any, dict[str, str]]:
    """The body without its `metadata`, and that. Raises Invalid where it is not what it may be."""
    if not isinstance(body, dict) or "metadata" not in body:
        return body, {}
    given = body["metadata"]
    rest = {name: value for name, value in body.items() if name != "metadata"}
    return rest, check_metadata(given)


def check_metadata(given: Any) -> dict[str, str]:
    """The metadata. Raises Invalid with the path of each entry that is not a short string."""
    errors: dict[str, list[str]] = {}
    if not isinstance(given, dict):
        errors["metadata"] = ["Must be an object of strings."]
    elif len(given) > METADATA:
        errors["metadata"] = [f"Must have at most {METADATA} entries; it has {len(given)}."]
    else:
        for name, value in given.items():
            path = f"metadata.{name[:METADATA_NAME]}".replace("\0", "␀")
            if not 1 <= len(name) <= METADATA_NAME:
                errors[path] = [f"A name has 1 to {METADATA_NAME} characters."]
            elif not isinstance(value, str) or len(value) > METADATA_VALUE:
                errors[path] = [f"Must be a text of at most {METADATA_VALUE} characters."]
            elif "\0" in name or "\0" in value:
                # PostgreSQL stores no NUL.
                errors[path] = ["Must not contain NUL characters."]
    if errors:
        field, reasons = next(iter(errors.items()))
        raise Invalid(f"{field}: {reasons[0]}", errors)
    checked: dict[str, str] = given
    return checked
