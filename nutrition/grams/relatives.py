"""What the foods of the same name weigh, for a food of which SR28 states no volume or no piece.

Relatives share the first part of the name ("Cheese", "Yogurt", "Peppers"). Of them those count
that share most of the other words too, and the state: powder does not speak for liquid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nutrition.foods.names import word_set, words
from nutrition.grams import portions
from nutrition.memory import Memory

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# What changes how heavy a cup or a piece is. A relative must agree in all of them.
STATES = word_set(
    """dried powder mix concentrate frozen canned condensed syrup cooked whipped oil juice
    flour crust paste sauce toasted baked fluid drained"""
)
ROASTING = frozenset(["dried", "oil"])
# Names whose foods are no relatives of each other until the second part of the name is shared.
BROAD = frozenset(
    (
        *("Spices", "Snacks", "Candies", "Beverages", "Alcoholic beverage", "Fish", "Crustaceans"),
        *("Mollusks", "Beef", "Pork", "Lamb", "Veal", "Chicken", "Turkey", "Game meat", "Sausage"),
        *("Cereals ready-to-eat", "Restaurant", "Fast foods", "Fast Foods", "Soup", "Sauce"),
        *("Nuts", "Seeds", "Babyfood", "Cheese", "Leavening agents", "Bread", "Cookies"),
        *("Crackers", "Squash", "Oil", "Desserts", "Cake", "Pie", "Snack"),
    )
)
# So many nearest relatives are looked at, and so many of them with a portion make the median.
LOOKED_AT, TAKEN = 40, 7
# One relative alone is no median.
FEWEST = 2
# Relatives less alike than the best by more than this many words are left out.
AS_LIKE = 0.75
# Foods whose relatives are kept in mind.
REMEMBERED = 2_048


@dataclass(frozen=True, slots=True)
class Median:
    """The median of *count* foods, in g/ml or g a piece. head: the name they share."""

    value: float
    head: str
    count: int

    @property
    def source(self) -> str:
        if self.count == 1:
            return f"that of the plain one of SR28's {self.head!r}"
        return f"the median of {self.count} of SR28's {self.head!r}"


@dataclass(frozen=True, slots=True)
class _Near:
    """A relative. likeness: words shared, less half of those of its own. general: it says nothing
    that the food does not say: onions, of sweet onions."""

    index: int
    likeness: float
    general: bool


class Relatives:
    """Medians over the relatives of a food. Built once; read-only but for a bounded memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_head: dict[str, list[int]] = {}
        self._with_cups: dict[str, list[int]] = {}
        for food in catalogue.foods:
            self._by_head.setdefault(head(food), []).append(food.index)
            if any(portion.unit.startswith("cup") for portion in catalogue.portions_of(food.index)):
                self._with_cups.setdefault(head(food), []).append(food.index)
        self._nearest: Memory[tuple[_Near, ...]] = Memory(REMEMBERED)

    def density(self, food: Food, said: frozenset[str]) -> Median | None:
        """g/ml, by the portion of each relative that is nearest to what the line says."""

        def of(found: tuple[portions.Measure, ...]) -> float | None:
            measure = portions.by_volume(found, portions.CUP, said)
            return measure.grams / measure.unit.size if measure and measure.unit else None

        return self._median(food, self._near(food, self._with_cups, "cup"), of)

    def piece(
        self, food: Food, noun: str, size: str, said: frozenset[str], across: float
    ) -> Median | None:
        """g of one *noun* ("" for a whole one)."""
        near: Iterable[_Near] = self._near(food, self._by_head, "piece")
        if head(food) in BROAD:
            foods = self._catalogue.foods
            near = [one for one in near if _second(foods[one.index]) == _second(food)]

        def of(found: tuple[portions.Measure, ...]) -> float | None:
            measure = portions.by_count(found, food, noun, size, said, across)
            return measure.grams if measure else None

        return self._median(food, near, of)

    def _median(
        self,
        food: Food,
        near: Iterable[_Near],
        of: Callable[[tuple[portions.Measure, ...]], float | None],
    ) -> Median | None:
        values: list[float] = []
        best = 0.0
        for relative in near:
            if len(values) >= FEWEST and (
                relative.likeness < best - AS_LIKE or len(values) == TAKEN
            ):
                break
            value = of(portions.measures(self._catalogue.portions_of(relative.index)))
            if value is None:
                continue
            best = best if values else relative.likeness
            values.append(value)
            if relative.general:
                return Median(value, head(food), 1)
        if len(values) < FEWEST:
            return None
        return Median(float(np.median(values)), head(food), len(values))

    def _near(self, food: Food, by_head: dict[str, list[int]], what: str) -> tuple[_Near, ...]:
        """The relatives of the same state, those that share most words first."""
        key = f"{what} {food.index}"
        found = self._nearest.get(key)
        if found is None:
            ranked = sorted(self._alike(food, by_head), key=lambda one: (-one.likeness, one.index))
            found = tuple(ranked[:LOOKED_AT])
            self._nearest.put(key, found)
        return found

    def _alike(self, food: Food, by_head: dict[str, list[int]]) -> Iterable[_Near]:
        if head(food).isupper():
            return  # a brand: its foods share nothing but the label
        own = frozenset(words(food.name))
        state = _state(own)
        for index in by_head.get(head(food), ()):
            if index == food.index:
                continue
            theirs = frozenset(words(self._catalogue.foods[index].name))
            if _state(theirs) == state:
                likeness = len(own & theirs) - 0.5 * len(theirs - own)
                yield _Near(index, likeness, theirs <= own)


def head(food: Food) -> str:
    """The first part of a food's name: "Cheese" of "Cheese, goat, soft type"."""
    return food.name.split(",", 1)[0]


def _state(named: frozenset[str]) -> frozenset[str]:
    """A mix that is prepared is one no more; bread "commercially prepared" is bread.

    Nuts roasted dry or in oil are nuts.
    """
    state = named & STATES - (ROASTING if "roasted" in named else frozenset())
    return state | {"prepared"} if state and "prepared" in named else state


def _second(food: Food) -> str:
    return food.name.split(",", 2)[1].strip() if "," in food.name else ""
