"""What can go wrong, in the platform's own words: no HTTP, no queue.

`web/problems.py` gives each class its status; retry policies decide by class what is tried again.
A message is written for the reader: what was wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PlatformError(Exception):
    """Root of the errors that the platform itself raises."""


class NotFound(PlatformError):
    """There is no such thing, or it belongs to somebody else: the two are told apart to nobody."""


class Invalid(PlatformError):
    """Well-formed input that makes no sense.

    errors: field path (``ingredients.3.quantity``) to the reasons it was refused.
    """

    def __init__(self, message: str, errors: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.errors = {field: list(reasons) for field, reasons in (errors or {}).items()}


class Malformed(PlatformError):
    """Input that could not be read at all, such as broken JSON."""


class TooLarge(PlatformError):
    """Input above a stated limit."""


class Conflict(PlatformError):
    """The request contradicts the present state of the thing it names."""


class Unauthenticated(PlatformError):
    """No credential, or one that is unknown, expired or revoked."""


class Forbidden(PlatformError):
    """The credential is good, and does not reach this far."""


class Unavailable(PlatformError):
    """A store that the answer needs is out of reach; trying again later is right."""

    def __init__(self, message: str, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SettingsError(PlatformError):
    """A setting is missing, malformed, or contradicts another."""


class MachineError(PlatformError):
    """This machine cannot do it as it is: a program is missing, an account may not enter."""
