"""Objects: files that are too large for a row, in a local folder or in S3, through obstore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from kernel.errors import NotFound

#: Bytes handed on at a time while reading.
CHUNK = 1 << 20


class Objects:
    """One object store. Keys are paths such as `batches/<id>/input.ndjson`."""

    def __init__(self, url: str) -> None:
        self._store = _open(url)

    def put(self, key: str, data: bytes | Iterable[bytes]) -> None:
        """Store *data* under *key*: seen whole or not at all."""
        obstore.put(self._store, key, data)

    def get(self, key: str) -> bytes:
        """The object's bytes. Raises NotFound."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound(f"There is no object {key!r}.") from error

    def slice(self, key: str, start: int, length: int) -> bytes:
        """*length* bytes of the object from *start*. Raises NotFound."""
        try:
            return bytes(obstore.get_range(self._store, key, start=start, length=length))
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound(f"There is no object {key!r}.") from error

    def stream(self, key: str) -> Iterator[bytes]:
        """The object's bytes in pieces. Raises NotFound."""
        try:
            found = obstore.get(self._store, key)
        except (NotFoundError, FileNotFoundError) as error:
            raise NotFound(f"There is no object {key!r}.") from error
        for piece in found.stream(min_chunk_size=CHUNK):
            yield bytes(piece)

    def delete(self, prefix: str) -> int:
        """Delete every object whose key starts with the folder *prefix*; answers how many."""
        keys = [meta["path"] for page in obstore.list(self._store, prefix) for meta in page]
        if keys:
            obstore.delete(self._store, keys)
        return len(keys)


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        # file://var/objects is relative to the working directory, file:///srv/objects is not.
        folder = Path(unquote(parts.netloc + parts.path)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder)
    return from_url(url)
