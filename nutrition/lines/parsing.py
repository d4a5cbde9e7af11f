"""An ingredient line as parts: "2 (8 oz) packages cream cheese, softened".

The trained parser (`reader`) does the reading; around it stand clean text (`text`), amounts in
words that it knows (`wording`), lines that are no food (`headings`), languages nobody taught
(`language`), juice and zest (`citrus`), amounts as values (`amounts`) and what else is said
(`remarks`). Any text gives a `ParsedLine`: what cannot be read leaves parts empty or names a
`problem`; nothing raises.
"""

from __future__ import annotations

import re
from typing import Any

from nutrition.foods.abbreviations import abbreviates
from nutrition.lines import amounts as quantities
from nutrition.lines import beside, citrus, headings, language, reader, remarks
from nutrition.lines.line import Amount, ParsedLine
from nutrition.lines.text import MAX_CHARACTERS, clean
from nutrition.lines.wording import spelled

__all__ = ["MAX_CHARACTERS", "Amount", "ParsedLine", "clean", "parse"]

NEGATIVE = re.compile(r"^[-−–]\s*\d")
NOT_A_NUMBER = re.compile(r"^[-+]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
# "1/2/3 cups", "1.2.3 cups", "1½½ cups": no number that anyone can tell.
GARBLED = re.compile(
    r"^[\d.,/½¼¾⅓⅔⅛]*?(?:[.,]{2,}|\.\d+\.|/\d+/|[½¼¾⅓⅔⅛]{2})[\d.,/½¼¾⅓⅔⅛]*(?=\s|[a-z])\s*", re.I
)
UNREADABLE = "the amount cannot be read"
# "500 g CHICKEN,BROILERS OR FRYERS,MEAT ONLY,STWD".
PASTED = re.compile(
    r"^(?P<amount>[\d½¼¾⅓⅔⅛][\d./ ½¼¾⅓⅔⅛]*(?:k?g|mg|ml|l|oz|ounces?|lbs?|pounds?|cups?|tbsp|tsp)) "
    r"(?P<name>[^\d\W].*)$",
    re.IGNORECASE,
)
ALTERNATIVE = re.compile(r"\bor\b|\band\b|[/&+]|\bwith\b", re.IGNORECASE)
# "A little oil", "some milk", "of chickpeas".
LEADING = re.compile(
    r"^(?:(?:of|the|a little|an?|some|(?:a )?bit of|lots? of|plenty of) )+(?=\S)", re.IGNORECASE
)
SIZE_FIRST = re.compile(
    r"^(?P<size>(?:extra[- ])?(?:large|small|medium|big|jumbo)(?:[- ]sized?)?) (?P<rest>[a-z].*)$",
    re.IGNORECASE,
)

# What the parser raises for text it cannot take: "1/0 cup", "NaN cups", nothing but blanks.
PARSER_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def parse(text: str) -> ParsedLine:
    """Read one line. Takes any string; about 1 ms. Needs `nutrition.load` to have run."""
    line = clean(text)
    if not any(character.isalpha() for character in line):
        return ParsedLine(text, heading=True)
    if NEGATIVE.match(line) or NOT_A_NUMBER.match(line):
        name = re.sub(r"^[-−–+]?\s*[\d.,/]*\s*(?:nan|inf(?:inity)?)?\s*", "", line, flags=re.I)
        problem = "the quantity is negative or not a number"
        return ParsedLine(text, names=(name,) if name else (), problem=problem)
    if headings.is_heading(line):
        return ParsedLine(text, heading=True)
    foreign = language.of(line)
    if foreign:
        return ParsedLine(text, names=(line,), language=foreign)
    if GARBLED.match(line):
        return ParsedLine(text, names=(GARBLED.sub("", line),), problem=UNREADABLE)
    label, line = headings.label_and_rest(line)
    pasted = PASTED.match(line)
    if pasted and abbreviates(pasted["name"].casefold()):
        return _pasted(text, pasted["amount"], pasted["name"])
    part, line = citrus.part_and_rest(spelled(line))
    try:
        parsed, bracketed = reader.read(line)
    except PARSER_ERRORS:
        return ParsedLine(text, names=(line,), problem="the line cannot be read")
    return _told(text, f"{label} {line}" if label else line, part, parsed, bracketed)


def _pasted(text: str, amount: str, name: str) -> ParsedLine:
    """A line whose *name* is one of USDA's short descriptions: its commas are part of it."""
    found = quantities.amounts(*reader.read(f"{amount} food"))
    return ParsedLine(text, names=(name,), amounts=found)


def _told(text: str, line: str, part: str, parsed: Any, bracketed: frozenset[int]) -> ParsedLine:
    """The parser's answer, with what the line says besides."""
    names, size = _names(parsed), _text(parsed.size)
    found = quantities.amounts(parsed, bracketed)
    if quantities.is_lost(line, found):
        return ParsedLine(text, names=names, problem=UNREADABLE)
    if names:
        found = found or quantities.length(size, names[0])
        found, first = quantities.of_noun(found, names[0])
        names = (first, *names[1:])
    if len(names) == 2 and len(found) == 1 and "," in line and not ALTERNATIVE.search(line):
        names = (", ".join(names),)  # "soy sauce, reduced sodium" is one food
    preparation, comment = _text(parsed.preparation), _text(parsed.comment)
    if names and (told := beside.told_by(comment) or beside.told_by(preparation)):
        names = (f"{told} {names[0]}", *names[1:])
    counted = not found or found[0].unit in ("", "piece")
    found = found or quantities.of_remark(comment)
    if names and not size and counted and (sized := SIZE_FIRST.match(names[0])):
        size, names = sized["size"], (sized["rest"], *names[1:])
    if names and headings.is_tool(names[0]):
        return ParsedLine(text, names=names, amounts=found, heading=True)
    if not part and names and found and counted:
        part = citrus.said_of(names[0], f"{preparation} {comment}", bare=found[0].unit == "")
    if part and names:
        names, found = (citrus.named(names[0], part),), citrus.of_one(found)
    if names and found:
        first = beside.meant(names[0], line, counted=found[0].unit == "")
        names = (first, *names[1:])
    plain = remarks.without_extra(line)
    return ParsedLine(
        text=text,
        names=names,
        amounts=found,
        size=size,
        preparation=preparation,
        comment=comment,
        optional=bool(remarks.OPTIONAL.search(plain)),
        to_taste=bool(remarks.TO_TASTE.search(plain)),
        drained=remarks.drained(line),
        purpose=remarks.purpose(plain),
    )


def _names(parsed: Any) -> tuple[str, ...]:
    names = [
        beside.without_untold(LEADING.sub("", name.text.strip(" .,;:-")))
        for name in parsed.name
        if any(c.isalpha() for c in name.text) and not quantities.is_measure(name.text)
    ]
    if not names and parsed.purpose:
        names = [parsed.purpose.text]
    return tuple(dict.fromkeys(names))


def _text(part: Any) -> str:
    return str(part.text) if part else ""
