"""What speaks for a food whatever was asked: how common, how plain, how well analysed it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import features
from nutrition.foods.index import FIRST, PART_SHIFT, Floats, FoodIndex

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

# A food is named in the first parts of its name in SR28; what follows is how it was made or cut
# ("Leavening agents, baking powder, double-acting, sodium aluminum sulfate").
NAMING_PARTS = 3


def static(
    catalogue: Catalogue,
    groups: Sequence[str],
    index: FoodIndex,
    uses: Mapping[str, int],
    aliases: Counter[int],
) -> Floats:
    """(foods, STATIC + groups): what does not depend on the query, and the group as one-hot.

    uses: recipes that use a food, by NDB number. aliases: everyday names of a food, by row.
    """
    foods = catalogue.foods
    portions = np.array([len(catalogue.portions_of(food.index)) for food in foods])
    points = np.nansum(np.asarray(catalogue.data_points), axis=1)
    known = (~np.isnan(np.asarray(catalogue.per_100g))).sum(axis=1)
    shouted = [
        any(len(word) > 2 and word.isupper() for word in food.name.replace(",", " ").split())
        for food in foods
    ]
    brand = [bool(f.manufacturer) or loud for f, loud in zip(foods, shouted, strict=True)]
    used = np.array([uses.get(food.ndb_no, 0) for food in foods], np.float64)
    place, share = _among_kin(index, used)
    columns = [
        np.array(brand, np.float64),
        np.log(index.length),
        np.log1p(portions),
        np.log1p(points),
        np.log1p(known),
        np.array([food.in_survey for food in foods]),
        np.log1p(used),
        np.log1p([aliases[food.index] for food in foods]),
        np.log1p(place),
        share,
        *(np.array([food.group_code == group for food in foods]) for group in groups),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def states(index: FoodIndex) -> NDArray[np.bool_]:
    """(foods, `STATES`): whether the food's name puts it into that state."""
    found = np.zeros((len(index.tokens), len(features.STATES)), np.bool_)
    for number, marks in enumerate(features.STATES.values()):
        marked = np.array([word in marks for word in index.vocabulary] + [False])
        found[:, number] = marked[index.tokens].any(axis=1)
    return found


def naming_words(index: FoodIndex, static: Floats) -> NDArray[np.bool_]:
    """(words + 1,): words that name a food, where a trademark or a fashion of making does not.

    Those that the first parts of an unbranded food's name say, and that are no state. "2 cups
    dreams" are no food because a brand calls a cookie so; a brand that cooks mean is an alias.
    """
    brand = static[:, features.STATIC.index("brand")] > 0
    naming = np.zeros(index.pad + 1, np.bool_)
    early = index.marks >> PART_SHIFT <= NAMING_PARTS
    naming[index.columns[early & ~brand[index.foods]]] = True
    states = frozenset[str]().union(*features.STATES.values())
    naming[[index.vocabulary[word] for word in states if word in index.vocabulary]] = False
    naming[index.pad] = False
    return naming


def _among_kin(index: FoodIndex, uses: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """(foods,) each, among the foods with the same first word of the head: the place, from 0, in
    the order of SR28, which begins with the plain form; and the share of their uses."""
    kin = np.zeros(len(uses), np.int64)
    first = index.marks & FIRST > 0
    kin[index.foods[first]] = index.columns[first]
    order = np.argsort(kin, kind="stable")
    _, starts, inverse = np.unique(kin[order], return_index=True, return_inverse=True)
    place = np.empty(len(kin), np.float32)
    place[order] = np.arange(len(kin)) - starts[inverse]
    total = np.bincount(kin, uses, index.pad + 1)[kin]
    return place, (uses / np.maximum(total, 1)).astype(np.float32)
