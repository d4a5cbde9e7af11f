"""An ingredient line as parts: "2 (8 oz) packages cream cheese, softened".

The trained parser (ingredient-parser-nlp) does the reading; this module gives it clean text, covers
what it misses (dozens, "juice of 1 lemon", headings) and turns its answer into plain values. Any
text gives a `ParsedLine`: what cannot be read leaves parts empty or names a `problem`; nothing
raises.
"""

from __future__ import annotations

import math
import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nutrition import units
from nutrition.lines import remarks

# Longer text is no ingredient line; what follows is not read (and the parser's time is bounded).
MAX_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a unit. `high` is the upper end of a range, or the quantity again.

    each: the amount is that of one container or piece ("14 oz" in "2 (14 oz) cans").
    unit "" counts pieces. plus: further terms to add ("1 cup plus 2 tbsp"), sign included.
    """

    quantity: float
    high: float
    unit: str = ""
    each: bool = False
    plus: tuple[Amount, ...] = ()

    @property
    def middle(self) -> float:
        """The quantity to reckon with: the middle of a range."""
        return (self.quantity + self.high) / 2


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What a line says. Texts are "" and amounts empty where it says nothing.

    names: the food, then its alternatives ("butter or margarine"). problem: why the line cannot be
    reckoned with, in plain words. heading: the line titles a part of the recipe and is no food.
    drained: its liquid is poured off. purpose: what it is for, one of `remarks.PURPOSES` ("for
    frying", "to serve"). language: an ISO 639 code where the line is not English and so not read.
    """

    text: str
    names: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    size: str = ""
    preparation: str = ""
    comment: str = ""
    optional: bool = False
    to_taste: bool = False
    heading: bool = False
    problem: str = ""
    drained: bool = False
    purpose: str = ""
    language: str = ""

    @property
    def name(self) -> str:
        return self.names[0] if self.names else ""


# The parser keeps the last sentence's probabilities on the shared model: one sentence at a time.
_parser_lock = threading.Lock()


def _new_lock() -> None:
    """A fork while another thread parses would leave the child a lock that nobody opens."""
    global _parser_lock
    _parser_lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)

