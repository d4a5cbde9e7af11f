"""Amounts in words as amounts in digits: "half a", "a couple of", "two hundred", "a thumb of"."""

from __future__ import annotations

import re
from collections.abc import Callable

NUMBER = r"[\d½¼¾⅓⅔⅛⅜⅝⅞⅙⅚⅕⅖⅗⅘]"
UNITS = {"one": "1", "two": "2", "three": "3", "four": "4"}


def _and(fraction: str) -> Callable[[re.Match[str]], str]:
    """The mixed number of "one and a half"."""
    return lambda match: f"{UNITS.get(match[1].casefold(), match[1])} {fraction}"


# Measures that a bare "half" or "quarter" may stand before.
MEASURES = (
    r"(?:dozen|cups?|pounds?|lbs?|pints?|quarts?|gallons?|teaspoons?|tsps?|tablespoons?|tbsps?|ounces?"
    r"|oz|sticks?|heads?|bunch(?:es)?|cans?|packages?|pkgs?|packets?|kilos?|kg|lit(?:er|re)s?|inch"
    r"|bags?|jars?|box(?:es)?|loaf|cloves?|fl|handfuls?)\b"
)
WORDS = (
    # one and a half cups; 2 and a half
    (re.compile(r"\b(\d+|one|two|three|four)(?: and|-and)[ -]an?[ -]half\b", re.I), _and("1/2")),
    (re.compile(r"\b(\d+|one|two|three|four)(?: and|-and)[ -]an?[ -]quarter\b", re.I), _and("1/4")),
    (re.compile(r"\b(?:three|3)[ -]quarters?(?: of)?(?: an?| the| one)?\b", re.I), "3/4"),
    (re.compile(r"\b(?:two|2)[ -]thirds?(?: of)?(?: an?| the| one)?\b", re.I), "2/3"),
    (re.compile(rf"\b(?:an? |one[ -])third(?: of)?(?: an?| the)?(?= {MEASURES})", re.I), "1/3"),
    (re.compile(r"\b(?:an? |one[ -])?half(?: of)? (?:an?|one)\b(?! half)", re.I), "1/2"),
    (re.compile(rf"(?<!\d )\b(?:an? |one[ -])?half[ -](?={MEASURES})", re.I), "1/2 "),
    (re.compile(r"^half (?!and\b|&|n\b|fat\b|the\b|of\b|cream\b|milk\b|sheet\b)", re.I), "1/2 "),
    (re.compile(r"\b(?:an? |one[ -])?quarter(?: of)? (?:an?|one)\b", re.I), "1/4"),
    (re.compile(rf"\b(?:an? |one[ -])?quarter[ -](?={MEASURES})", re.I), "1/4 "),
    (re.compile(rf"^({NUMBER}+(?:/\d)?) an? (?=\w)", re.I), r"\1 "),
    # Customary: a couple is two; a few, some three.
    (re.compile(r"^(?:an? )?(\w+) or (?:two|2)(?: of)? (?=[a-z])", re.I), r"1-2 \1 of "),
    (re.compile(r"^(?:an? )?couple(?: of)?\b", re.I), "2"),
    (re.compile(r"^(?:an? )?(?:good )?few(?: of)?\b", re.I), "3"),
    # A thumb, as a piece of ginger is measured: "thumb-sized piece of", "2 thumbs".
    (
        re.compile(
            rf"^({NUMBER}+ |1 |)thumbs?(?:nail)?(?:[- ](?:sized?|length))?"
            r"(?: (?:piece|knob|chunk)s?)?(?: of)?(?= )",
            re.I,
        ),
        lambda m: f"{m[1] or '1 '}thumb",
    ),
    # A finger is as long: three inches.
    (
        re.compile(
            r"^(?:an? |1 )?finger[- ](?:length|sized?|long)(?: (?:piece|knob))?(?: of)?\b", re.I
        ),
        "3 inch piece",
    ),
    (re.compile(r"\btwenty[ -]four\b", re.I), "24"),
    (re.compile(r"\btwenty\b", re.I), "20"),
    (
        re.compile(
            r"^(about |approximately |approx\.? |roughly )?an? (?!little|lot|bit|touch|mix|good)",
            re.I,
        ),
        r"\g<1>1 ",
    ),
)
ROUND = re.compile(
    r"^(?P<number>\d+|an?|one|two|three|four|five|six) (?P<word>hundred|thousand(?! island))"
    r" (?!and\b)",
    re.I,
)
ONES = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
WORDED = re.compile(
    r"\b(?:or (?:two|2)|half|quarters?|thirds?|couple|few|twenty|thumb|finger|hundred|thousand"
    r"|an?)",
    re.IGNORECASE,
)


def in_digits(line: str) -> str:
    """A clean *line* with the numbers that it writes in words, where they are an amount."""
    if not WORDED.search(line):
        return line
    line = ROUND.sub(_round_number, line)
    for pattern, by in WORDS:
        line = pattern.sub(by, line)
    return line


def _round_number(match: re.Match[str]) -> str:
    """ "200 " of "two hundred "."""
    ones = ONES.get(match["number"].casefold()) or int(match["number"])
    return f"{ones * (100 if match['word'].casefold() == 'hundred' else 1000)} "
