"""Privacy: what is kept of an account, in one archive, or gone from every store."""

from services.privacy.erase import Stores, apply_tombstones
from services.privacy.jobs import ERASE, EXPORT, EraseAccount, ExportAccount
from services.privacy.requests import archive_of, ask_erasure, ask_export, delete_expired, hold

__all__ = [
    "ERASE",
    "EXPORT",
    "EraseAccount",
    "ExportAccount",
    "Stores",
    "apply_tombstones",
    "archive_of",
    "ask_erasure",
    "ask_export",
    "delete_expired",
    "hold",
]
