"""From what a line says to grams, and where the figure comes from.

In this order: a stated mass; a mass stated for one container ("2 (14 oz) cans"); a volume by the
food's own portion, else by the density of its relatives; a count by the food's own portion, else
by a customary weight, which the basis calls assumed. What none of them covers is
`unknown_portion`, never a guess without a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nutrition import units
from nutrition.foods.names import word_set, words
from nutrition.grams import customary, portions
from nutrition.lines.parsing import Amount, ParsedLine
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# One line of a recipe: more is a slip of the pen, or malice, and would drown the rest.
MOST_GRAMS = 1e6
# Less is no amount that anyone weighs, and what it adds would round to zeros.
LEAST_GRAMS = 1e-4
# The basis of a weight that the line itself gives.
STATED = "mass"
# How a measure is filled: tells nothing that SR28's portions could answer.
MANNERS = word_set(
    "heaping heaped rounded scant generous level good full thick thin whole slightly loosely "
    "firmly packed about individual fresh"
)
# The whole of a food that SR28 counts by another word: a cauliflower is a head, a corn an ear.
NATURAL = ("head", "ear", "bulb", "fillet", "piece")


@dataclass(frozen=True, slots=True)
class Grams:
    """The weight of a line. grams: g of the edible part, NaN unless the status is ok.

    basis: where the figure comes from ("portion: 1 cup = 125 g"). reason: why there is none.
    spread: relative standard uncertainty of the weight (0.1 is 10 % of it), by its basis.
    """

    status: Status
    grams: float = float("nan")
    basis: str = ""
    reason: str = ""
    spread: float = 0.0


class Converter:
    """Amounts to grams for the foods of a catalogue. Built once; read-only afterwards."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # g/ml by the first part of the name, then by food group: medians of all cup portions.
        by_head: dict[str, list[float]] = {}
        by_group: dict[str, list[float]] = {}
        for food in catalogue.foods:
            for measure in portions.measures(catalogue.portions_of(food.index)):
                if measure.unit is None or measure.unit.name != "cup":
                    continue
                density = measure.grams / measure.unit.size
                by_head.setdefault(_head(food), []).append(density)
                by_group.setdefault(food.group, []).append(density)
        self._head_density = {k: float(np.median(v)) for k, v in by_head.items() if len(v) >= 2}
        self._group_density = {k: float(np.median(v)) for k, v in by_group.items()}

    def grams(self, line: ParsedLine, food: Food) -> Grams:
        """The weight of what *line* asks of *food*."""
        if not line.amounts:
            reason = "it says to taste, without an amount" if line.to_taste else "no amount given"
            return Grams(Status.NO_QUANTITY, reason=reason)
        found = self._choose(line, food)
        return _within_reason(found)

    def measured(self, quantity: float, unit: str, food: Food) -> Grams:
        """The weight of *quantity* *unit* of *food*; a unit may be a portion's text in SR28."""
        if not quantity > 0:
            reason = "the quantity is not above zero" if quantity <= 0 else "it is not a number"
            return Grams(Status.NO_QUANTITY, reason=reason)
        asked = unit.strip().casefold()
        for portion in portions.measures(self._catalogue.portions_of(food.index)):
            if asked and portion.text.casefold() == asked:
                basis = f"portion: 1 {portion.text} = {portion.grams:.4g} g"
                return _within_reason(Grams(Status.OK, quantity * portion.grams, basis))
        line = ParsedLine(unit, names=(food.name,), amounts=(Amount(quantity, quantity, unit),))
        return self.grams(line, food)

    def _choose(self, line: ParsedLine, food: Food) -> Grams:
        whole = [amount for amount in line.amounts if not amount.each]
        containers = [amount for amount in line.amounts if amount.each]
        measured = [amount for amount in whole if _dimension(amount) is units.Dimension.MASS]
        if measured:
            # "6 (4-ounce) fillets": the parser does not say that the ounces are of each.
            first = whole[0]
            if first is not measured[0] and _is_bare_count(first) and "total" not in line.comment:
                return self._of_each(first, measured[0], line, food)
            return self._single(measured[0], line, food)
        if containers:
            count = next((a for a in whole if _dimension(a) is not units.Dimension.VOLUME), None)
            return self._of_each(count, containers[0], line, food)
        results = [self._single(amount, line, food) for amount in whole]
        return next((r for r in results if r.status is Status.OK), results[0])

    def _of_each(self, count: Amount | None, each: Amount, line: ParsedLine, food: Food) -> Grams:
        one = self._single(each, line, food)
        unit = _unit(count) if count else None
        number = count.middle * (unit.size if unit else 1) if count else 1.0
        if one.status is not Status.OK:
            return one
        stated = one.basis == STATED
        size = f"{_of(each)}, as stated" if stated else one.basis
        return Grams(Status.OK, number * one.grams, f"{number:g} × {size}")

    def _single(self, amount: Amount, line: ParsedLine, food: Food) -> Grams:
        parts = [self._term(term, line, food) for term in (amount, *amount.plus)]
        bad = next((part for part in parts if part.status is not Status.OK), None)
        if bad:
            return bad
        basis = "; ".join(dict.fromkeys(part.basis for part in parts))
        return Grams(Status.OK, sum(part.grams for part in parts), basis)

    def _term(self, amount: Amount, line: ParsedLine, food: Food) -> Grams:
        unit = _unit(amount)
        if unit and unit.dimension is units.Dimension.MASS:
            return Grams(Status.OK, amount.middle * unit.size, STATED)
        if unit and unit.dimension is units.Dimension.VOLUME:
            return self._volume(amount.middle, unit, line, food)
        pieces = amount.middle * (unit.size if unit else 1.0)
        return self._count(pieces, "" if unit else amount.unit, line, food)

    def _volume(self, number: float, unit: units.Unit, line: ParsedLine, food: Food) -> Grams:
        said = _said(line)
        measures = portions.measures(self._catalogue.portions_of(food.index))
        measure = portions.by_volume(measures, unit, said)
        note = f" (a {unit.name} taken as {unit.size:.3g} ml)" if unit.customary else ""
        if measure and measure.unit:
            if measure.unit == unit:
                basis = f"portion: 1 {measure.text} = {measure.grams:.4g} g"
                return Grams(Status.OK, number * measure.grams, basis)
            density = measure.grams / measure.unit.size
            basis = f"density from its portion 1 {measure.text}: {density:.3g} g/ml{note}"
            return Grams(Status.OK, number * unit.size * density, basis)
        head, group = _head(food), food.group
        if head in self._head_density:
            density, source = self._head_density[head], f"the median of SR28's {head!r}"
        elif group in self._group_density:
            density, source = self._group_density[group], f"the median of {group}"
        else:
            density, source = 1.0, "that of water"
        basis = f"assumed: density {density:.3g} g/ml, {source}{note}"
        return Grams(Status.OK, number * unit.size * density, basis)

    def _count(self, number: float, unit: str, line: ParsedLine, food: Food) -> Grams:
        size, noun = size_and_noun(unit, line.size)
        said = _said(line)
        named = said | frozenset(words(food.name)) | frozenset(words(food.common_names))
        measures = portions.measures(self._catalogue.portions_of(food.index))
        # "3 garlic cloves", "2 celery stalks": what is counted stands in the name.
        last = words(line.name)[-1:]
        nouns = [noun] if noun else [*last, "", *NATURAL]
        for candidate in nouns:
            found = portions.by_count(measures, food, candidate, size, said)
            if found:
                basis = f"portion: 1 {found.text} = {found.grams:.4g} g"
                return Grams(Status.OK, number * found.grams, basis)
            if candidate in NATURAL and candidate != noun:
                continue  # a guess at how it is counted must not rest on another guess
            usual = customary.weight(candidate, named)
            if usual:
                what = " ".join(filter(None, (usual.word, usual.noun))) or "piece"
                basis = f"assumed: 1 {what} = {usual.grams:g} g"
                return Grams(Status.OK, number * usual.grams, basis)
        what = " ".join(filter(None, (size, noun))) or "piece"
        reason = f"no weight is known for 1 {what} of {food.name}"
        return Grams(Status.UNKNOWN_PORTION, reason=reason)


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


