"""The one error of this package: its text is a line for the person at the terminal."""

from kernel.errors import MachineError


class EmbeddedError(MachineError):
    """Something stops the start; the message says what, where and the way out, in one line."""