BULLET = re.compile(r"^(?:[•●▪◦‣∙·*–—+]+\s*|-\s+|\[\s?\]\s*|[☐□✓✔]\s*)+")
# "2 12- ounce cans": the parser knows "12-ounce".
TORN_HYPHEN = re.compile(r"(?<=\d)\s?-\s(?=(?:ounce|oz|inch|pound|lb|gram|g|ml|cup)\b)", re.I)
NEGATIVE = re.compile(r"^[-−–]\s*\d")
NOT_A_NUMBER = re.compile(r"^[-+]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
HEADING = re.compile(
    r"^(?:for (?:the|a|an|your) [^,\d]{2,40}|to (?:serve|garnish|finish|decorate)|[^\d,]{2,60}:)$"
)
PART_OF = re.compile(
    r"^(?P<part>(?:finely |freshly |grated |squeezed )*(?:juice|zest|rind|peel|grated rind)"
    r"(?: and (?:juice|zest|rind|peel))?)"
    r"(?: (?:of|from))?(?P<rest> .+)$",
    re.IGNORECASE,
)
CITRUS = re.compile(r"\b(lemon|lime|orange|grapefruit|clementine|tangerine)s?\b", re.IGNORECASE)
DOZEN = re.compile(r"^(?P<number>.*?)\s*doz(?:en|s)?$", re.IGNORECASE)
INTERMEDIATE = re.compile(r"^(?P<whole>\d+(?:\.\d+)?)?(?:#(?P<top>\d+)\$(?P<bottom>\d+))?$")

# What the parser raises for text it cannot take: "1/0 cup", "NaN cups", nothing but blanks.
PARSER_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def clean(text: str) -> str:
    """One line of printable text: control and format characters out, blanks single, bullets off."""
    kept = (
        character if unicodedata.category(character)[0] != "C" else " "
        for character in unicodedata.normalize("NFC", text[: 4 * MAX_CHARACTERS])
    )
    single = " ".join("".join(kept).replace("⁄", "/").split())
    single = TORN_HYPHEN.sub("-", single)
    return BULLET.sub("", single)[:MAX_CHARACTERS].strip()


def parse(text: str) -> ParsedLine:
    """Read one line. Takes any string; about 1 ms. Needs `nutrition.load` to have run."""
    line = clean(text)
    if not any(character.isalpha() for character in line):
        return ParsedLine(text, heading=True)
    if NEGATIVE.match(line) or NOT_A_NUMBER.match(line):
        name = re.sub(r"^[-−–+]?\s*[\d.,/]*\s*(?:nan|inf(?:inity)?)?\s*", "", line, flags=re.I)
        problem = "the quantity is negative or not a number"
        return ParsedLine(text, names=(name,) if name else (), problem=problem)
    if HEADING.match(line.casefold()):
        return ParsedLine(text, heading=True)
    part, line = _part_of(line)
    try:
        parsed = _run_parser(line)
    except PARSER_ERRORS:
        return ParsedLine(text, names=(line,), problem="the line cannot be read")
    amounts = tuple(_amounts(parsed.amount))
    names = _names(parsed, line)
    if part and names:
        names, amounts = ((f"{names[0]} {part}",), tuple(_of_one(amount) for amount in amounts))
    preparation, comment = _text(parsed.preparation), _text(parsed.comment)
    return ParsedLine(
        text=text,
        names=names,
        amounts=amounts,
        size=_text(parsed.size),
        preparation=preparation,
        comment=comment,
        optional=bool(remarks.OPTIONAL.search(line)),
        to_taste=bool(remarks.TO_TASTE.search(line)),
        drained=remarks.drained(line),
        purpose=remarks.purpose(line),
    )


def _run_parser(line: str) -> Any:
    from ingredient_parser import parse_ingredient

    with _parser_lock:
        return parse_ingredient(line, string_units=True)


def _part_of(line: str) -> tuple[str, str]:
    """("juice", "1 lemon") for "Juice of 1 lemon"; "1 lemon, juiced" likewise; else ("", line)."""
    if not CITRUS.search(line):
        return "", line
    match = PART_OF.match(line)
    if match and not line.casefold().startswith(("juice,", "zest,")):
        part = "juice" if "juice" in match["part"].casefold() else "zest"
        return part, match["rest"].strip()
    plain = re.match(
        r"^(?P<rest>[^,]+), (?:freshly )?(?P<part>juiced|juice of|juice only|zested)$", line
    )
    if plain and re.match(r"^[\d¼½¾⅓⅔]", line):
        return ("zest" if "zest" in plain["part"] else "juice"), plain["rest"]
    return "", line


def _of_one(amount: Amount) -> Amount:
    """The juice of 2 lemons is two times what one yields, a unit called "yield"."""
    return Amount(amount.quantity, amount.high, "yield") if amount.unit == "" else amount


def _names(parsed: Any, line: str) -> tuple[str, ...]:
    names = [name.text.strip() for name in parsed.name if any(c.isalpha() for c in name.text)]
    if not names and parsed.purpose:
        names = [parsed.purpose.text]
    return tuple(dict.fromkeys(names))


def _text(part: Any) -> str:
    return str(part.text) if part else ""


def _amounts(parsed: Iterable[Any]) -> Iterable[Amount]:
    for amount in parsed:
        if hasattr(amount, "amounts"):
            terms = [term for term in map(_amount, amount.amounts) if term]
            if terms:
                sign = -1 if amount.subtractive else 1
                plus = tuple(Amount(sign * t.quantity, sign * t.high, t.unit) for t in terms[1:])
                first = terms[0]
                yield Amount(first.quantity, first.high, first.unit, first.each, plus)
        elif single := _amount(amount):
            yield single


def _amount(parsed: Any) -> Amount | None:
    low, high = _number(parsed.quantity), _number(parsed.quantity_max)
    if low is None:
        return None
    unit = units.canonical(str(parsed.unit))
    if isinstance(parsed.quantity, str) and DOZEN.match(parsed.quantity):
        unit = f"dozen {unit}".strip()
    return Amount(low, high if high is not None else low, unit, bool(parsed.SINGULAR))


def _number(value: Fraction | str) -> float | None:
    """A quantity as a float: Fraction, "2 dozen" → 2, "#1$2 dozen" → 0.5, "dozen" → 1."""
    if isinstance(value, str):
        text = value.strip()
        dozen = DOZEN.match(text)
        if dozen:
            text = dozen["number"].strip() or "1"
        match = INTERMEDIATE.match(text)
        if not match or not text:
            return None
        number = float(match["whole"] or 0)
        if match["top"]:
            if int(match["bottom"]) == 0:
                return None
            number += int(match["top"]) / int(match["bottom"])
    else:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    return number
