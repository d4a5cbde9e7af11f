"""Declarations: what each table says in its `info` about the people in it, read and checked.

A table's `info` has these keys, and no others:

owner     who a row belongs to: a column that holds the account's id (`owner_id`), or the column of
          a parent table's and the column by which a row names its parent, whose key is `id`
          (`batches.owner_id by batch_id`). None where rows belong to nobody.
export    `yes`, or `no` where its owner's rows say nothing that is not in the archive already.
erasure   `delete`, or `keep: <why>`. Of rows that belong to nobody, `keep` alone will do.
objects   the folder of a row's objects, such as `batches/{id}`, erased and exported with it.

A column's `info` may say

export    `no`: it is in no archive. What proves who somebody is, or signs in their name.
actor     True: it says who did something, as `person:<account>` or `key:<id>`. Where the row stays,
          so does that: an id that leads to nobody once its account is gone.
accounts  True: an array of ids of accounts, from which an erased one's is taken out.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

import services
from kernel.database import Base

_KEYS = frozenset({"owner", "export", "erasure", "objects"})
_COLUMN = {"export": "no", "actor": True, "accounts": True}
_NEEDED = frozenset({"owner", "export", "erasure"})
_PATH = re.compile(r"(\w+)\.(\w+) by (\w+)")
_FIELD = re.compile(r"\{(\w+)\}")
#: A job that has ended lies in the archive.
_CONTINUED = {"jobs": ("jobs", "jobs_archive")}
#: Whose rows an account is: it goes last.
ACCOUNTS = "accounts"


class DeclarationError(Exception):
    """A table says something about its people that cannot be carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What one table says. column: that holds the owner's id, in this table or in each parent.

    parents: tables, one of which has the row's parent; by: the column that names it.
    """

    table: Table
    column: str | None
    parents: tuple[str, ...] = ()
    by: str | None = None
    export: bool
    deletes: bool
    reason: str
    secret: frozenset[str]
    actors: frozenset[str]
    arrays: frozenset[str]
    objects: str | None

    @property
    def key(self) -> list[Column[Any]]:
        """The columns that tell an account's rows apart, in whose order they are walked."""
        columns = list(self.table.primary_key.columns)
        return [c for c in columns if self.parents or c.name != self.column] or columns

    def folder(self, row: Mapping[Any, Any]) -> str:
        """The folder of that row's objects."""
        assert self.objects is not None, "only asked of tables that declare objects"
        return self.objects.format(**row)

    @property
    def folder_fields(self) -> list[str]:
        """The columns from which a folder's name is made."""
        return _FIELD.findall(self.objects or "")


@functools.cache
def declarations() -> dict[str, Declaration]:
    """Every table's, by name, in an order in which rows can be deleted: dependents first.

    Raises DeclarationError.
    """
    _load()
    tables = Base.metadata.sorted_tables[::-1]
    tables.sort(key=lambda one: one.name == ACCOUNTS)
    found = {table.name: declaration_of(table) for table in tables}
    for one in found.values():
        for parent in one.parents:
            if parent not in found or found[parent].parents or not found[parent].deletes:
                raise DeclarationError(
                    f"{one.table.name}: {parent} must be a table whose rows have an owner of their "
                    "own and are deleted."
                )
            _column(found[parent].table, one.column or "")
    return found


def declaration_of(table: Table) -> Declaration:
    """What *table* says. Raises DeclarationError, saying where, for anything else."""
    info = table.info
    if missing := sorted(_NEEDED - set(info)):
        raise DeclarationError(f"{table.name}: its info must say {', '.join(missing)}.")
    if unknown := sorted(set(info) - _KEYS):
        raise DeclarationError(
            f"{table.name}: its info says {', '.join(unknown)}; it can say "
            f"{', '.join(sorted(_KEYS))}."
        )
    if info["export"] not in {"yes", "no"}:
        raise DeclarationError(f"{table.name}: export is 'yes' or 'no', not {info['export']!r}.")
    column, parents, by = _owner(table, info["owner"])
    deletes, reason = _erasure(table, info["erasure"], owned=column is not None)
    declared = Declaration(
        table=table,
        column=column,
        parents=parents,
        by=by,
        export=info["export"] == "yes" and column is not None,
        deletes=deletes,
        reason=reason,
        secret=_columns(table, "export"),
        actors=_columns(table, "actor"),
        arrays=_columns(table, "accounts"),
        objects=info.get("objects"),
    )
    for name in declared.folder_fields:
        _column(table, name)
    if declared.objects is not None and (parents or not deletes):
        raise DeclarationError(f"{table.name}: only rows that are deleted can have objects.")
    return declared


def _owner(table: Table, said: Any) -> tuple[str | None, tuple[str, ...], str | None]:
    if said is None:
        return None, (), None
    if path := _PATH.fullmatch(str(said)):
        parent, column, by = path.groups()
        _column(table, by)
        return column, _CONTINUED.get(parent, (parent,)), by
    _column(table, str(said))
    return str(said), (), None


def _erasure(table: Table, said: Any, *, owned: bool) -> tuple[bool, str]:
    if said == "delete" and owned:
        return True, ""
    word, _, reason = str(said).partition(":")
    if word != "keep" or (owned and not reason.strip()):
        raise DeclarationError(
            f"{table.name}: erasure is 'delete' where rows have an owner, or 'keep: <why>'; not "
            f"{said!r}."
        )
    return False, reason.strip()


def _columns(table: Table, key: str) -> frozenset[str]:
    """The columns whose info has *key*."""
    for column in table.columns:
        for said, value in column.info.items():
            if _COLUMN.get(said) != value:
                raise DeclarationError(
                    f"{table.name}.{column.name}: a column's info may say export 'no', or actor "
                    f"or accounts True; not {said} {value!r}."
                )
    return frozenset(column.name for column in table.columns if key in column.info)


def _column(table: Table, name: str) -> Column[Any]:
    if name not in table.columns:
        raise DeclarationError(f"{table.name} has no column {name!r}, of which its info speaks.")
    return table.columns[name]


def _load() -> None:
    """Import every module that declares tables, so that none is forgotten."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if module.name.rpartition(".")[2] == "models":
            importlib.import_module(module.name)
