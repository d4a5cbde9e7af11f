"""One ingredient to a food and a weight: parsed, matched, weighed, and remembered.

Any text gives a `Line`, with a status where something is lacking; nothing raises for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from nutrition.analysis import Line, Measured
from nutrition.grams.converter import Converter, Grams, explain
from nutrition.lines import parsing
from nutrition.memory import Memory
from nutrition.status import Status

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue
    from nutrition.foods.matcher import Match, Matcher

# Below this confidence the best food is mostly a wrong one, and saying "unknown" serves better.
KNOWN_FROM = 0.12
# "Uncooked", "un-cooked" and "not yet cooked" are not "cooked".
STATES = re.compile(
    r"\b(not (?:\w+ ){0,2}|never |non-|un-)?(cooked|canned|tinned)\b", re.IGNORECASE
)
# What the parser takes for a preparation though it makes another food: minced beef, boiled eggs.
FORMS = re.compile(
    r"\b(minced|steamed|hard[- ]boiled|boiled|mashed|roasted|fried|baked|smoked|toasted) ",
    re.IGNORECASE,
)
ALTERNATIVE = re.compile(r"\bor\b", re.IGNORECASE)
# Of an id that is none, so much is repeated: a UUID has 36.
ID_CHARACTERS = 40
# Distinct lines kept: some 2 kB each. A bulk import repeats its lines (salt, 2 eggs) endlessly.
REMEMBERED_LINES = 8_192


class Reader:
    """Reads lines over one catalogue. Any number of threads may share one."""

    def __init__(self, catalogue: Catalogue, matcher: Matcher) -> None:
        self._catalogue = catalogue
        self._matcher = matcher
        self._converter = Converter(catalogue)
        self._memory: Memory[Line] = Memory(REMEMBERED_LINES)

    def line(self, ingredient: str | Measured) -> Line:
        """What one ingredient is and weighs."""
        if isinstance(ingredient, Measured):
            return self._measured(ingredient)
        if len(ingredient) > parsing.MAX_CHARACTERS:
            return self._read(ingredient)  # a memory of a few thousand must stay a few megabytes
        found = self._memory.get(ingredient)
        if found is None:
            found = self._read(ingredient)
            self._memory.put(ingredient, found)
        return found

    def unknown(self, texts: Iterable[str]) -> list[str]:
        """Of some lines, those that would have to be read: each once, none that is too long."""
        return [
            text
            for text in dict.fromkeys(texts)
            if len(text) <= parsing.MAX_CHARACTERS and self._memory.get(text) is None
        ]

    def remember(self, found: Mapping[str, Line]) -> None:
        """Take lines as read that an engine with this very code and data has read already."""
        for text, line in found.items():
            self._memory.put(text, line)

    def _read(self, text: str) -> Line:
        parsed = parsing.parse(text)
        if parsed.heading:
            return Line(text, Status.IGNORED, reason=explain(Status.IGNORED, ()))
        first = parsed.amounts[0] if parsed.amounts else None
        quantity = first.middle if first and math.isfinite(first.middle) else None
        said = Line(
            text,
            Status.UNKNOWN_FOOD,
            quantity=quantity,
            unit=first.unit if first else "",
            optional=parsed.optional,
            purpose=parsed.purpose,
        )
        if parsed.language:
            reason = f"the line is in a language that is not read here ({parsed.language})"
            return replace(said, status=Status.UNKNOWN_LANGUAGE, reason=reason)
        match = self._match(parsed)
        if match is None:
            reason = parsed.problem or explain(Status.UNKNOWN_FOOD, parsed.names)
            return replace(said, reason=reason)
        foods = self._catalogue.foods
        # What is drained is another food than what was in the can.
        food = self._converter.eaten(parsed, foods[match.food_index])
        grams = (
            Grams(Status.NO_QUANTITY, reason=parsed.problem)
            if parsed.problem
            else self._converter.grams(parsed, food)
        )
        return replace(
            said,
            status=grams.status,
            food=food,
            confidence=match.confidence,
            alternatives=tuple(
                (foods[other.food_index], other.confidence) for other in match.alternatives
            ),
            grams=grams.grams if grams.status is Status.OK else None,
            spread=grams.spread,
            basis=grams.basis,
            reason=grams.reason,
        )

    def _match(self, parsed: parsing.ParsedLine) -> Match | None:
        """The first name that is surely enough a food, or None."""
        states = _states(parsed)
        for name in parsed.names:
            match = self._known(name, states)
            formed = _in_form(name, parsed.text)
            if formed != name:
                match = self._likelier(match, self._known(formed, states))
            if match:
                return match
        return None

    def _known(self, name: str, states: str) -> Match | None:
        match = self._matcher.match(name, states)
        return match if match and match.confidence >= KNOWN_FROM else None

    def _likelier(self, bare: Match | None, formed: Match | None) -> Match | None:
        """Which food a name with its form means: the one so formed, or the one whatever its form.

        "Boiled water" is water, and no oatmeal: where the table lacks a form, other foods have it.
        """
        if bare is None or formed is None:
            return bare or formed
        foods = self._catalogue.foods
        kin = foods[formed.food_index].group_code == foods[bare.food_index].group_code
        return formed if kin or formed.confidence > bare.confidence else bare

    def _measured(self, asked: Measured) -> Line:
        try:
            food = self._catalogue.foods[self._catalogue.index_of(asked.food_id)]
        except KeyError:
            named = asked.food_id[:ID_CHARACTERS]
            reason = f"no food of the catalogue has the id {named!r}"
            text = f"{asked.quantity:g} {asked.unit} of {named}"
            return Line(text, Status.UNKNOWN_FOOD, asked.quantity, asked.unit, reason=reason)
        grams = self._converter.measured(asked.quantity, asked.unit, food)
        return Line(
            f"{asked.quantity:g} {asked.unit} {food.name}",
            grams.status,
            asked.quantity if math.isfinite(asked.quantity) else None,
            asked.unit,
            food,
            confidence=1.0,
            grams=grams.grams if grams.status is Status.OK else None,
            spread=grams.spread,
            basis=grams.basis,
            reason=grams.reason,
        )


def _in_form(name: str, text: str) -> str:
    """*name* with the word of FORMS that stands right before it in the line."""
    wanted = name.casefold()
    for form in FORMS.finditer(text):
        if text[form.end() :].casefold().startswith(wanted):
            return form[0] + name
    return name


def _states(parsed: parsing.ParsedLine) -> str:
    """ "cooked" and "canned" where the line says so beside the name, or counts cans of the food."""
    # "4 fresh pears (or canned halves)" are not canned.
    remark = ALTERNATIVE.split(parsed.comment, maxsplit=1)[0]
    said = [
        word.casefold()
        for denied, word in STATES.findall(f"{parsed.preparation} {remark}")
        if not denied
    ]
    if any(amount.unit in ("can", "tin") for amount in parsed.amounts):
        said.append("canned")
    return " ".join("cooked" if word == "cooked" else "canned" for word in said)
