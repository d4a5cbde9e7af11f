"""Analyses: one recipe or meal in, its nutrients, label and lines out.

`requests` says what may be asked, `store` keeps it, `present` shows it. `compute` meets the engine
and is imported by workers alone.
"""

from services.analyses.jobs import Analyze, Measured
from services.analyses.requests import parse_request
from services.analyses.store import Listed, Stored, delete_expired, find, keep, listing, submit

__all__ = [
    "Analyze",
    "Listed",
    "Measured",
    "Stored",
    "delete_expired",
    "find",
    "keep",
    "listing",
    "parse_request",
    "submit",
]
