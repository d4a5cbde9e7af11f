"""What cooking does to the weight of a food and to the fat of meat.

Two sources, both USDA's and public domain. Meat and poultry: the Table of Cooking Yields for Meat
and Poultry, Release 2 (2014), as `data/cooking/yields_meat_r2.csv`. Vegetables, fish, legumes,
grains and pasta: SR28 itself, which has many foods raw and cooked; solids stay, so 100 g of the raw
food give (100 - water raw) / (100 - water cooked) times 100 g.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from nutrition.errors import MissingData

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# The nearest measured methods, best first, for meat and poultry.
_NEAREST_MEAT = {
    "toasted": ("broiled",),
    "boiled": ("simmered", "braised"),
    "blanched": ("simmered", "braised"),
    "poached": ("simmered", "braised"),
    "simmered": ("simmered", "braised"),
    "braised": ("braised", "simmered"),
    "steamed": ("simmered", "braised"),
    "pressure-cooked": ("braised", "simmered"),
    "sauteed": ("fried", "broiled"),
    "stir-fried": ("fried", "broiled"),
    "fried": ("fried", "broiled", "baked"),
    "deep-fried": ("deep-fried", "fried", "baked"),
    "air-fried": ("baked", "broiled"),
    "microwaved": ("microwaved", "baked", "simmered"),
    "baked": ("baked", "broiled"),
    "roasted": ("baked", "broiled"),
    "broiled": ("broiled", "baked"),
}
# The words of SR28's cooked foods that stand for a method; grains say "cooked" alone.
_MOIST = ("boiled", "moist heat", "steamed", "microwaved", "cooked")
_DRY = ("baked", "dry heat")
_COOKED_WORDS = {
    **dict.fromkeys(("boiled", "blanched", "poached", "simmered", "braised"), _MOIST),
    **dict.fromkeys(("steamed", "microwaved", "pressure-cooked"), _MOIST),
    **dict.fromkeys(("baked", "roasted", "broiled", "air-fried"), _DRY),
}
_STATE = (
    frozenset({"raw", "cooked", "boiled", "baked", "steamed", "microwaved", "uncooked"})
    | frozenset({"unprepared", "drained", "dry", "moist", "heat", "mature", "seeds"})
    | frozenset({"with", "without", "salt", "added", "and", "in"})
)
_PARTS = frozenset({"flesh", "mature"})
# Vegetables and fish take up no water to speak of: a pair that says so differs in more than heat.
_MOST_OF_MOIST_FOOD = 1.1
_MOIST_GROUPS = frozenset({"1100", "1500"})
_PAIRED_GROUPS = frozenset({"1100", "1500", "1600", "2000"})
# Fat of ground meat, g per 100 g, above which USDA's table calls it medium, and high.
_FAT_LEVELS = {"ground beef": (12, 22), "ground pork": (10, 27)}
# Names alike in less than half of their words are another cut: then the family's mean serves.
_ALIKE_FROM = 0.5
# What other cuts lose, on average, says little of a lean one: at least this share of its fat stays.
_LEAST_FAT_OF_OTHER_CUTS = 0.5


@dataclass(frozen=True, slots=True)
class MeatYield:
    """A row of USDA's table. percent: cooked weight of 100 g raw. fat: change of fat, g per 100 g
    raw, NaN where not measured."""

    family: str
    words: frozenset[str]
    method: str
    percent: float
    fat: float


@dataclass(frozen=True, slots=True)
class Change:
    """What 1 g of a food becomes. weight: g, NaN where no source says. fat_kept: share of its fat
    that does not melt out. basis: the source in words."""

    weight: float = math.nan
    fat_kept: float = 1.0
    basis: str = ""


UNKNOWN = Change()


def load_meat(path: Path) -> tuple[MeatYield, ...]:
    """Read the table. Raises MissingData where it is absent or no table of yields."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                MeatYield(
                    _family(row["group"], row["description"]),
                    _words(row["description"]),
                    row["method"],
                    float(row["yield_percent"]),
                    float(row["fat_change"]) if row["fat_change"] else math.nan,
                )
                for row in csv.DictReader(file)
            )
    except FileNotFoundError as error:
        raise MissingData(f"{path} is missing from the data folder") from error
    except (KeyError, TypeError, ValueError) as error:
        raise MissingData(f"{path} is not a table of cooking yields: {error!r}") from error


