"""A file of recipes made ready for an upload: checked, numbered, hashed, and readable again.

It is read once into a spool, so that what was hashed is what is sent, however often it is sent
and whatever becomes of the file meanwhile.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from cli.exits import CommandFailed, Exit
from kernel import codec
from kernel.errors import Malformed

#: Bytes kept in memory before the spool moves to a temporary file.
IN_MEMORY = 32 * 2**20
BLOCK = 2**16


class NumberedRecipes:
    """The recipes of an NDJSON file, each with a `custom_id`.

    A recipe without one is called after its line, `line-17`. count: recipes; size: bytes;
    sha256: hexadecimal digest of what `blocks` yields.
    """

    def __init__(self, lines: Iterable[bytes], name: str) -> None:
        self.count = 0
        self.size = 0
        # Closed with the object: the spool has no name in the file system to be left behind.
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        digest = hashlib.sha256()
        for number, line in enumerate(lines, start=1):
            bare = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not (bare := bare.strip()):
                continue
            sent = _with_custom_id(bare, number, name) + b"\n"
            digest.update(sent)
            self._spool.write(sent)
            self.count += 1
            self.size += len(sent)
        if not self.count:
            raise CommandFailed(f"{name} holds no recipe.", Exit.USAGE)
        self.sha256 = digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """What is uploaded, from its beginning."""
        self._spool.seek(0)
        while block := self._spool.read(BLOCK):
            yield block


def _with_custom_id(line: bytes, number: int, name: str) -> bytes:
    try:
        recipe = codec.loads(line)
    except Malformed as error:
        raise CommandFailed(f"{name}, line {number}: {error}", Exit.USAGE) from None
    if not isinstance(recipe, dict):
        raise CommandFailed(
            f"{name}, line {number} is no JSON object: each line holds one recipe, "
            'such as {"ingredients": ["2 eggs"]}.',
            Exit.USAGE,
        )
    if recipe.get("custom_id") is not None:
        return line
    return codec.dumps({**recipe, "custom_id": f"line-{number}"})
