"""Audit: what operators did, in a table that is only ever added to."""

from services.audit.log import Entry, entries, record

__all__ = ["Entry", "entries", "record"]