class Yields:
    """Both sources over one catalogue. Read-only; threads share it."""

    def __init__(self, meat: Sequence[MeatYield], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._water, self._fat = catalogue.column["WATER"], catalogue.column["FAT"]
        self._meat: dict[tuple[str, str], list[MeatYield]] = {}
        for row in meat:
            self._meat.setdefault((row.family, row.method), []).append(row)

    def of(self, food: Food, family: str, method: str) -> Change:
        """What *food*, raw and of that family of `families`, becomes by that method."""
        for nearest in _NEAREST_MEAT.get(method, ()):
            rows = self._meat.get((family, nearest))
            if rows:
                return self._of_meat(food, family, nearest, rows)
        return self._of_pair(food, method) if family else UNKNOWN

    def _of_meat(self, food: Food, family: str, method: str, rows: list[MeatYield]) -> Change:
        fat = float(self._catalogue.per_100g[food.index, self._fat])
        if family in _FAT_LEVELS:
            medium, high = _FAT_LEVELS[family]
            level = "high" if fat > high else "medium" if fat >= medium else "low"
            rows = [row for row in rows if level in row.words] or rows
        words = _words(food.name)
        best = max(rows, key=lambda row: _alike(words, row.words))
        one_cut = family not in _FAT_LEVELS and _alike(words, best.words) >= _ALIKE_FROM
        rows = [best] if one_cut else rows
        weight = sum(row.percent for row in rows) / len(rows) / 100
        measured = [row.fat for row in rows if not math.isnan(row.fat)]
        change = median(measured) if measured else 0.0
        # A gain of fat in the table is what stays while water leaves a sample: no fat is made.
        least = 0.0 if one_cut or family in _FAT_LEVELS else _LEAST_FAT_OF_OTHER_CUTS
        kept = min(1.0, max(least, 1 + change / fat)) if fat > 0 else 1.0
        return Change(weight, kept, f"USDA cooking yields R2, {family}, {method}: {weight:.0%}")

    def _of_pair(self, food: Food, method: str) -> Change:
        words = _words(food.name)
        wanted = _COOKED_WORDS.get(method, ())
        best, score = None, 0.0
        for rank, word in enumerate(wanted):
            for cooked, said, of_cooked in self._cooked.get(_head(food), ()):
                # Between equals the first of the wanted words wins: boiled before "cooked" alone.
                alike = _alike(words, of_cooked) - 0.001 * rank
                if word in said and alike > score and alike >= _ALIKE_FROM:
                    best, score = cooked, alike
        if best is None:
            return UNKNOWN
        raw = float(self._catalogue.per_100g[food.index, self._water])
        cooked_water = float(self._catalogue.per_100g[best.index, self._water])
        if not (0 <= raw < 100 and 0 <= cooked_water < 100):
            return UNKNOWN
        weight = (100 - raw) / (100 - cooked_water)
        if food.group_code in _MOIST_GROUPS:
            weight = min(weight, _MOST_OF_MOIST_FOOD)
        return Change(weight, 1.0, f"SR28's water raw and in {best.name}: {weight:.0%}")

    @cached_property
    def _cooked(self) -> Mapping[tuple[str, str, str], list[tuple[Food, str, frozenset[str]]]]:
        """The cooked foods of SR28 by group and head of their name."""
        found: dict[tuple[str, str, str], list[tuple[Food, str, frozenset[str]]]] = {}
        for food in self._catalogue.foods:
            if food.group_code in _PAIRED_GROUPS and re.search(r"\b(cooked|baked)\b", food.name):
                entry = (food, food.name.casefold(), _words(food.name))
                found.setdefault(_head(food), []).append(entry)
        return found


def _head(food: Food) -> tuple[str, str, str]:
    """Group, first part of the name and the kind that follows: fish, cod; squash, winter."""
    first, _, rest = food.name.casefold().partition(",")
    kind = rest.split(None, 1)[0].strip(",") if rest.strip() else ""
    return food.group_code, first, "" if kind in _STATE or kind in _PARTS else kind


def _words(name: str) -> frozenset[str]:
    """The words of a name that tell which food it is, not its state."""
    return frozenset(re.findall(r"[a-z0-9/%]+", name.casefold())) - _STATE


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words as a share of all words of both; 1 where neither has any."""
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def _family(group: str, description: str) -> str:
    """The family of `families` that a row of the meat table speaks of."""
    text = description.casefold()
    if "liver" in text:
        return "liver"
    if "variety meats" in text or re.search(r"gizzard|giblets|heart", text):
        return "organ"
    if "sausage" in text:
        return "raw sausage"
    if "bacon" in text:
        return "bacon"
    if group == "1700":
        kind = "veal" if text.startswith("veal") else "lamb"
        return "ground lamb" if "ground" in text else kind
    if group == "0500":
        return "turkey" if text.startswith("turkey") else "chicken"
    if group == "1300":
        return "ground beef" if "ground" in text else "beef"
    if "cured" in text:
        return "ham"
    return "ground pork" if "ground" in text else "pork"
