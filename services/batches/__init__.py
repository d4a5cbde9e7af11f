"""Batches: many recipes in one upload, analysed in chunks, each recipe with an outcome of its own.

What web and tasks call. `outcomes`, `chunks` and `conclude` meet the engine and are imported by
workers alone.
"""

from services.batches.download import errors, results
from services.batches.jobs import AnalyzeChunk, ConcludeBatch
from services.batches.retention import delete_abandoned, delete_expired
from services.batches.store import find, listing, submit
from services.batches.upload import Upload, discard, receive, receive_list

__all__ = [
    "AnalyzeChunk",
    "ConcludeBatch",
    "Upload",
    "delete_abandoned",
    "delete_expired",
    "discard",
    "errors",
    "find",
    "listing",
    "receive",
    "receive_list",
    "results",
    "submit",
]
