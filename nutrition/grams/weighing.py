"""What one amount of a food weighs: a mass as it is, a volume by density, a count by the piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nutrition import units
from nutrition.foods.names import word_set, words
from nutrition.grams import customary, portions, spread, volumes
from nutrition.grams.relatives import Relatives
from nutrition.lines.parsing import Amount, ParsedLine
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# The basis of a weight that the line itself gives.
STATED = "mass"
# How a measure is filled: tells nothing that SR28's portions could answer.
MANNERS = word_set(
    "heaping heaped rounded scant generous level good full thick thin whole slightly loosely "
    "firmly packed about individual fresh long short wide paper-thin skinny fat nice"
)
# The whole of a food that SR28 counts by another word: a cauliflower is a head, a corn an ear.
NATURAL = ("head", "ear", "bulb", "fillet", "piece")
# Parts of animals that are counted, wherever they stand in the name.
PARTS = word_set("breast thigh leg wing drumstick fillet chop shank kidney")
# An ounce of what SR28 measures in fluid ounces, and that is about as heavy as water, is a fluid
# ounce: so are milk, juice and wine sold. At 1.0 g/ml the two differ by 4 %, in evaporated milk
# by 11 %; honey and condensed milk are heavier, and sold by weight.
FLUID_FROM, FLUID_TO = 0.9, 1.12


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


class Scale:
    """Weighs amounts of the foods of a catalogue. Built once; read-only but for its memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._relatives = Relatives(catalogue)
        self._group_density = _densities(catalogue)

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
        if unit and unit.dimension is units.Dimension.MASS:
            fluid = self._fluid(food, line) if unit.name == "oz" else None
            found = fluid and self._volume(1.0, portions.FLUID_OUNCE, line, food)
            if not found:
                found = Grams(Status.OK, unit.size, STATED, spread=spread.STATED)
            elif found.basis.startswith("portion"):
                found = _with(found, f"{found.basis}; an ounce of a liquid is a fluid ounce")
        elif unit and unit.dimension is units.Dimension.VOLUME:
            found = self._volume(1.0, unit, line, food)
        else:
            found = self._count("" if unit else amount.unit, line, food)
            if found.status is not Status.OK and amount.unit == "inch":
                # "9 inch pie crust": so large, not so many.
                return self._count("", line, food)
        if found.status is not Status.OK:
            return found
        pieces = unit.size if unit and unit.dimension is units.Dimension.COUNT else 1.0
        off = spread.together(found.spread, spread.of_range(amount))
        return Grams(Status.OK, amount.middle * pieces * found.grams, found.basis, spread=off)

    def _fluid(self, food: Food, line: ParsedLine) -> bool:
        if "weight" in line.text.casefold():
            return False
        for measure in self.measures(food):
            if measure.unit == portions.FLUID_OUNCE:
                return FLUID_FROM <= measure.grams / portions.FLUID_OUNCE.size <= FLUID_TO
        return False

    def _volume(self, number: float, unit: units.Unit, line: ParsedLine, food: Food) -> Grams:
        said = said_of(line)
        named, text = named_of(line, food), frozenset(words(line.text))
        measure = portions.by_volume(self.measures(food), unit, said)
        if volumes.cup(named, text, food.group_code, first=True):
            measure = None
        note = f" (a {unit.name} taken as {unit.size:.3g} ml)" if unit.customary else ""
        hand = spread.BY_HAND if unit.customary else 0.0
        if measure and measure.unit:
            if measure.unit == unit:
                basis = f"portion: 1 {measure.text} = {measure.grams:.4g} g"
                return Grams(Status.OK, number * measure.grams, basis, spread=measure.spread)
            density = measure.grams / measure.unit.size
            basis = f"density from its portion 1 {measure.text}: {density:.3g} g/ml{note}"
            off = spread.together(max(measure.spread, spread.OTHER_UNIT), hand)
            return Grams(Status.OK, number * unit.size * density, basis, spread=off)
        usual = volumes.cup(named, text, food.group_code)
        median = None if usual else self._relatives.density(food, said)
        if usual:
            density, off = usual.density, spread.ASSUMED
            source = f"1 cup {usual.what} = {usual.grams:g} g"
        elif median:
            density, off = median.value, spread.RELATIVES
            source = f"the median of {median.count} of SR28's {median.head!r}"
        elif food.group_code in self._group_density:
            density, off = self._group_density[food.group_code], spread.GROUP
            source = f"the median of {food.group}"
        else:
            density, off, source = 1.0, spread.WATER, "that of water"
        basis = f"assumed: density {density:.3g} g/ml, {source}{note}"
        off = spread.together(off, hand)
        return Grams(Status.OK, number * unit.size * density, basis, spread=off)

    def _count(self, unit: str, line: ParsedLine, food: Food) -> Grams:
        """One piece, clove, can … of the food."""
        size, noun = size_and_noun(unit, line.size)
        # "3 carrots, cut into slices": what a whole one is cut into is not what is counted.
        called = frozenset(words(line.name))
        said = said_of(line) - (portions.CUTS - called)
        named, text = named_of(line, food), frozenset(words(line.text))
        measures = self.measures(food)
        across = portions.inches(line.size)
        # "3 garlic cloves", "2 celery stalks": what is counted stands in the name.
        nouns = [noun] if noun else _nouns(line)
        if " " in noun:
            nouns.append(noun.rsplit(" ", 1)[1])  # "paper-thin slice", "lamb chop"
        for place, candidate in enumerate(nouns):
            group = food.group_code
            usual = customary.better(candidate, named, text, group)
            ask = partial(portions.by_count, measures, food, size=size, said=said, across=across)
            found = ask(candidate, called=called)
            if found and not noun and place == 0:
                # "4 tomatoes" are whole ones, not SR28's "Italian tomato", and no melon is a ball.
                cut = found.words & portions.CUTS - said and candidate in words(food.name)
                of_it = None if cut else found
                found = ask(candidate, strict=True) or ask("", called=called) or of_it
            if found and not usual:
                return _sized(found, size, candidate)
            if candidate in NATURAL and candidate not in (noun, nouns[0]):
                continue  # a guess at how it is counted must not rest on another guess
            inches = across and candidate != "inch"
            length = customary.weight("inch", "", named, text, group) if inches else None
            if length:
                basis = f"assumed: {length.grams:g} g an inch, {across:.3g} inches"
                return Grams(Status.OK, length.grams * across, basis, spread=spread.ASSUMED)
            usual = usual or customary.weight(candidate, size, named, text, group)
            if usual:
                basis = f"assumed: 1 {usual.what} = {usual.grams:g} g"
                return Grams(Status.OK, usual.grams, basis, spread=spread.ASSUMED)
        for candidate in nouns:
            median = self._relatives.piece(food, candidate, size, said, across)
            if median:
                what = " ".join(filter(None, (size, candidate))) or "piece"
                basis = (
                    f"assumed: 1 {what} = {median.value:.4g} g, the median of {median.count} of "
                    f"SR28's {median.head!r}"
                )
                off = spread.together(spread.RELATIVES, spread.COUNT)
                return Grams(Status.OK, median.value, basis, spread=off)
        what = " ".join(filter(None, (size, noun))) or "piece"
        reason = f"no weight is known for 1 {what} of {food.name}"
        return Grams(Status.UNKNOWN_PORTION, reason=reason)


