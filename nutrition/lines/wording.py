"""Amounts in a wording that the trained parser reads right.

It was trained on lines of a few large publishers. What it misreads was found by comparing it with
labelled lines, and each rule covers a class of it: "1-1/2", "1,5 kg", "2 T.", 3" for inches,
misspelt spoons; and numbers in words (`number_words`). A line of the plain form is passed on
untouched.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import NamedTuple

from nutrition.lines.number_words import NUMBER, in_digits


class Rule(NamedTuple):
    """pattern is replaced by *by*, in lines that hold one of *signs* (in all, without any)."""

    signs: tuple[str, ...]
    pattern: re.Pattern[str]
    by: str | Callable[[re.Match[str]], str]


def _point(match: re.Match[str]) -> str:
    """1,5 is 1.5 and 0,125 is 0.125, but 1,000 is a thousand."""
    whole, rest = match[1], match[2]
    return f"{whole}{rest}" if len(rest) == 3 and whole != "0" else f"{whole}.{rest}"


ABBREVIATIONS = {
    # Only here does the case tell: 2 T. sugar, 1 t salt
    **dict.fromkeys(("T", "Tbl"), "tbsp"),
    **dict.fromkeys(("t",), "tsp"),
    **dict.fromkeys(("c", "C"), "cup"),
    **dict.fromkeys(("fl. oz", "fl.oz", "floz", "fl ozs", "fl oz"), "fl oz"),
    **dict.fromkeys(("gr", "grs", "gms", "gm"), "g"),
    **dict.fromkeys(("pkg", "pkgs", "pkt", "pkts", "pk", "Pkg", "PKG"), "package"),
    **dict.fromkeys(("lg", "Lg"), "large"),
    **dict.fromkeys(("med", "Med"), "medium"),
    **dict.fromkeys(("sm", "Sm"), "small"),
    **{unit: unit for unit in ("dl", "cl", "kgs", "mls", "kilo", "kilos")},
    "#": "lb",
}

# Net ounces of US cans by number, as caterers reckon; a #10 holds 6 lb to 7 lb 5 oz.
CAN_OUNCES = {"10": 104, "21/2": 29, "2.5": 29, "2": 20, "300": 15, "303": 16}

ORDINARY = (
    Rule((",",), re.compile(r"(?<![\d,.])(\d+),(\d+)(?![\d,])"), _point),
    # 1-1/2 and 1-½ are mixed numbers (a range would fall); 1 & 1/2 likewise
    Rule(
        ("-", "&", "+"),
        re.compile(r"(?<![\d/.-])(\d+)(?:\s?-|\s?&\s?|\s?\+\s?)(?=([1-9])/(\d)\b)"),
        r"\1 ",
    ),
    Rule(
        ("-", "&", " and "),
        re.compile(r"(?<![\d/.-])(\d+)(?:-|\s?&\s?| and )(?=[½¼¾⅓⅔⅛⅜⅝⅞])"),
        r"\1 ",
    ),
    Rule(("--",), re.compile(rf"(?<={NUMBER})\s?--\s?(?={NUMBER})"), "-"),
    # 2/3 + 1/4 cup is a sum
    Rule(
        ("+", "plus"),
        re.compile(
            r"^((?:\d+ )?\d+(?:/\d)?) ?(?:\+|plus) ?(?=(?:\d+ )?\d/\d"
            r" (cups?|tablespoons?|tbsps?|teaspoons?|tsps?)\b)",
            re.I,
        ),
        r"\1 \2 plus ",
    ),
    Rule((" /", "/ "), re.compile(r"(?<=\d)\s*/\s*(?=\d\b)"), "/"),
    # 3" and 2-3'' are inches
    Rule(('"', "''"), re.compile(rf"(?<={NUMBER})\s?(?:\"|'')(?=[\s,)x×-]|$)-?"), " inch "),
    Rule(("x", "×"), re.compile(rf"({NUMBER})\s?[x×]\s?(?=\d)"), r"\1 x "),
    Rule(("(",), re.compile(r"(?<=[a-z])\((e?s)\)", re.I), r"\1"),
    # "1 000 g", "1'000 g", "10,000,000 g" are whole numbers; "1 400 g can" is a can
    Rule(
        (" 000", "'"),
        re.compile(r"(?<![\d/.,])(\d{1,3})(?: (?=000 ?(?:g|ml)\b)|'(?=\d{3}\b))"),
        r"\1",
    ),
    Rule(
        (",",),
        re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d,])"),
        lambda m: m[0].replace(",", ""),
    ),
    # How a counted thing is cut says nothing of how much: "1 cucumber, about 6 to 8 slices"
    Rule(
        ("slice", "piece", "wedge", "strip", "ring", "cube", "chunk"),
        re.compile(
            rf"^({NUMBER}.*?),? \(?(?:about|approximately|approx\.?|roughly|around|makes|to make) "
            rf"{NUMBER}+(?:(?: to | or |-|–){NUMBER}+)? (?:[a-z]+ )?"
            r"(?:slices?|pieces|wedges|strips|rings|cubes|chunks)\b\)?",
            re.I,
        ),
        r"\1",
    ),
    # Cans by their number, as caterers write: #10 is 6 lb 8 oz of most foods, net
    Rule(
        ("#", "No", "no", "umber"),
        re.compile(
            r"\(?(?:#|\bno\.? ?|\bnumber )(10|2 ?1/2|2\.5|2|300|303)\)?[ -](?:sized? )?"
            r"(?=(?:can|tin)s?\b)",
            re.I,
        ),
        lambda m: f"({CAN_OUNCES[m[1].replace(' ', '')]} ounce) ",
    ),
    # Scant 2 cups: how the cup is filled says nothing that weighs
    Rule(
        (),
        re.compile(
            rf"^(?:scant|heap(?:ing|ed)|level|rounded|full|good|generous) (?={NUMBER})", re.I
        ),
        "",
    ),
    # Temperatures are no amounts: 80F (26C), 350 °F
    Rule(
        ("°", "º", "degree"),
        re.compile(r"\([^()]*\b\d{2,3}\s?(?:°|º|degrees?\b)[^()]*\)", re.I),
        " ",
    ),
    Rule(
        ("°", "º", "degree", "F"),
        re.compile(
            r"\(?\b\d{2,3}\s?(?:°|º|degrees?\b)\s?[FC]?\b\)?"
            r"|\b\d{2,3}\s?F\b(?:\s?[(/]\s?\d{2,3}\s?C\)?)?"
        ),
        " ",
    ),
    Rule(
        (),
        re.compile(
            rf"(?<={NUMBER})\s?({'|'.join(map(re.escape, sorted(ABBREVIATIONS, key=len)[::-1]))})"
            r"(?:\.(?=\s|$)|(?![-'\w.]))"
        ),
        lambda m: f" {ABBREVIATIONS[m[1]]}",
    ),
    # 8 1/2-inch slices are eight, half an inch thick
    Rule(
        ("inch",),
        re.compile(
            r"^(\d+) (\d/\d|[½¼¾])[- ]inch[- ](?:(?:thick|thin|round)[- ])?"
            r"(?=(?:slices|pieces|rounds|cubes|strips|wedges|sticks|steaks|medallions|chunks)\b)",
            re.I,
        ),
        r"\1 (\2 inch) ",
    ),
    # Ground meat by its lean and fat parts: 80/20
    Rule(
        ("/", "%"),
        re.compile(
            r"(?<![\d/])\(?([5-9]\d) ?[/%] ?(?:lean ?)?([1-4]\d|\d)\b(?!/|\d)(?: fat)?\)?(?= |$)"
        ),
        lambda m: f"{m[1]}% lean" if int(m[1]) + int(m[2]) == 100 else m[0],
    ),
    # 2 pounds, 4 ounces; 1 lb and 2 oz: the parser adds what stands side by side
    Rule(
        ("lb", "pound", "kg"),
        re.compile(
            r"(\d (?:lbs?|pounds?|kg))\.?(?:,| and| &) "
            r"(?=\d+(?:\.\d+)? ?(?:ounces?|oz|g|grams?)\b)",
            re.I,
        ),
        r"\1 ",
    ),
)
SPOON = re.compile(rf"(?<={NUMBER} )(t[a-z]*s[a-z]*p[a-z]*|t[a-z]*p[a-z]*s[a-z]*)\b", re.IGNORECASE)
# Letters of the short forms in a wrong order.
TURNED = {
    "tsbp": "tbsp",
    "tbps": "tbsp",
    "tpsb": "tbsp",
    "tspb": "tbsp",
    "tpbs": "tbsp",
    "tps": "tsp",
}
SPOONS = ("tablespoon", "tablespoons", "teaspoon", "teaspoons")
# Needs no rewriting: "2 cups flour, sifted", "1 1/2 tablespoons olive oil".
PLAIN = re.compile(
    r"^[1-9]\d{0,2}(?: [1-9]/\d)? (?:cups?|tablespoons?|teaspoons?|tbsp|tsp|ounces?|pounds?|large"
    r"|medium|small|cloves?|g|ml) (?!(?:and|plus|thumb)\b)[A-Za-z ,-]+$"
)


def spelled(line: str) -> str:
    """A clean *line* with its amounts reworded where the parser would misread them."""
    if PLAIN.match(line):
        return line
    for signs, pattern, by in ORDINARY:
        if not signs or any(sign in line for sign in signs):
            line = pattern.sub(by, line)
    line = in_digits(line)
    line = SPOON.sub(_spoon, line)
    return " ".join(line.split())


def _spoon(match: re.Match[str]) -> str:
    """The spoon that a misspelt word means ("tablespoos"), or the word as it is."""
    word = match[1].casefold()
    if len(word) < 6 or word in SPOONS:
        return TURNED.get(word.removesuffix("s"), TURNED.get(word, match[0]))
    near = difflib.get_close_matches(word, SPOONS, n=1, cutoff=0.84)
    return near[0] if near else match[0]
