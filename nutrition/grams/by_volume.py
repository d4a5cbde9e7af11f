"""What a cup, a spoon or a pinch of a food weighs.

By the food's own portion of that unit, else by one of another unit; else, as an assumption, by a
customary cup, the density of its relatives, of its group, or of water.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nutrition.foods.names import words
from nutrition.grams import portions, spread, volumes
from nutrition.grams.result import Grams
from nutrition.grams.wording import measured_of, named_of
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition import units
    from nutrition.catalogue import Catalogue, Food
    from nutrition.grams.relatives import Relatives
    from nutrition.lines.parsing import ParsedLine


class ByVolume:
    """Weighs volumes of the foods of a catalogue. Built once; read-only."""

    def __init__(self, catalogue: Catalogue, relatives: Relatives) -> None:
        self._relatives = relatives
        self._group_density = _densities(catalogue)

    def weight(
        self,
        unit: units.Unit,
        line: ParsedLine,
        food: Food,
        measures: tuple[portions.Measure, ...],
    ) -> Grams:
        """One *unit* of the food. measures: the food's own portions."""
        said = measured_of(line)
        named, text = named_of(line, food), frozenset(words(line.text))
        measure = portions.by_volume(measures, unit, said)
        if volumes.cup(named, text, food.group_code, first=True):
            measure = None
        note = f" (a {unit.name} taken as {unit.size:.3g} ml)" if unit.customary else ""
        hand = spread.BY_HAND if unit.customary else 0.0
        if measure and measure.unit:
            if measure.unit == unit:
                basis = f"portion: 1 {measure.text} = {measure.grams:.4g} g"
                return Grams(Status.OK, measure.grams, basis, spread=measure.spread)
            density = measure.grams / measure.unit.size
            basis = f"density from its portion 1 {measure.text}: {density:.3g} g/ml{note}"
            off = max(measure.spread, spread.OTHER_UNIT)
        else:
            density, source, off = self._assumed(food, said, named, text)
            basis = f"assumed: density {density:.3g} g/ml, {source}{note}"
        return Grams(Status.OK, unit.size * density, basis, spread=spread.together(off, hand))

    def _assumed(
        self, food: Food, said: frozenset[str], named: frozenset[str], text: frozenset[str]
    ) -> tuple[float, str, float]:
        """A density in g/ml, where it comes from, and its spread."""
        usual = volumes.cup(named, text, food.group_code)
        if usual:
            return (
                usual.grams / portions.CUP.size,
                f"1 cup {usual.what} = {usual.grams:g} g",
                spread.ASSUMED,
            )
        median = self._relatives.density(food, said)
        if median:
            return median.value, median.source, spread.RELATIVES
        if food.group_code in self._group_density:
            source = f"the median of {food.group}"
            return self._group_density[food.group_code], source, spread.GROUP
        return 1.0, "that of water", spread.WATER


def _densities(catalogue: Catalogue) -> dict[str, float]:
    """g/ml by code of food group: the medians of all portions of a cup."""
    by_group: dict[str, list[float]] = {}
    for food in catalogue.foods:
        for portion in catalogue.portions_of(food.index):
            if not portion.unit.startswith("cup"):
                continue
            measure = portions.measure(portion)
            if measure and measure.unit == portions.CUP:
                by_group.setdefault(food.group_code, []).append(measure.grams / measure.unit.size)
    return {group: float(np.median(found)) for group, found in by_group.items()}
