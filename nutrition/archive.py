"""The catalogue's file: every table of SR28 as columns, in one zip that ``numpy.load`` opens.

Three encodings keep it small and exact, and need no pickle:

- text: one ``uint8`` array a column, UTF-8, rows separated by newlines;
- decimals: two arrays, ``NAME`` (digits without the point, ``int32``) and ``NAME_decimals``
  (places after the point, ``uint8``, 255 where the row is empty), so "61.00" stays 61.00;
- codes: small integers into a text column.

Values of NUT_DATA lie nutrient after nutrient, foods ascending, at the places that ``known``
marks: a bit a cell, (nutrients, foods), packed.
"""

import hashlib
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_DECIMAL = 255
"""In a ``_decimals`` column: the row has no value."""

Array = NDArray[Any]


class Archive:
    """The tables of one catalogue file, read column by column.

    Raises FileNotFoundError where there is no file, ValueError where it is none of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        packed = path.read_bytes()
        self.digest = hashlib.sha256(packed).hexdigest()
        # Decompressing is most of the cost, so a member is read when somebody asks for it.
        self._members = np.load(io.BytesIO(packed), allow_pickle=False)
        if "version" not in self._members:
            raise ValueError(
                f"{path} is not a food catalogue: it has no member 'version'. "
                "scripts/build_catalogue.py makes one."
            )
        self.version = self.text("version")[0]
        self.source = self.text("source")[0]

    def array(self, name: str) -> Array:
        """The column as stored."""
        column: Array = self._members[name]
        return column

    def text(self, name: str) -> list[str]:
        """A text column, one string a row ("" where SR28 leaves the field empty)."""
        return unpack_text(self._members[name])

    def floats(self, name: str) -> NDArray[np.float64]:
        """A decimal column as the nearest doubles; NaN where the row is empty."""
        return as_floats(self._members[name], self._members[f"{name}_decimals"])

    def decimals(self, name: str) -> list[Decimal | None]:
        """A decimal column exactly as published, trailing zeros included."""
        digits = self._members[name].tolist()
        places = self._members[f"{name}_decimals"].tolist()
        return [
            None if place == NO_DECIMAL else Decimal(digit).scaleb(-place)
            for digit, place in zip(digits, places, strict=True)
        ]

    def known(self) -> NDArray[np.bool_]:
        """Where NUT_DATA has a row: (nutrients, foods)."""
        shape = (len(self.text("nutrient_number")), len(self.text("food_ndb_no")))
        bits = np.unpackbits(self._members["known"], count=shape[0] * shape[1])
        cells: NDArray[np.bool_] = bits.reshape(shape).astype(bool)
        return cells


def pack_text(rows: Iterable[str]) -> NDArray[np.uint8]:
    """Rows as one array of UTF-8 bytes. Raises ValueError if a row holds a newline."""
    rows = list(rows)
    if any("\n" in row for row in rows):
        raise ValueError("a row holds a newline, which separates the rows")
    return np.frombuffer("\n".join(rows).encode(), dtype=np.uint8)


def unpack_text(packed: Array) -> list[str]:
    """The rows of ``pack_text``."""
    return packed.tobytes().decode().split("\n")


def as_floats(digits: Array, places: Array) -> NDArray[np.float64]:
    """Decimals as the nearest doubles, NaN for empty rows.

    Exact in the sense of float(text): both operands are integers below 2**53, and IEEE
    division rounds correctly.
    """
    empty = places == NO_DECIMAL
    scale = np.float64(10) ** np.where(empty, 0, places)
    return np.where(empty, np.nan, digits / scale)
