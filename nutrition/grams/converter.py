"""From what a line says to grams, and where the figure comes from.

In this order: a stated mass; a mass stated for one container ("2 (14 oz) cans"); a volume by the
food's own portion, else by the density of its relatives; a count by the food's own portion, else
by a customary weight, which the basis calls assumed. Liquid that is poured off and bones are taken
from it. What none of them covers is `unknown_portion`, never a guess without a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from nutrition import units
from nutrition.grams import disputed, drained, edible, spread, unstated
from nutrition.grams.result import STATED, Grams
from nutrition.grams.weighing import Scale
from nutrition.grams.wording import said_of, unit_of
from nutrition.lines.parsing import Amount, ParsedLine
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

__all__ = ["Converter", "Grams", "explain"]

# One line of a recipe: more is a slip of the pen, or malice, and would drown the rest.
MOST_GRAMS = 1e6
# Less is no amount that anyone weighs, and what it adds would round to zeros.
LEAST_GRAMS = 1e-4
# "6 (4-ounce) fillets", "2 400g tins": a weight next to the count is of each. One after the name is
# of all: "8 chicken thighs (about 2 pounds)".
WEIGHT_BY_COUNT = re.compile(r"^[^a-z]*(?:x\b[^a-z]*)?(?:oz|ounces?|g|grams?|kg|lbs?|pounds?)\b")
COUNTED_WHOLE = re.compile(r"portion: (?!.*\bhead\b)")
COUNTED = (None, units.Dimension.COUNT)


class Converter:
    """Amounts to grams for the foods of a catalogue. Built once; read-only afterwards."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._scale = Scale(catalogue)
        self._twins = drained.Twins(catalogue)

    def eaten(self, line: ParsedLine, food: Food) -> Food:
        """The food as it goes into the dish: what is drained becomes SR28's drained twin of it."""
        return (self._twins.of(food) if line.drained else None) or food

    def grams(self, line: ParsedLine, food: Food) -> Grams:
        """The weight of what *line* asks of *food*."""
        if not line.amounts:
            return self._unstated(line, food)
        return _within_reason(self._poured_off(self._choose(line, food), line, food))

    def _unstated(self, line: ParsedLine, food: Food) -> Grams:
        """What custom takes of a food where the recipe leaves it to the cook, if it is a little."""
        amount = unstated.usual(food, line)
        found = self._scale.weigh(amount, line, food) if amount else None
        # One is of what SR28 counts, and eats whole: no lettuce goes into a taco by the head.
        if found and amount is unstated.ONE and not COUNTED_WHOLE.match(found.basis):
            found = None
        if amount is None or found is None or found.status is not Status.OK:
            reason = "it says to taste, without an amount" if line.to_taste else "no amount given"
            return Grams(Status.NO_QUANTITY, reason=reason)
        part = Fraction(amount.quantity).limit_denominator(16)
        taken = f"{part} {amount.unit}" if amount.unit else "one"
        basis = f"assumed: no amount is given, taken as {taken}; {found.basis}"
        return replace(found, basis=basis, spread=spread.UNSTATED)

    def measured(self, quantity: float, unit: str, food: Food) -> Grams:
        """The weight of *quantity* *unit* of *food*; a unit may be a portion's text in SR28."""
        if not quantity > 0:
            reason = "the quantity is not above zero" if quantity <= 0 else "it is not a number"
            return Grams(Status.NO_QUANTITY, reason=reason)
        asked = unit.strip().casefold()
        for portion in self._scale.measures(food):
            if asked and portion.text.casefold() == asked:
                basis = f"portion: 1 {portion.text} = {portion.grams:.4g} g"
                found = Grams(Status.OK, quantity * portion.grams, basis, spread=portion.spread)
                return _within_reason(found)
        amount = Amount(quantity, quantity, unit)
        # By its id a food is the edible part: nothing of it is refuse, or poured off.
        line = ParsedLine(unit, names=(food.name,), amounts=(amount,))
        return _within_reason(self._scale.weigh(amount, line, food))

    def _choose(self, line: ParsedLine, food: Food) -> Grams:
        containers = [amount for amount in line.amounts if amount.each and _dimension(amount)]
        whole = [amount for amount in line.amounts if not amount.each] or list(line.amounts)
        measured = [amount for amount in whole if _dimension(amount) is units.Dimension.MASS]
        if measured:
            first = whole[0]
            counted = first is not measured[0] and _is_bare_count(first)
            if counted and WEIGHT_BY_COUNT.match(line.text.casefold()):
                return self._of_each(first, measured[0], line, food)
            found = self._scale.weigh(measured[0], line, food)
            found = self._undisputed(found, whole, line, food)
            return self._edible(found, line, food, one_whole=counted)
        if containers:
            each = next(
                (a for a in containers if _dimension(a) is units.Dimension.MASS), containers[0]
            )
            # "2 boxes (3.4 oz each)": the parser may hold the boxes for the contents of one, too.
            counts = (*whole, *(a for a in containers if a is not each))
            count = next((a for a in counts if _dimension(a) in COUNTED), None)
            return self._of_each(count, each, line, food)
        results = [self._scale.weigh(amount, line, food) for amount in whole]
        return next((r for r in results if r.status is Status.OK), results[0])

    def _of_each(self, count: Amount | None, each: Amount, line: ParsedLine, food: Food) -> Grams:
        one = self._scale.weigh(each, line, food)
        unit = unit_of(count) if count else None
        number = count.middle * (unit.size if unit else 1) if count else 1.0
        if one.status is not Status.OK:
            return one
        stated = one.basis == STATED
        size = f"{_of(each)}, as stated" if stated else f"{_of(each)}; {one.basis}"
        off = spread.together(one.spread, spread.of_range(count) if count else 0.0)
        found = Grams(Status.OK, number * one.grams, f"{number:g} × {size}", spread=off)
        bare = count is not None and not count.unit
        return self._edible(found, line, food, one_whole=bare) if stated else found

    def _undisputed(
        self, found: Grams, whole: Sequence[Amount], line: ParsedLine, food: Food
    ) -> Grams:
        """A stated mass, compared with the volumes that the line gives as well."""
        if found.basis != STATED:
            return found
        leading = _dimension(whole[0]) is units.Dimension.MASS
        for amount in whole:
            unit = unit_of(amount)
            if not unit or unit.dimension is not units.Dimension.VOLUME or unit.customary:
                continue  # a handful contradicts nothing
            other = self._scale.weigh(amount, line, food)
            judged = disputed.judged(found, other, _of(amount), line.text, leading=leading)
            if judged is not found:
                return judged
        return found

    def _edible(self, found: Grams, line: ParsedLine, food: Food, *, one_whole: bool) -> Grams:
        """A stated weight without the bones, shells or peel that it includes."""
        if found.status is not Status.OK:
            return found
        refuse = edible.refuse(food, f"{line.name}; {line.text}", found.grams, one_whole=one_whole)
        if refuse is None:
            return found
        return _less(found, 1 - refuse.share, f"less {refuse.share:.0%} refuse: {refuse.what}")

    def _poured_off(self, found: Grams, line: ParsedLine, food: Food) -> Grams:
        """The contents of cans and jars without their liquid, where it is poured off.

        A can that is not drained, of a food whose figures are those of the solids alone: as much
        of them as gives the energy of both.
        """
        if found.status is not Status.OK or not drained.IN_CONTAINER.search(line.text):
            return found
        poured = line.drained or drained.always(food)
        if not poured and not drained.of_solids(food):
            return found
        if _dimension(line.amounts[0]) is units.Dimension.VOLUME:
            return found  # a cup of drained beans is drained already
        if found.basis.startswith("portion") and "drained" in f"{found.basis} {food.name}":
            return found  # and so is SR28's can of a drained food
        share = drained.share(food, said_of(line))
        if share is None:
            return found
        if not poured:
            solids = share.kept / share.held
            return _less(found, solids, f"as {solids:.0%} of drained solids, with their liquid")
        note = f"drained: {share.kept:.0%} of the contents"
        if drained.of_solids(food) or share.held == share.kept:
            return _less(found, share.kept, note)
        note += f", which hold {share.held:.0%} of their energy"
        return _less(found, share.held, note)


