"""What one amount of a food weighs: a mass as it is, a volume by density, a count by the piece."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nutrition import units
from nutrition.grams import portions, spread
from nutrition.grams.by_piece import ByPiece
from nutrition.grams.by_volume import ByVolume
from nutrition.grams.relatives import Relatives
from nutrition.grams.result import STATED, Grams
from nutrition.grams.wording import unit_of
from nutrition.lines.parsing import Amount, ParsedLine
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# An ounce of what SR28 measures in fluid ounces, and that is about as heavy as water, is a fluid
# ounce: so are milk, juice and wine sold. At 1.0 g/ml the two differ by 4 %, in evaporated milk
# by 11 %; honey and condensed milk are heavier, and sold by weight.
FLUID_FROM, FLUID_TO = 0.9, 1.12


class Scale:
    """Weighs amounts of the foods of a catalogue. Built once; read-only but for its memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        relatives = Relatives(catalogue)
        self._volumes = ByVolume(catalogue, relatives)
        self._pieces = ByPiece(relatives)

    def measures(self, food: Food) -> tuple[portions.Measure, ...]:
        """SR28's portions of the food, read."""
        return portions.measures(self._catalogue.portions_of(food.index))

    def weigh(self, amount: Amount, line: ParsedLine, food: Food) -> Grams:
        """One amount with what is added to it ("1 cup plus 2 tbsp")."""
        parts = [self._term(term, line, food) for term in (amount, *amount.plus)]
        bad = next((part for part in parts if part.status is not Status.OK), None)
        if bad:
            return bad
        grams = [part.grams for part in parts]
        off = spread.of_sum(grams, [part.spread for part in parts])
        basis = "; ".join(dict.fromkeys(part.basis for part in parts))
        return Grams(Status.OK, sum(grams), basis, spread=off)

    def _term(self, amount: Amount, line: ParsedLine, food: Food) -> Grams:
        unit = unit_of(amount)
        measures = self.measures(food)
        if unit and unit.dimension is units.Dimension.MASS:
            found = Grams(Status.OK, unit.size, STATED, spread=spread.STATED)
            if unit.name == "oz" and _is_fluid(line, measures):
                found = self._volumes.weight(portions.FLUID_OUNCE, line, food, measures)
                note = "an ounce of a liquid is a fluid ounce"
                found = replace(found, basis=f"{found.basis}; {note}")
        elif unit and unit.dimension is units.Dimension.VOLUME:
            found = self._volumes.weight(unit, line, food, measures)
        else:
            found = self._pieces.weight("" if unit else amount.unit, line, food, measures)
            if found.status is not Status.OK and amount.unit == "inch":
                # "9 inch pie crust": so large, not so many.
                return self._pieces.weight("", line, food, measures)
        if found.status is not Status.OK:
            return found
        pieces = unit.size if unit and unit.dimension is units.Dimension.COUNT else 1.0
        off = spread.together(found.spread, spread.of_range(amount))
        return Grams(Status.OK, amount.middle * pieces * found.grams, found.basis, spread=off)


def _is_fluid(line: ParsedLine, measures: tuple[portions.Measure, ...]) -> bool:
    """SR28 measures it in fluid ounces, it is about as heavy as water, and no weight is meant."""
    if "weight" in line.text.casefold():
        return False
    for measure in measures:
        if measure.unit == portions.FLUID_OUNCE:
            return FLUID_FROM <= measure.grams / portions.FLUID_OUNCE.size <= FLUID_TO
    return False
