"""Receive a batch: recipes stream into the object store, checked line by line while they pass.

Nothing is in the database yet. What is refused leaves no object; what was received is either
submitted or discarded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kernel import codec
from kernel.errors import Invalid, Malformed, TooLarge
from kernel.ids import new_id
from kernel.objects import Objects

#: Recipes of one batch, bytes of one line, and bytes in all.
RECIPES = 100_000
LINE_BYTES = 256 * 1024
BYTES = 100 * 1024 * 1024
#: Recipes of one chunk: a second or two of work, so that owners take turns often.
CHUNK = 50

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Slice:
    """The recipes of one chunk: index of the first, how many, and where their lines lie."""

    first: int
    recipes: int
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Recipes that lie in the object store, and no batch yet. id: what the batch's will be."""

    id: uuid.UUID
    recipes: int
    slices: tuple[Slice, ...]


def folder(batch_id: uuid.UUID) -> str:
    """Where all objects of a batch lie."""
    return f"batches/{batch_id}"


def input_key(batch_id: uuid.UUID) -> str:
    return f"{folder(batch_id)}/input.ndjson"


def receive(objects: Objects, pieces: Iterable[bytes]) -> Upload:
    """Store an NDJSON stream, whatever its pieces; blank lines are skipped.

    Raises Malformed, Invalid or TooLarge, naming the line, at the first one that is refused.
    """
    return _store(objects, _split(pieces), lambda number: f"line {number}")


def receive_list(objects: Objects, recipes: list[Any]) -> Upload:
    """Store recipes that came as a list, under the same rules. Raises like `receive`."""
    lines = ((index, codec.dumps(recipe)) for index, recipe in enumerate(recipes))
    return _store(objects, lines, lambda index: f"recipes.{index}")


def discard(objects: Objects, upload: Upload) -> None:
    """Delete what was received and certainly is no batch.

    Not after Unavailable: a commit that was cut off may stand, and then its jobs need the input.
    """
    objects.delete(folder(upload.id))


def _store(
    objects: Objects, lines: Iterable[tuple[int, bytes]], name: Callable[[int], str]
) -> Upload:
    batch_id = new_id()
    counter = _Counter()
    try:
        objects.put(input_key(batch_id), counter.passing(_checked(lines, name)))
        if counter.recipes == 0:
            raise Invalid("The batch has no recipes.", {"recipes": ["At least one is needed."]})  # noqa: TRY301
    except BaseException:
        objects.delete(folder(batch_id))
        raise
    return Upload(id=batch_id, recipes=counter.recipes, slices=tuple(counter.slices))


def _split(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The stream's lines without their ends, numbered from 1 as an editor does."""
    number, rest = 1, b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield number, line
            number += 1
        if len(rest) > LINE_BYTES + 1:  # it may end in the \r of a \r\n still to come
            break
    yield number, rest


def _checked(lines: Iterable[tuple[int, bytes]], name: Callable[[int], str]) -> Iterator[bytes]:
    """Lines that are JSON objects, each with its end; blank ones left out."""
    recipes = size = 0
    for number, raw in lines:
        # Blank bytes count too: an upload of nothing but spaces has to end.
        size += len(raw) + 1
        if len(raw.removesuffix(b"\r")) > LINE_BYTES:
            raise TooLarge(f"{name(number)}: one recipe has at most {LINE_BYTES:,} bytes.")
        if size > BYTES:
            raise TooLarge(f"{name(number)}: one batch has at most {BYTES:,} bytes.")
        line = (raw.removeprefix(_BOM) if number == 1 else raw).strip()
        if not line:
            continue
        recipes += 1
        if recipes > RECIPES:
            raise TooLarge(f"{name(number)}: one batch has at most {RECIPES:,} recipes.")
        _check(line, name(number))
        yield line + b"\n"


def _check(line: bytes, name: str) -> None:
    if b"\0" in line:
        raise Malformed(f"{name}: it has a NUL byte.")
    try:
        value = codec.loads(line)
    except Malformed as error:
        raise Malformed(f"{name}: {error}") from error
    if not isinstance(value, dict):
        raise Invalid(f"{name}: a recipe is a JSON object.", {name: ["Must be a JSON object."]})


@dataclass(slots=True)
class _Counter:
    """Notes the slices while lines pass by."""

    recipes: int = 0
    slices: list[Slice] = field(default_factory=list)

    def passing(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        start = length = 0
        for line in lines:
            self.recipes += 1
            length += len(line)
            yield line
            if self.recipes % CHUNK == 0:
                self.slices.append(Slice(self.recipes - CHUNK, CHUNK, start, length))
                start, length = start + length, 0
        if length:
            rest = self.recipes % CHUNK
            self.slices.append(Slice(self.recipes - rest, rest, start, length))
