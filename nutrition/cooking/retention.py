"""What cooking leaves of vitamins, minerals and alcohol: USDA's nutrient retention factors.

Source: USDA Table of Nutrient Retention Factors, Release 6 (2007), doi 10.15482/USDA.ADC/1409034,
public domain; as a table of ours in `data/cooking/retention_r6.csv` (its provenance stands in
`data/README.md`). A factor is the share of a nutrient in 100 g of the raw food that the cooked
weight of it still holds, so factors apply to raw foods and say nothing about weight.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.errors import MissingData

if TYPE_CHECKING:
    from nutrition.catalogue import Nutrient

# Nutrients that Release 6 does not list, each with the listed one (by USDA's number) whose factor
# it takes: the forms of vitamin A that the catalogue keeps (retinol, RAE) are parts or sums of what
# "vitamin A, RE" measures; folate in DFE is a sum of the two folates, which have equal factors.
LIKE = {319: 392, 320: 392, 435: 417}


@dataclass(frozen=True, slots=True)
class Retention:
    """Factors by row. Row 0 is no cooking: 1 everywhere.

    factors: (rows, nutrients), aligned with the catalogue's nutrients, 0 to 1; 1 for a nutrient of
    which the table does not speak. codes, descriptions: (rows,), USDA's code (0 for row 0) and its
    words. row_of: USDA's code to the row.
    """

    factors: NDArray[np.float64]
    codes: tuple[int, ...]
    descriptions: tuple[str, ...]
    row_of: Mapping[int, int]

    def basis(self, row: int) -> str:
        """The row's name for people, "USDA R6 3307 potatoes, boiled in skin"; "" for row 0."""
        return f"USDA R6 {self.codes[row]} {self.descriptions[row]}" if row else ""


def load(path: Path, nutrients: Sequence[Nutrient]) -> Retention:
    """Read the table for a catalogue's nutrients.

    Raises MissingData where the file is absent or holds anything but codes and percentages.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        listed = {int(number): place for place, number in enumerate(header[2:], start=2)}
        codes = (0, *(int(row[0]) for row in rows))
        percent = np.array(
            [[float(cell) if cell else 100.0 for cell in row[2:]] for row in rows], np.float64
        )
    except FileNotFoundError as error:
        raise MissingData(f"{path} is missing from the data folder") from error
    except ValueError as error:
        raise MissingData(f"{path} is not a table of retention factors: {error}") from error
    factors = np.ones((len(codes), len(nutrients)))
    for column, nutrient in enumerate(nutrients):
        place = listed.get(LIKE.get(nutrient.number, nutrient.number))
        if place is not None:
            # Cooking makes no vitamins: what was measured above 100 is error of measurement.
            factors[1:, column] = np.minimum(percent[:, place - 2] / 100, 1.0)
    factors.setflags(write=False)
    return Retention(
        factors,
        codes,
        ("", *(row[1] for row in rows)),
        {code: row for row, code in enumerate(codes) if row},
    )
