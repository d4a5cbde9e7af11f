"""Objects: files that are too large for a row, in a local folder or in S3, through obstore."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Full, Queue
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError as ObjectStoreError
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from kernel.errors import NotFound, Unavailable

#: Bytes handed on at a time while reading.
CHUNK = 1 << 20
#: Pieces that a writer may be ahead of the store.
AHEAD = 8


class _GivenUp(Exception):
    """What was being written is not to be stored."""


class Objects:
    """One object store. Keys are paths such as `batches/<id>/input.ndjson`.

    Every call raises Unavailable where the store is out of reach or full.
    """

    def __init__(self, url: str) -> None:
        self._store = _open(url)
        self._folder = _folder(url)

    def put(self, key: str, data: bytes | Iterable[bytes]) -> None:
        """Store *data* under *key*: seen whole or not at all."""
        with _errors(key):
            obstore.put(self._store, key, data)

    @contextmanager
    def writing(self, key: str) -> Iterator[Callable[[bytes], None]]:
        """Store under *key* what the block writes: whole when it ends, nothing if it raises.

        For whoever reads this very store while writing to it, which the pieces of a `put` cannot.
        """
        pieces: Queue[bytes | None] = Queue(maxsize=AHEAD)
        given_up = threading.Event()

        def taken() -> Iterator[bytes]:
            while (piece := pieces.get()) is not None:
                yield piece
            if given_up.is_set():
                raise _GivenUp

        with ThreadPoolExecutor(1, thread_name_prefix="objects") as threads:
            stored = threads.submit(self.put, key, taken())

            def write(piece: bytes | None) -> None:
                while not stored.done():
                    try:
                        return pieces.put(piece, timeout=1)
                    except Full:
                        continue
                # Ended before the end: by the error that this raises.
                return stored.result()

            try:
                yield write
            except BaseException:
                given_up.set()
                with suppress(_GivenUp, Unavailable):
                    write(None)
                    stored.result()
                raise
            write(None)
            stored.result()

    def get(self, key: str) -> bytes:
        """The object's bytes. Raises NotFound."""
        with _errors(key):
            return bytes(obstore.get(self._store, key).bytes())

    def slice(self, key: str, start: int, length: int) -> bytes:
        """*length* bytes of the object from *start*. Raises NotFound."""
        with _errors(key):
            return bytes(obstore.get_range(self._store, key, start=start, length=length))

    def stream(self, key: str) -> Iterator[bytes]:
        """The object's bytes in pieces. Raises NotFound."""
        with _errors(key):
            for piece in obstore.get(self._store, key).stream(min_chunk_size=CHUNK):
                yield bytes(piece)

    def folders(self, prefix: str) -> list[str]:
        """The names of the folders that lie directly in the folder *prefix*."""
        with _errors(prefix):
            found = obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]
        return [path.rstrip("/").rsplit("/", 1)[-1] for path in found]

    def keys(self, prefix: str) -> Iterator[str]:
        """The key of every object in the folder *prefix* and in those within it, in no order."""
        with _errors(prefix):
            for page in obstore.list(self._store, prefix):
                for meta in page:
                    yield meta["path"]

    def remove(self, key: str) -> None:
        """Delete one object; where it is not there, nothing is done."""
        try:
            with _errors(key):
                obstore.delete(self._store, key)
        except NotFound:
            return

    def delete(self, prefix: str) -> int:
        """Delete every object whose key starts with the folder *prefix*; answers how many."""
        with _errors(prefix):
            keys = [meta["path"] for page in obstore.list(self._store, prefix) for meta in page]
            if keys:
                obstore.delete(self._store, keys)
        if self._folder is not None:
            # Also what a killed writer left half-written there, which no list shows.
            shutil.rmtree(self._folder / prefix, ignore_errors=True)
        return len(keys)


@contextmanager
def _errors(key: str) -> Iterator[None]:
    """The library's errors in our words."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound(f"There is no object {key!r}.") from error
    except ObjectStoreError as error:
        raise Unavailable(f"The object store cannot serve {key!r} at the moment.") from error


def _folder(url: str) -> Path | None:
    """The folder that *url* names; None where the store is no folder."""
    parts = urlsplit(url)
    # file://var/objects is relative to the working directory, file:///srv/objects is not.
    return Path(unquote(parts.netloc + parts.path)).absolute() if parts.scheme == "file" else None


def _open(url: str) -> ObjectStore:
    if (folder := _folder(url)) is None:
        return from_url(url)
    folder.mkdir(parents=True, exist_ok=True)
    # What a deleted prefix leaves: folders that nobody would ever remove.
    return LocalStore(folder, automatic_cleanup=True)
