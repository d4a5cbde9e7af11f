"""What the accuracy of the engine is measured on: recipes with the figures that others published.

Everything that a publisher's form needs is here, and nothing of it in the product.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.recipes import servings_of

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

#: Nutrients that are compared: name in the report → code of ours.
NUTRIENTS = {
    "kcal": "ENERC_KCAL",
    "protein": "PROCNT",
    "fat": "FAT",
    "carbohydrate": "CHOCDF",
    "sodium": "NA",
    "fibre": "FIBTG",
    "sugars": "SUGAR",
    "saturated_fat": "FASAT",
    "cholesterol": "CHOLE",
    "calcium": "CA",
    "iron": "FE",
    "magnesium": "MG",
    "potassium": "K",
    "vitamin_c": "VITC",
}
_ALLRECIPES = {
    "protein": "protein",
    "fat": "fat",
    "carbohydrate": "carbohydrates",
    "sodium": "sodium",
    "fibre": "dietary fiber",
    "sugars": "sugars",
    "saturated_fat": "saturated fat",
    "cholesterol": "cholesterol",
    "calcium": "calcium",
    "iron": "iron",
    "magnesium": "magnesium",
    "potassium": "potassium",
    "vitamin_c": "vitamin c",
}
_SCRAPED = {
    "kcal": "calories",
    "protein": "proteinContent",
    "fat": "fatContent",
    "carbohydrate": "carbohydrateContent",
    "sodium": "sodiumContent",
    "fibre": "fiberContent",
    "sugars": "sugarContent",
    "saturated_fat": "saturatedFatContent",
    "cholesterol": "cholesterolContent",
}
#: Units of the data, in the unit of ours: g, mg, kcal.
_NUMBER = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([a-zA-Z]*)")
_IN_GRAMS = {"mg": 1e-3, "milligrams": 1e-3, "milligram": 1e-3}
_MILLIGRAMS = frozenset({"sodium", "cholesterol"})


@dataclass(frozen=True, slots=True)
class Published:
    """A recipe, and its nutrients in one serving as published, by NUTRIENTS' names."""

    source: str
    title: str
    language: str
    servings: float
    ingredients: tuple[str, ...]
    nutrients: dict[str, float]


def allrecipes(folder: Path) -> Iterator[Published]:
    """`recipes_allrecipes.jsonl`: the rows that state servings and energy."""
    for number, row in _rows(folder / "recipes_allrecipes.jsonl"):
        stated = row["nutrients_per_serving"]
        found = {
            name: float(stated[theirs]["value"])
            for name, theirs in _ALLRECIPES.items()
            if theirs in stated
        }
        if row["servings_n"] and float(row["calories"] or 0) > 0:
            found["kcal"] = float(row["calories"])
            yield Published(
                f"recipes_allrecipes:{number}",
                row["name"],
                "en",
                float(row["servings_n"]),
                tuple(row["ingredients"]),
                found,
            )


def scraped(folder: Path) -> Iterator[Published]:
    """`recipes_scraped.jsonl`: the rows that state what is eaten of them, and energy."""
    for number, row in _rows(folder / "recipes_scraped.jsonl"):
        stated = row["nutrients"] or {}
        found = {
            name: value
            for name, theirs in _SCRAPED.items()
            if (value := _amount(name, stated.get(theirs))) is not None
        }
        servings = servings_of(row["yields"])
        if servings and found.get("kcal", 0) > 0:
            yield Published(
                f"recipes_scraped:{number}",
                row["title"],
                (row["language"] or "en")[:2],
                servings,
                tuple(row["ingredients"]),
                found,
            )


def _amount(name: str, text: str | None) -> float | None:
    """The number of a string such as "10 mg", in the unit in which ours is kept."""
    match = _NUMBER.match(str(text or ""))
    if match is None:
        return None
    value, unit = float(match[1].replace(",", ".")), match[2].lower()
    if name == "kcal":
        return value / 4.184 if unit == "kj" else value
    if name in _MILLIGRAMS:
        return value if unit in _IN_GRAMS else value * 1e3 if unit in {"g", "grams"} else value
    return value * _IN_GRAMS.get(unit, 1.0)


@dataclass(frozen=True, slots=True)
class Recoded:
    """A food of FNDDS: its ingredients in FNDDS's words with their weights in g, and its nutrients.

    nutrients: what its own SR codes and weights add up to.
    """

    code: str
    ingredients: tuple[tuple[str, float], ...]
    nutrients: dict[str, float]


def fndds(folder: Path, catalogue: Catalogue) -> Iterator[Recoded]:
    """`fndds_recipes.txt`: foods of two and more ingredients, all of them SR28's by code.

    An ingredient is FNDDS's own wording ("WHEAT FLR,WHITE,ALLPURP,ENR,BLEACH") and weight, so that
    what is measured is the match. Raw arithmetic: neither retention nor a change of moisture or
    fat.
    """
    recipes: dict[str, list[list[str]]] = {}
    with (folder / "fndds_recipes.txt").open(encoding="latin-1") as file:
        next(file)
        for line in file:
            fields = [field.strip("~") for field in line.rstrip("\n").split("^")]
            recipes.setdefault(fields[0], []).append(fields)
    columns = {name: catalogue.column[code] for name, code in NUTRIENTS.items()}
    for code, rows in recipes.items():
        if len(rows) < 2:
            continue
        try:
            foods = [catalogue.index_of_ndb(row[4].zfill(5)) for row in rows]
        except KeyError:
            continue
        grams = [float(row[11]) for row in rows]
        sums = np.nansum(catalogue.per_100g[foods] * np.array(grams)[:, None] / 100, axis=0)
        yield Recoded(
            code,
            tuple((row[5].lower(), weight) for row, weight in zip(rows, grams, strict=True)),
            {name: float(sums[column]) for name, column in columns.items()},
        )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            yield number, json.loads(line)
