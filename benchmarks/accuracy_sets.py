"""What the accuracy of the engine is measured on: recipes with the figures that others published.

Everything that a publisher's form needs is here and in `accuracy_values`, and nothing of it in the
product. A row that lacks what is compared (ingredients, servings or energy) is left out; how many
rows a file has is counted by `rows_of`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy_values import amount_of, number_of
from benchmarks.recipes import servings_of
from nutrition.limits import LEAST_SERVINGS, MOST_SERVINGS

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

ALLRECIPES, SCRAPED = "recipes_allrecipes.jsonl", "recipes_scraped.jsonl"
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
#: Of a serving, in the unit of ours: what is published in whole numbers, or in tenths, is compared
#: from here on. Below, the publisher's rounding is the error.
LEAST = dict.fromkeys(NUTRIENTS, 1.0) | {
    "kcal": 10.0,
    "sodium": 20.0,
    "calcium": 10.0,
    "potassium": 20.0,
    "magnesium": 5.0,
    "cholesterol": 5.0,
    "iron": 0.3,
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
_LABELLED = {
    "food_names": ("food_names.csv", "ingredient_name"),
    "food_names_canada": ("food_names_canada.csv", "cnf_description_en"),
}


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
    for number, row in _rows(folder / ALLRECIPES):
        stated = _dict(row.get("nutrients_per_serving"))
        found = {"kcal": amount_of("kcal", row.get("calories"))}
        for name, theirs in _ALLRECIPES.items():
            one = _dict(stated.get(theirs))
            found[name] = amount_of(name, one.get("value"), one.get("unit"))
        yield from _published(
            f"recipes_allrecipes:{number}", row, "name", number_of(row.get("servings_n")), found
        )


def scraped(folder: Path) -> Iterator[Published]:
    """`recipes_scraped.jsonl`: the rows that state what is eaten of them, and energy."""
    for number, row in _rows(folder / SCRAPED):
        stated = _dict(row.get("nutrients"))
        found = {name: amount_of(name, stated.get(theirs)) for name, theirs in _SCRAPED.items()}
        servings = servings_of(row.get("yields"))
        yield from _published(f"recipes_scraped:{number}", row, "title", servings, found)


def rows_of(path: Path) -> int:
    """How many recipes a file holds, whether they can be compared or not."""
    return sum(1 for _ in _rows(path))


def _published(
    source: str,
    row: dict[str, Any],
    titled: str,
    servings: float | None,
    found: dict[str, float | None],
) -> Iterator[Published]:
    lines = row.get("ingredients")
    ingredients = tuple(
        line for line in (lines if isinstance(lines, list) else ()) if isinstance(line, str)
    )
    if not ingredients or servings is None or not found["kcal"]:
        return
    if LEAST_SERVINGS <= servings <= MOST_SERVINGS:
        title, language = row.get(titled), row.get("language")
        yield Published(
            source,
            title if isinstance(title, str) else "",
            language[:2] if isinstance(language, str) and language else "en",
            servings,
            ingredients,
            {name: value for name, value in found.items() if value is not None},
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A name of a food, and the row of the catalogue that somebody chose for it."""

    name: str
    row: int


def labelled(folder: Path, catalogue: Catalogue) -> dict[str, list[Labelled]]:
    """The labelled names by file, of the files that *folder* has; foods of SR28 alone."""
    found: dict[str, list[Labelled]] = {}
    for key, (file, column) in _LABELLED.items():
        if not (folder / file).exists():
            continue
        found[key] = []
        with (folder / file).open(newline="", encoding="utf-8") as lines:
            for record in csv.DictReader(lines):
                name, number = record.get(column), record.get("ndb_no")
                if not name or not number:
                    continue
                try:
                    found[key].append(Labelled(name, catalogue.index_of_ndb(number.zfill(5))))
                except KeyError:
                    continue
    return found


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
    recipes: dict[str, list[tuple[str, str, float]]] = {}
    with (folder / "fndds_recipes.txt").open(encoding="latin-1") as file:
        next(file, None)
        for line in file:
            fields = [field.strip("~") for field in line.rstrip("\n").split("^")]
            grams = number_of(fields[11]) if len(fields) > 11 else None
            if grams is not None:
                recipes.setdefault(fields[0], []).append((fields[4].zfill(5), fields[5], grams))
    columns = {name: catalogue.column[code] for name, code in NUTRIENTS.items()}
    for code, rows in recipes.items():
        if len(rows) < 2:
            continue
        try:
            foods = [catalogue.index_of_ndb(number) for number, _, _ in rows]
        except KeyError:
            continue
        weights = np.array([grams for _, _, grams in rows])
        sums = np.nansum(catalogue.per_100g[foods] * weights[:, None] / 100, axis=0)
        yield Recoded(
            code,
            tuple((words.lower(), grams) for _, words, grams in rows),
            {name: float(sums[column]) for name, column in columns.items()},
        )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an NDJSON file with the numbers of their lines; what is none is left out."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield number, row
