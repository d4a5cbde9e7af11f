"""The catalogue's file unpacked into memory-mappable arrays, once a machine.

All processes share the arrays; any number may ask for them at once.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.archive import Archive, as_floats, pack_text
from nutrition.catalogue import food_id
from nutrition.totals.interval import usual_deviation
from nutrition.totals.table import Table

LAYOUT = 2
"""Rises when the unpacked files change, so that an older folder is left alone, not misread."""


def unpack(archive: Path, folder: Path) -> Path:
    """Write the memory-mappable form of *archive* under *folder*; return where it is.

    Does nothing if it is there. Any number of processes may call it at once: one writes, the
    others wait. A folder is complete or absent, even after a power cut.
    """
    packed = Archive(archive)
    ready = folder / f"{packed.version}-{packed.digest[:12]}-{LAYOUT}"
    if ready.is_dir():
        return ready
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "unpack.lock"):
        if not ready.is_dir():
            # Whoever holds the lock is the only writer, so this is a killed one's half.
            unfinished = folder / f"{ready.name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            for name, array in _unpacked(packed):
                with (unfinished / f"{name}.npy").open("wb") as file:
                    np.save(file, array, allow_pickle=False)
                    file.flush()
                    os.fsync(file.fileno())
            _sync(unfinished)
            unfinished.rename(ready)
            _sync(folder)
    return ready


def nutrient_codes(archive: Archive) -> list[str]:
    """A stable code for every nutrient: SR28's tagname, which is INFOODS', where it is unique.

    SR28 gives VITD to two: 328 in µg keeps it, 324 in IU is VITD_IU, as SR28's own VITA_IU.
    Six have none and are called after their number, SR257.
    """
    tagnames, numbers = archive.text("nutrient_tagname"), archive.text("nutrient_number")
    return [
        "VITD_IU" if number == "324" else tagname or f"SR{number}"
        for tagname, number in zip(tagnames, numbers, strict=True)
    ]


def _unpacked(archive: Archive) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every file of the unpacked form."""
    known = archive.known()

    def matrix(values: NDArray[Any], unknown: float) -> NDArray[Any]:
        cells = np.full(known.shape, unknown, dtype=values.dtype)
        cells[known] = values
        return np.ascontiguousarray(cells.T)  # a food's nutrients side by side

    per_100g = matrix(archive.floats("value_amount"), np.nan)
    error = matrix(archive.floats("value_standard_error"), np.nan)
    points = matrix(archive.array("value_data_points").astype(np.uint16), 0)
    yield "per_100g", per_100g
    yield "standard_error", error
    yield "data_points", points
    yield "sums", Table.of(per_100g).rows
    yield "usual_deviation", usual_deviation(per_100g, error, points)
    yield "nutrient_code", pack_text(nutrient_codes(archive))
    yield "food_id", pack_text([food_id(n, archive.source) for n in archive.text("food_ndb_no")])
    for name in _COPIED:
        yield name, archive.array(name)
    for name in _DECIMALS:
        yield name, as_floats(archive.array(name), archive.array(f"{name}_decimals"))


_COPIED = (
    *("version", "source", "group_code", "group_name"),
    *("nutrient_number", "nutrient_name", "nutrient_unit", "nutrient_places"),
    *("food_ndb_no", "food_name", "food_short_name", "food_common_names", "food_group"),
    *("food_manufacturer", "food_scientific_name", "food_refuse_description", "food_in_survey"),
    *("portion_food", "portion_seq", "portion_unit", "portion_data_points"),
)
_DECIMALS = (
    *("food_refuse_percent", "food_nitrogen_factor", "food_protein_factor", "food_fat_factor"),
    *("food_carbohydrate_factor", "portion_amount", "portion_grams", "portion_std_dev"),
)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock that the system releases when the process ends, however it ends."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync(folder: Path) -> None:
    """Make a folder's entries survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