def _less(found: Grams, factor: float, note: str) -> Grams:
    off = spread.together(found.spread, spread.SHARE)
    return Grams(Status.OK, found.grams * factor, f"{found.basis}; {note}", spread=off)


def _within_reason(found: Grams) -> Grams:
    """*found*, or no quantity where it is zero, next to nothing, or more than any recipe holds."""
    if found.status is not Status.OK or LEAST_GRAMS <= found.grams <= MOST_GRAMS:
        return found
    if found.grams == 0:
        reason = "the amount is zero"
    elif found.grams < LEAST_GRAMS:
        reason = f"the amount ({found.grams:.3g} g) is too little to weigh"
    else:
        reason = f"the amount ({found.grams:.3g} g) is more than any recipe holds"
    return Grams(Status.NO_QUANTITY, reason=reason)


def _of(amount: Amount) -> str:
    """An amount as text: "14.5 oz", "200-250 g"."""
    number = f"{amount.quantity:g}"
    if amount.high != amount.quantity:
        number += f"-{amount.high:g}"
    return " ".join(filter(None, (number, amount.unit)))


def _dimension(amount: Amount) -> units.Dimension | None:
    unit = unit_of(amount)
    return unit.dimension if unit else None


def _is_bare_count(amount: Amount) -> bool:
    return _dimension(amount) in COUNTED and not amount.plus


def explain(status: Status, names: Sequence[str]) -> str:
    """Why a line is not ok, where no amount was looked at."""
    if status is Status.UNKNOWN_FOOD:
        if not names:
            return "the line names no food"
        return f"no food of the catalogue is near enough to {', '.join(names)!r}"
    return "a heading or an empty line, not a food"
