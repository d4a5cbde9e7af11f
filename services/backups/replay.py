"""Replay: a plain dump of pg_dump's into an open transaction, as a stream.

Between its COPY blocks a dump is SQL, which is sent as it is; a block's rows are handed to the
server as they come. psql would do the same, in a transaction of its own: here, what follows (the
comparison, what was erased since) commits with the rows, or nothing does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psycopg

_COPY, _FROM = b"COPY ", b" FROM stdin;\n"
#: What ends a block's rows: on a line of its own.
_END = b"\n\\.\n"


def replay(connection: psycopg.Connection, pieces: Iterable[bytes]) -> None:
    """Execute the dump. Raises psycopg.Error where the server refuses something of it."""
    source = _Source(pieces)
    script = bytearray()
    with connection.cursor() as cursor:
        while line := source.line():
            if line.startswith(b"\\"):
                continue  # \restrict and \unrestrict, which guard psql
            if not (line.startswith(_COPY) and line.endswith(_FROM)):
                script += line
                continue
            _execute(cursor, script)
            with cursor.copy(line.rstrip(b";\n")) as copy:
                for rows in source.rows():
                    copy.write(rows)
        _execute(cursor, script)


def _execute(cursor: psycopg.Cursor, script: bytearray) -> None:
    """Many statements in one message, which is why they have no parameters."""
    if script.strip():
        cursor.execute(bytes(script))
    script.clear()


class _Source:
    """The dump, taken line by line or row by row."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = bytearray()
        self._at = 0

    def line(self) -> bytes:
        """The next line with its end; empty after the last."""
        while (end := self._held.find(b"\n", self._at)) < 0:
            if not self._more():
                rest = bytes(self._held[self._at :])
                self._at = len(self._held)
                return rest
        line = bytes(self._held[self._at : end + 1])
        self._at = end + 1
        return line

    def rows(self) -> Iterator[bytes]:
        """The rows of a block that has just begun, in pieces of whole or broken lines."""
        # Looked for from the end of the line before, since a block may be empty.
        seen = self._at - 1
        while (end := self._held.find(_END, seen)) < 0:
            ready = len(self._held) - len(_END) + 1
            if ready > self._at:
                yield bytes(self._held[self._at : ready])
                self._at = ready
            seen = max(self._at - 1, 0)
            if not self._more():
                raise EOFError("the dump ends within the rows of a table")
            seen = max(self._at - 1, 0)
        if end + 1 > self._at:
            yield bytes(self._held[self._at : end + 1])
        self._at = end + len(_END)

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        # One byte before the place stays: a block's end is told by it.
        cut = max(self._at - 1, 0)
        del self._held[:cut]
        self._at -= cut
        self._held += piece
        return True
