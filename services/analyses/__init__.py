"""Analyses: one recipe or meal in, its nutrients, label and lines out.

What web and tasks call. `compute` meets the engine and is imported by workers alone.
"""

from services.analyses.documents import DETAILS, label_detail, present, present_listed
from services.analyses.jobs import Analyze, Measured
from services.analyses.requests import parse_request
from services.analyses.store import Listed, Stored, delete_expired, find, keep, listing, submit

__all__ = [
    "DETAILS",
    "Analyze",
    "Listed",
    "Measured",
    "Stored",
    "delete_expired",
    "find",
    "keep",
    "label_detail",
    "listing",
    "parse_request",
    "present",
    "present_listed",
    "submit",
]
