"""The archive of an account: a ZIP of JSON with an index, stored as it is read.

Rows are read in pages and objects in pieces, so that memory does not grow with what somebody has.
Layout: `index.json` (what each file is), `tables/<table>.json` (rows, one a line), and
`objects/<key>` (files as they were uploaded or made).
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import IO, Any

from sqlalchemy import Column, Select, select, tuple_

from kernel import codec
from kernel.database import now
from kernel.errors import NotFound
from services.privacy.declarations import Declaration, declarations
from services.privacy.erase import EXPORTS, Stores, owned

#: Version of the archive's layout.
FORMAT = 1
#: Rows read in one transaction.
ROWS = 500
#: Bytes handed to the object store at a time.
PIECE = 1 << 20


def key_of(account_id: uuid.UUID, export_id: uuid.UUID) -> str:
    """Where an export's archive lies."""
    return f"{EXPORTS}/{account_id}/{export_id}/archive.zip"


def write(
    stores: Stores, account_id: uuid.UUID, export_id: uuid.UUID, pause: Callable[[int], None]
) -> dict[str, int]:
    """Gather the account's archive and store it; answers {files, rows}.

    Pages are read one after the other: rows of one table and of another may be seconds apart.
    pause: called with the rows written so far; it may raise, and then nothing is stored.
    """
    with (
        stores.objects.writing(key_of(account_id, export_id)) as write_piece,
        io.BufferedWriter(_Outlet(write_piece), PIECE) as outlet,
        zipfile.ZipFile(outlet, "w", compression=zipfile.ZIP_DEFLATED) as opened,
    ):
        archive = _Archive(stores, opened, account_id, pause)
        archive.fill(export_id)
    return {"files": len(archive.files), "rows": archive.rows}


class _Outlet(io.RawIOBase):
    """A file that hands on what is written."""

    def __init__(self, write_piece: Callable[[bytes], None]) -> None:
        self._write_piece = write_piece

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._write_piece(bytes(data))
        return len(data)


class _Archive:
    """One archive while it is written. files: what the index says of each."""

    def __init__(
        self,
        stores: Stores,
        opened: zipfile.ZipFile,
        account_id: uuid.UUID,
        pause: Callable[[int], None],
    ) -> None:
        self.files: list[dict[str, Any]] = []
        self.rows = 0
        with stores.transaction() as session:
            self._began: datetime = now(session)
        self._stores = stores
        self._zip = opened
        self._account = account_id
        self._pause = pause

    def fill(self, export_id: uuid.UUID) -> None:
        """Write everything, and the index last: it knows the counts."""
        declared = declarations()
        exported = sorted((d for d in declared.values() if d.export), key=lambda d: d.table.name)
        for one in exported:
            self._table(one)
        for one in exported:
            if one.objects is not None:
                self._objects(one)
        index = {
            "format": FORMAT,
            "account_id": self._account,
            "export_id": export_id,
            "began_at": self._began,
            "files": self.files,
            "not_in_here": {
                name: f"of {one.parents[0]}" if one.parents else "follows from the rest"
                for name, one in sorted(declared.items())
                if one.column is not None and not one.export
            },
        }
        with self._file("index.json") as file:
            file.write(codec.dumps(index))

    def _file(self, name: str) -> IO[bytes]:
        """A new file in the ZIP, of any size."""
        entry = zipfile.ZipInfo(name, self._began.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        return self._zip.open(entry, "w", force_zip64=True)

    def _table(self, one: Declaration) -> None:
        """One file of the rows of a table that are the account's, a JSON array."""
        name, count = f"tables/{one.table.name}.json", 0
        shown = [column for column in one.table.columns if column.name not in one.secret]
        with self._file(name) as file:
            file.write(b"[")
            for page in self._pages(one, shown):
                for row in page:
                    file.write(b",\n" if count else b"\n")
                    file.write(codec.dumps(row))
                    count += 1
                self.rows += len(page)
            file.write(b"\n]\n")
        described = {"file": name, "holds": f"rows of {one.table.name}", "count": count}
        self.files.append(described | {"left_out": sorted(one.secret)})

    def _objects(self, one: Declaration) -> None:
        """The objects of a table's rows."""
        fields = [one.table.columns[name] for name in one.folder_fields]
        for page in self._pages(one, fields):
            for row in page:
                for key in sorted(self._stores.objects.keys(one.folder(row))):
                    self._object(key, one)

    def _object(self, key: str, one: Declaration) -> None:
        name, size = f"objects/{key}", 0
        try:
            pieces = self._stores.objects.stream(key)
            first = next(pieces, b"")
        except NotFound:
            return  # its row's time was up meanwhile
        with self._file(name) as file:
            for piece in chain([first], pieces):
                size += file.write(piece)
                self._pause(self.rows)
        self.files.append({"file": name, "holds": f"object of {one.table.name}", "bytes": size})

    def _pages(
        self, one: Declaration, columns: Sequence[Column[Any]]
    ) -> Iterator[Sequence[Mapping[Any, Any]]]:
        """The account's rows of a table in the order of its key, page by page."""
        key = one.key
        last: tuple[Any, ...] | None = None
        while True:
            page = self._statement(one, columns, key).limit(ROWS)
            if last is not None:
                page = page.where(tuple_(*key) > last)
            with self._stores.transaction() as session:
                found = session.execute(page).mappings().all()
            if found:
                yield [{c.name: row[c.name] for c in columns} for row in found]
            self._pause(self.rows)
            if len(found) < ROWS:
                return
            last = tuple(found[-1][f"key_{column.name}"] for column in key)

    def _statement(
        self, one: Declaration, columns: Sequence[Column[Any]], key: Sequence[Column[Any]]
    ) -> Select[Any]:
        keys = [column.label(f"key_{column.name}") for column in key]
        statement = select(*columns, *keys).order_by(*key)
        if not one.parents:
            return statement.where(owned(one, self._account))
        named = one.table.columns[one.by or ""]
        return statement.where(named.in_(_parents(one, self._account)))


def _parents(one: Declaration, account_id: uuid.UUID) -> Any:
    declared = declarations()
    of = [declared[name] for name in one.parents]
    chosen = [select(each.table.columns["id"]).where(owned(each, account_id)) for each in of]
    return chosen[0].union_all(*chosen[1:]) if len(chosen) > 1 else chosen[0]
