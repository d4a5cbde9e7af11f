"""What one onion, clove, slice or can of a food weighs.

By the food's own portion; else, as an assumption, by the inch, by a customary weight, or as its
relatives. What none of them covers has no weight.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nutrition.foods.names import words
from nutrition.grams import customary, portions, spread
from nutrition.grams.result import Grams
from nutrition.grams.wording import NATURAL, named_of, nouns_of, said_of, size_and_noun
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Food
    from nutrition.grams.relatives import Relatives
    from nutrition.lines.parsing import ParsedLine


class ByPiece:
    """Weighs pieces of foods. Built once; read-only."""

    def __init__(self, relatives: Relatives) -> None:
        self._relatives = relatives

    def weight(
        self, unit: str, line: ParsedLine, food: Food, measures: tuple[portions.Measure, ...]
    ) -> Grams:
        """One *unit* ("large clove"; "" for a whole one). measures: the food's own portions."""
        size, noun = size_and_noun(unit, line.size)
        # "3 garlic cloves", "2 celery stalks": what is counted stands in the name.
        nouns = [noun] if noun else nouns_of(line)
        if " " in noun:
            nouns.append(noun.rsplit(" ", 1)[1])  # "paper-thin slice", "lamb chop"
        across = portions.inches(line.size)
        named, text = named_of(line, food), frozenset(words(line.text))
        for candidate in nouns:
            first = not noun and candidate == nouns[0]
            usual = customary.better(candidate, named, text, food.group_code)
            found = _portion(measures, candidate, size, across, line, food, named_only=first)
            if found and not usual:
                return _sized(found, size, candidate)
            if candidate in NATURAL and candidate not in (noun, nouns[0]):
                continue  # a guess at how it is counted must not rest on another guess
            inches = across and candidate != "inch"
            length = customary.weight("inch", "", named, text, food.group_code) if inches else None
            if length:
                basis = f"assumed: {length.grams:g} g an inch, {across:.3g} inches"
                return Grams(Status.OK, length.grams * across, basis, spread=spread.ASSUMED)
            usual = usual or customary.weight(candidate, size, named, text, food.group_code)
            if usual:
                basis = f"assumed: 1 {usual.what} = {usual.grams:g} g"
                return Grams(Status.OK, usual.grams, basis, spread=spread.ASSUMED)
        alike = self._as_relatives(nouns, size, across, line, food)
        if alike:
            return alike
        what = " ".join(filter(None, (size, noun))) or "piece"
        reason = f"no weight is known for 1 {what} of {food.name}"
        return Grams(Status.UNKNOWN_PORTION, reason=reason)

    def _as_relatives(
        self, nouns: list[str], size: str, across: float, line: ParsedLine, food: Food
    ) -> Grams | None:
        for candidate in nouns:
            median = self._relatives.piece(food, candidate, size, _said(line), across)
            if median:
                what = " ".join(filter(None, (size, candidate))) or "piece"
                basis = f"assumed: 1 {what} = {median.value:.4g} g, {median.source}"
                off = spread.together(spread.RELATIVES, spread.COUNT)
                return Grams(Status.OK, median.value, basis, spread=off)
        return None


def _said(line: ParsedLine) -> frozenset[str]:
    """The line's words, but for what a whole one is cut into: "3 carrots, cut into slices".

    Nor does it tell which can is meant that it is drained.
    """
    return said_of(line) - (portions.CUTS - frozenset(words(line.name))) - {"drained"}


def _portion(
    measures: tuple[portions.Measure, ...],
    noun: str,
    size: str,
    across: float,
    line: ParsedLine,
    food: Food,
    *,
    named_only: bool,
) -> portions.Measure | None:
    """The food's own portion of one *noun*. named_only: the noun is but the last word of the name.

    Then "4 tomatoes" are whole ones, not SR28's "Italian tomato", and no melon is a ball.
    """
    called, said = frozenset(words(line.name)), _said(line)
    ask = partial(portions.by_count, measures, food, size=size, said=said, across=across)
    found = ask(noun, called=called)
    if found is None or not named_only:
        return found
    whole = ask(noun, strict=True) or ask("", called=called)
    if whole or (found.words & portions.CUTS - said and noun in words(food.name)):
        return whole
    return found


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
