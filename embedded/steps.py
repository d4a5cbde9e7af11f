"""The lines that a start shows: a name while it runs, its seconds when it is done."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 44


class Steps:
    """Prints one line a step, complete and flushed, to a terminal, a pipe or a file alike."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show *name*, and the seconds it took once the block is done."""
        began = time.monotonic()
        print(f"  {name:<{WIDTH}}", end="", flush=True)
        try:
            yield
        except BaseException as error:
            print("failed" if isinstance(error, Exception) else "stopped", flush=True)
            raise
        print(f"{time.monotonic() - began:6.1f} s", flush=True)

    def note(self, text: str) -> None:
        """Something the reader should know, between the steps."""
        print(f"  note: {text}", flush=True)

    def total(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._since


def fail(message: object) -> int:
    """Print the one line that says what stopped us; answers the exit code."""
    print(f"nutrition: {message}", file=sys.stderr, flush=True)
    return 1
