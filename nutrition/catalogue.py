"""The food catalogue in memory: what each food holds, and what a cup of it weighs.

Pure values, apart from ``load``. The matrices are memory-mapped files (see `unpacking`) that all
processes of a machine share; only names and portions are each process's own.
"""

import uuid
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.archive import unpack_text
from nutrition.totals.table import Table

FOODS = uuid.UUID("5d0a6e5c-9b0f-5c86-8f0b-3a9d5f3f2b11")
"""Namespace of catalogue food ids. Never changes: stored results name foods by these ids."""


@dataclass(frozen=True, slots=True)
class Nutrient:
    """A nutrient by its INFOODS tagname, e.g. ENERC_KCAL.

    unit: g, mg, µg, kcal, kJ or IU. decimals: places USDA rounds its values to.
    """

    code: str
    number: int
    name: str
    unit: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Food:
    """A food of SR28. Text is "" and numbers are None where SR28 says nothing.

    refuse_percent: inedible share of the food as bought. nitrogen_factor: g protein per g N.
    protein, fat and carbohydrate factors: kcal per g (specific Atwater factors).
    in_survey: USDA keeps it complete for its survey of what Americans eat.
    """

    index: int
    id: str
    ndb_no: str
    name: str
    short_name: str
    common_names: str
    group_code: str
    group: str
    manufacturer: str
    scientific_name: str
    refuse_percent: int | None
    refuse_description: str
    nitrogen_factor: float | None
    protein_factor: float | None
    fat_factor: float | None
    carbohydrate_factor: float | None
    in_survey: bool


@dataclass(frozen=True, slots=True)
class Portion:
    """So much weighs so many grams: (1.0, "cup", 125.0). Edible part only.

    std_dev: g, over data_points samples; None where USDA gives neither.
    """

    seq: int
    amount: float
    unit: str
    grams: float
    data_points: int | None
    std_dev: float | None


class Catalogue:
    """Foods by nutrients, and what describes them.

    per_100g, standard_error: (foods, nutrients) in each nutrient's unit per 100 g of edible
    food, NaN where unknown. data_points: analyses behind a value, 0 where it was calculated,
    imputed, or is unknown. All read-only. sums, usual_deviation: what sums and intervals need of
    them, see `totals.table` and `totals.interval`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.version, self.source = self._text("version")[0], self._text("source")[0]
        self.per_100g: NDArray[np.float64] = self._map("per_100g")
        self.standard_error: NDArray[np.float64] = self._map("standard_error")
        self.data_points: NDArray[np.uint16] = self._map("data_points")
        self.nutrients = tuple(
            Nutrient(code, int(number), name, unit, places)
            for code, number, name, unit, places in zip(
                self._text("nutrient_code"),
                self._text("nutrient_number"),
                self._text("nutrient_name"),
                self._text("nutrient_unit"),
                self._map("nutrient_places").tolist(),
                strict=True,
            )
        )
        self.sums = Table(self._map("sums"), len(self.nutrients))
        self.usual_deviation: NDArray[np.float64] = self._map("usual_deviation")
        self.column: Mapping[str, int] = {n.code: i for i, n in enumerate(self.nutrients)}
        self._ndb_nos = self._text("food_ndb_no")

    @cached_property
    def foods(self) -> tuple[Food, ...]:
        """All foods, ascending by NDB number; ``foods[i]`` is row i of the matrices."""
        group_codes, group_names = self._text("group_code"), self._text("group_name")
        groups = self._map("food_group").tolist()
        refuse = _nullable(self._map("food_refuse_percent"))
        return tuple(
            map(
                Food,
                range(len(self._ndb_nos)),
                self._text("food_id"),
                self._ndb_nos,
                self._text("food_name"),
                self._text("food_short_name"),
                self._text("food_common_names"),
                (group_codes[g] for g in groups),
                (group_names[g] for g in groups),
                self._text("food_manufacturer"),
                self._text("food_scientific_name"),
                (None if r is None else int(r) for r in refuse),
                self._text("food_refuse_description"),
                _nullable(self._map("food_nitrogen_factor")),
                _nullable(self._map("food_protein_factor")),
                _nullable(self._map("food_fat_factor")),
                _nullable(self._map("food_carbohydrate_factor")),
                self._map("food_in_survey").tolist(),
            )
        )

    def portions_of(self, index: int) -> tuple[Portion, ...]:
        """The food's portions in USDA's order; empty for the 297 foods without one."""
        first, end = self._portion_range[index : index + 2].tolist()
        table = self._portion_table
        return tuple(
            Portion(
                int(table["seq"][row]),
                float(table["amount"][row]),
                self._portion_units[row],
                float(table["grams"][row]),
                None if (points := int(table["data_points"][row])) < 0 else points,
                None if np.isnan(deviation := float(table["std_dev"][row])) else deviation,
            )
            for row in range(first, end)
        )

    def index_of(self, food_id: str) -> int:
        """The row of a food by its id. Raises KeyError for an id that is not here."""
        return self._index_of_id[food_id]

    def index_of_ndb(self, ndb_no: str) -> int:
        """The row of a food by its NDB number, e.g. "01123". Raises KeyError."""
        place = bisect_left(self._ndb_nos, ndb_no)
        if place == len(self._ndb_nos) or self._ndb_nos[place] != ndb_no:
            raise KeyError(ndb_no)
        return place

    @cached_property
    def _index_of_id(self) -> dict[str, int]:
        return {food.id: food.index for food in self.foods}

    @cached_property
    def _portion_table(self) -> Mapping[str, NDArray[Any]]:
        names = ("seq", "amount", "grams", "data_points", "std_dev")
        return {name: self._map(f"portion_{name}") for name in names}

    @cached_property
    def _portion_units(self) -> list[str]:
        # 15,438 rows hold 1,931 different texts: keep each once.
        seen: dict[str, str] = {}
        return [seen.setdefault(unit, unit) for unit in self._text("portion_unit")]

    @cached_property
    def _portion_range(self) -> NDArray[np.int64]:
        """(foods + 1,): food i's portions are rows range[i] to range[i + 1]."""
        return np.searchsorted(self._map("portion_food"), np.arange(len(self._ndb_nos) + 1))

    def _map(self, name: str) -> NDArray[Any]:
        # As a plain array: np.memmap makes a new Python object of every slice of a slice.
        return np.asarray(np.load(self._folder / f"{name}.npy", mmap_mode="r"))

    def _text(self, name: str) -> list[str]:
        return unpack_text(np.load(self._folder / f"{name}.npy"))


def load(folder: Path) -> Catalogue:
    """The catalogue of a folder that `unpacking.unpack` returned. Raises FileNotFoundError."""
    return Catalogue(folder)


def food_id(ndb_no: str, source: str = "sr28") -> str:
    """The id of a source's food, the same in every load and every installation."""
    return str(uuid.uuid5(FOODS, f"{source}:{ndb_no}"))


def _nullable(values: NDArray[Any]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