def _head(food: Food) -> str:
    return food.name.split(",", 1)[0]


def _of(amount: Amount) -> str:
    """An amount as text: "14.5 oz", "200-250 g"."""
    number = f"{amount.quantity:g}"
    if amount.high != amount.quantity:
        number += f"-{amount.high:g}"
    return " ".join(filter(None, (number, amount.unit)))


def _dimension(amount: Amount) -> units.Dimension | None:
    unit = _unit(amount)
    return unit.dimension if unit else None


def _is_bare_count(amount: Amount) -> bool:
    return _dimension(amount) in (None, units.Dimension.COUNT) and not amount.plus


def _said(line: ParsedLine) -> frozenset[str]:
    return frozenset(words(f"{line.name} {line.preparation} {line.size}"))


def _unit(amount: Amount) -> units.Unit | None:
    """The unit of measure, with or without a word before it: "cups", "heaping cup", "T"."""
    return units.find(amount.unit) or units.find(size_and_noun(amount.unit, "")[1])


def size_and_noun(unit: str, size: str) -> tuple[str, str]:
    """("large", "clove") for "large cloves"; the line's own size where the unit has none."""
    parts = [word.strip("()") for word in unit.casefold().replace(".", "").split()]
    found = next((portions.SIZES[word] for word in parts if word in portions.SIZES), "")
    rest = [word for word in parts if word not in portions.SIZES and word not in MANNERS]
    if rest:
        rest[-1] = units.singular(rest[-1])
    own = size.casefold().strip("() ")
    return found or portions.SIZES.get(own, ""), " ".join(rest)


def explain(status: Status, names: Sequence[str]) -> str:
    """Why a line is not ok, where no amount was looked at."""
    if status is Status.UNKNOWN_FOOD:
        if not names:
            return "the line names no food"
        return f"no food of the catalogue is near enough to {', '.join(names)!r}"
    return "a heading or an empty line, not a food"
