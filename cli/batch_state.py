"""What a run of `nutrition batch` leaves beside its output, so that the next one can take it up.

`results.jsonl.batch.json` names the input by its hash, the Idempotency-Key that the upload goes
out with (written before it does: an upload whose answer was lost is found again by its key), the
batch, and, once it is there, the output by its hash.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cli.exits import CommandFailed, Exit


@dataclass(slots=True, kw_only=True)
class BatchState:
    """One run, as its file holds it.

    output: SHA-256 of the output that the command wrote; complete: it holds every result.
    """

    url: str
    input: str
    recipes: int
    key: str
    batch: str | None = None
    output: str | None = None
    complete: bool = False

    @classmethod
    def begin(cls, url: str, sha256: str, recipes: int) -> Self:
        """A new run. Its key is the content's, and of this run alone: a batch that was cancelled
        or has expired can be submitted again."""
        return cls(url=url, input=sha256, recipes=recipes, key=_key(sha256))

    def renew(self) -> None:
        """Let the next upload make a batch of its own."""
        self.key, self.batch = _key(self.input), None

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """The run that *path* describes; None where there is none, or none that can be read."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n", encoding="utf-8")
        os.replace(fresh, path)

    def made(self, out: Path) -> bool:
        """Whether *out* is, byte for byte, what this run wrote."""
        return self.output is not None and self.output == sha256_of(out)


def _key(sha256: str) -> str:
    return f"{sha256[:32]}-{secrets.token_hex(8)}"


def state_path(out: Path) -> Path:
    """Where the state of the run that writes *out* lies."""
    return out.with_name(out.name + ".batch.json")


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def alone(out: Path) -> Iterator[Path]:
    """Keep other runs away from *out*; yields the path to write it under until it is whole.

    Raises CommandFailed where another run is at it.
    """
    part = out.with_name(out.name + ".part")
    with part.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(
                f"Another run is writing {out} at this moment.", Exit.FAILED
            ) from None
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
