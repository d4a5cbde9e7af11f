"""Privacy: what is kept of an account, in one archive, or gone from every store."""

from services.privacy.again import Applied, apply_tombstones
from services.privacy.erase import Stores
from services.privacy.jobs import ERASE, EXPORT, EraseAccount, ExportAccount
from services.privacy.requests import (
    archive_of,
    ask_erasure,
    ask_export,
    delete_expired,
    hold,
    set_tombstone,
)
from services.privacy.tombstones import keys_of

__all__ = [
    "ERASE",
    "EXPORT",
    "Applied",
    "EraseAccount",
    "ExportAccount",
    "Stores",
    "apply_tombstones",
    "archive_of",
    "ask_erasure",
    "ask_export",
    "delete_expired",
    "hold",
    "keys_of",
    "set_tombstone",
]