def _nouns(line: ParsedLine) -> list[str]:
    """What may be counted where the line names no unit: "2 duck breasts", "3 onions".

    The last word of the name, a part of an animal, one whole, and how SR28 counts it. What is cut
    from a food ("20 carrot sticks") is not the whole of it.
    """
    called = words(line.name)
    last = called[-1:]
    parts = [word for word in called[:-1] if word in PARTS]
    if last and last[0] in portions.CUTS and last[0] != "half":
        return [*last, *parts]
    return [*last, *parts, "", *NATURAL]


def _sized(found: portions.Measure, size: str, noun: str) -> Grams:
    """A portion as counted; where SR28 has but one size, smaller or larger by what is usual."""
    factor = 1.0
    if size and found.size != size and not found.inches and noun in customary.SIZED:
        factor = customary.BY_SIZE.get(size, 1.0) / customary.BY_SIZE.get(found.size, 1.0)
    basis = f"portion: 1 {found.text} = {found.grams:.4g} g"
    if factor == 1.0:
        return Grams(Status.OK, found.grams, basis, spread=found.spread)
    off = spread.together(found.spread, spread.COUNT)
    basis += f"; a {size} one taken as {factor:.2g} of it"
    return Grams(Status.OK, found.grams * factor, basis, spread=off)


def _with(found: Grams, basis: str) -> Grams:
    return Grams(found.status, found.grams, basis, found.reason, found.spread)


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


def said_of(line: ParsedLine) -> frozenset[str]:
    """The words of the line that tell which food it is and how it is cut."""
    return frozenset(words(f"{line.name} {line.preparation} {line.size}"))


def named_of(line: ParsedLine, food: Food) -> frozenset[str]:
    """The words by which the line and SR28 call the food."""
    return said_of(line) | frozenset(words(food.name)) | frozenset(words(food.common_names))


def unit_of(amount: Amount) -> units.Unit | None:
    """The unit of measure, with or without a word before it: "cups", "heaping cup", "T".

    "12 oz jar" and "300 g tub" are 12 oz and 300 g: what holds it adds nothing.
    """
    found = units.find(amount.unit) or units.find(size_and_noun(amount.unit, "")[1])
    if found or " " not in amount.unit:
        return found
    parts = amount.unit.split()
    for length in (2, 1):
        found = units.find(" ".join(parts[:length]))
        if found and found.dimension is not units.Dimension.COUNT:
            return found
    return None


def size_and_noun(unit: str, size: str) -> tuple[str, str]:
    """("large", "clove") for "large cloves"; the line's own size where the unit has none."""
    parts = [word.strip("()") for word in unit.casefold().replace(".", "").split()]
    found = next((portions.SIZES[word] for word in parts if word in portions.SIZES), "")
    rest = [word for word in parts if word not in portions.SIZES and word not in MANNERS]
    if rest:
        rest[-1] = units.singular(rest[-1])
    own = size.casefold().strip("() ")
    return found or portions.SIZES.get(own, ""), " ".join(rest)
