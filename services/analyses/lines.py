"""Lines that some process has read already: parsed, matched and weighed, shared through the cache.

Reading a line is what an analysis costs. A process has a memory of its own (`nutrition.engine`);
what is not in it is asked for in one round trip, and what nobody had is kept for the others.

A line is somebody's own words, so none is in the cache: an entry has the hash of the line for its
name, and says which food of the catalogue it is and how heavy. Lines that came to nothing, whose
answer would repeat their words, are not shared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kernel import codec
from kernel.cache import Cache, Key
from kernel.sources import version_of
from nutrition.analysis import Line
from nutrition.status import Status
from services.analyses.region import LINES

if TYPE_CHECKING:
    from nutrition.engine import Engine


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """A resolved line without its words. Foods are rows of the catalogue that the key names."""

    food: int
    confidence: float | None
    grams: float
    basis: str
    quantity: float | None
    unit: str
    optional: bool
    spread: float
    purpose: str
    alternatives: list[tuple[int, float]]


_decode = msgspec.json.Decoder(_Kept).decode


def engine_version(data: Path) -> str:
    """The engine's code and data, the parser's included: what a line's answer depends on.

    data: the folder that the engine was loaded from.
    """
    digest = hashlib.blake2b(version_of(["nutrition"]).encode(), digest_size=8)
    digest.update(version("ingredient-parser-nlp").encode())
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(data)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class SharedLines:
    """The lines of one engine in the cache. version: see `engine_version`."""

    def __init__(self, cache: Cache, engine: Engine, version: str) -> None:
        self._cache = cache
        self._engine = engine
        self._version = version

    @contextmanager
    def known(self, texts: Sequence[str]) -> Iterator[None]:
        """Have the engine know of *texts* what any process has read; keep what it reads meanwhile.

        Nothing is kept where the block raises.
        """
        unknown = self._engine.reader.unknown(texts)
        if not unknown:
            yield
            return
        kept = self._cache.get_many(LINES, [self._key(text) for text in unknown])
        found = {
            text: line
            for text in unknown
            if (raw := kept.get(self._key(text))) and (line := self._open(text, raw))
        }
        self._engine.reader.remember(found)
        yield
        self.keep({text: self._engine.line(text) for text in unknown if text not in found})

    def lacking(self, texts: Sequence[str]) -> list[str]:
        """Of *texts*, those that nobody has read; none where the cache is away."""
        by_key = {self._key(text): text for text in texts}
        return [by_key[key] for key in self._cache.lacking(LINES, by_key)]

    def read(self, text: str) -> bool:
        """Read one line and keep it; whether it is one that is kept."""
        return self.keep({text: self._engine.line(text)})

    def keep(self, lines: Mapping[str, Line]) -> bool:
        """Keep lines for the others: those that came to a food and a weight."""
        values = {self._key(text): raw for text, line in lines.items() if (raw := _seal(line))}
        return bool(values) and self._cache.put_many(LINES, values)

    def _key(self, text: str) -> Key:
        return self._version, text

    def _open(self, text: str, raw: bytes) -> Line | None:
        foods = self._engine.catalogue.foods
        try:
            kept = _decode(raw)
            return Line(
                text,
                Status.OK,
                kept.quantity,
                kept.unit,
                foods[kept.food],
                kept.confidence,
                tuple((foods[index], confidence) for index, confidence in kept.alternatives),
                kept.grams,
                kept.basis,
                optional=kept.optional,
                spread=kept.spread,
                purpose=kept.purpose,
            )
        except (msgspec.MsgspecError, IndexError):
            return None  # not ours: read as if it were not there


def _seal(line: Line) -> bytes | None:
    if line.status is not Status.OK or line.food is None or line.grams is None or line.reason:
        return None
    return codec.dumps(
        _Kept(
            line.food.index,
            line.confidence,
            line.grams,
            line.basis,
            line.quantity,
            line.unit,
            line.optional,
            line.spread,
            line.purpose,
            [(food.index, confidence) for food, confidence in line.alternatives],
        )
    )
