"""The juice or zest of so many citrus fruits, however a line puts it.

The amount is then in the unit "yield": what one fruit yields of the part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nutrition.lines.line import Amount
from nutrition.lines.remarks import without_extra

FRUITS = r"(lemon|lime|orange|grapefruit|clementine|tangerine|mandarin|yuzu)s?"
CITRUS = re.compile(rf"\b{FRUITS}\b", re.IGNORECASE)
PART = r"(?:juice|zest|rind|peel)"
# "Finely grated zest and juice of 1 lemon", "juice 1 lemon".
PART_OF = re.compile(
    r"^(?:(?:the|fresh|freshly|finely|grated|squeezed|strained|pared|about|plus) )*"
    rf"(?P<part>{PART}(?:,? (?:and|&|\+|plus|or) (?:the )?(?:(?:finely|grated) )*{PART})?)"
    r"(?: (?:of|from)(?: about| approximately)? |(?= \d)|(?= [½¼¾⅓⅔]) )(?P<rest>.+)$",
    re.IGNORECASE,
)
# A name that is a whole fruit, or a part of it said of whole fruits: "2 lemon juice".
WHOLE = re.compile(
    rf"^(?:(?:an?|the|organic|unwaxed|fresh|large|medium|small|ripe|juicy|whole|navel|meyer|persian|key"
    rf"|blood) )*{FRUITS}(?: (?P<part>juice|zest|rind|peel))?$",
    re.IGNORECASE,
)
SAID = re.compile(
    r"\b(?:(?P<juice>juic(?:e|ed))|zest(?:ed)?|rind|peel(?! and| to))\b", re.IGNORECASE
)
# What shows that the fruit itself is eaten.
EATEN = re.compile(
    r"\b(?:wedges?|slice[ds]?|halve[ds]|quarter(?:ed|s)|segments?|chopped|whole)\b", re.I
)


def part_and_rest(line: str) -> tuple[str, str]:
    """("juice", "1 lemon") of "Juice of 1 lemon"; ("", line) where no part leads the line."""
    if not CITRUS.search(line):
        return "", line
    match = PART_OF.match(line)
    if not match:
        return "", line
    return _part(match["part"]), match["rest"].strip()


def said_of(name: str, remarks: str, *, bare: bool) -> str:
    """ "juice" or "zest" where the remarks ask only for that of a whole fruit, else "".

    "1 lemon, juiced", "½ lemon (zest only)", "2 lemon juice"; not "1 lemon, zested and sliced".
    bare: the amount counts without a word; "1 piece lemon rind" is not what a lemon yields.
    """
    whole = WHOLE.match(name)
    if not whole:
        return ""
    if whole["part"]:
        return _part(whole["part"]) if bare else ""
    plain = without_extra(remarks)
    found = list(SAID.finditer(plain))
    if not found or EATEN.search(plain):
        return ""
    return _part(" ".join("juice" if match["juice"] else match[0] for match in found))


def named(name: str, part: str) -> str:
    """ "lime juice" of "limes" and "juice"."""
    whole = WHOLE.match(name)
    fruit = whole[1].casefold() if whole else name
    return f"{fruit} {part}"


def of_one(amounts: Sequence[Amount]) -> tuple[Amount, ...]:
    """Counts of fruits as counts of what one yields."""
    return tuple(replace(a, unit="yield") if a.unit in ("", "piece") else a for a in amounts)


def _part(words: str) -> str:
    """The part that weighs: juice where it is among them, else the peel as the line calls it."""
    said = words.casefold()
    if "juice" in said:
        return "juice"
    return "zest" if "zest" in said else "peel"
