"""The one error of this package: its text is a line for the person at the terminal."""


class EmbeddedError(Exception):
    """Something stops the start; the message says what, where and the way out, in one line."""
