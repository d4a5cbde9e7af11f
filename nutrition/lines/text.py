"""Clean text for the line parser: first without what is no text, then in wording that it knows.

`clean` takes out what web pages leave behind: markup, entities, bullets, checkboxes, numbering,
footnote marks, prices, emoji. `spelled` rewrites amounts that the trained parser misreads, found by
comparing it with labelled lines: "half a", "1-1/2", "1,5 kg", "2 T.", "a couple of", 3" and so on.
Neither touches the words of a food.
"""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Callable

# Longer text is no ingredient line; what follows is not read (and the parser's time is bounded).
MAX_CHARACTERS = 400

TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
BULLET = re.compile(
    r"^(?:[•●▪◦‣∙·*–—+~_>»]+\s*|-+\s+|--+\s*|[\[(]\s?[xX✓✔]?\s?[\])]\s*|[☐□✓✔▢]\s*|-(?=[A-Za-z]))+"
)
NUMBERED = re.compile(r"^(?:\(?\d{1,2}\)|\d{1,2}\.)\s+(?=[\d½¼¾⅓⅔⅛]|an? |[A-Z])|^\d{1,2}\)\s+")
# "2 12- ounce cans": the parser knows "12-ounce".
TORN_HYPHEN = re.compile(r"(?<=\d)\s?-\s(?=(?:ounce|oz|inch|pound|lb|gram|g|ml|cup)\b)", re.I)
PRICE = re.compile(r"\(?\s?[$£€]\s?\d+(?:[.,]\d{1,2})?(?: ?(?:each|/ ?\w+))?\s?\)?(?![\w$])")
FOOTNOTE = re.compile(r"(?<=[a-zA-Z)])(?:[¹²³⁴-⁹†‡§]+|\s?\*+|\s?\[\w{1,2}\]|\s?\(\*+\))")
NOTE = re.compile(
    r"\(?\[?\*?\b(?:see )?(?:recipe )?(?:foot)?notes? ?(?:\d+[a-z]?|below|above)?"
    r"(?=[)\].,;]|$)\]?\)?"
    r"|\(?\*?\bsee (?:the )?(?:recipe |my )?(?:notes?|tips?|recipe)\b[^)]{0,24}(?:\)|$)",
    re.IGNORECASE,
)
SMALL_FRACTION = re.compile(r"([⁰¹²³⁴-⁹]+)\s?[⁄/]\s?([₀-₉]+)")
SMALL_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
QUOTES = str.maketrans({"“": '"', "”": '"', "″": '"', "’": "'", "‘": "'", "´": "'", "`": "'"})

NUMBER = r"[\d½¼¾⅓⅔⅛⅜⅝⅞⅙⅚⅕⅖⅗⅘]"
Rules = tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]

# Measures that a bare "half" or "quarter" may stand before.
MEASURES = (
    r"(?:dozen|cups?|pounds?|lbs?|pints?|quarts?|gallons?|teaspoons?|tsps?|tablespoons?|tbsps?|ounces?"
    r"|oz|sticks?|heads?|bunch(?:es)?|cans?|packages?|pkgs?|packets?|kilos?|kg|lit(?:er|re)s?|inch"
    r"|bags?|jars?|box(?:es)?|loaf|cloves?|fl|handfuls?)\b"
)
ORDINARY: Rules = (
    # 1,5 kg; 1,000 g; 0,125 l
    (re.compile(r"(?<![\d,.])(0),(\d+)(?![\d,])"), r"\1.\2"),
    (re.compile(r"(?<![\d,.])(\d+),(\d{3})(?![\d,])"), r"\1\2"),
    (re.compile(r"(?<![\d,.])(\d+),(\d{1,2})(?![\d,])"), r"\1.\2"),
    # 1-1/2 and 1-½ are mixed numbers (a range would fall); 1 & 1/2 likewise
    (re.compile(r"(?<![\d/.-])(\d+)(?:\s?-|\s?&\s?|\s?\+\s?)(?=([1-9])/(\d)\b)"), r"\1 "),
    (re.compile(r"(?<![\d/.-])(\d+)(?:-|\s?&\s?| and )(?=[½¼¾⅓⅔⅛⅜⅝⅞])"), r"\1 "),
    (re.compile(r"\s*/\s*(?=\d)(?<=\d/)|(?<=\d)\s+/(?=\d\b)"), "/"),
    # 3" and 2-3'' are inches
    (re.compile(rf"(?<={NUMBER})\s?(?:\"|'')(?=[\s,)x×-]|$)-?"), " inch "),
    (re.compile(rf"({NUMBER})\s?[x×]\s?(?=\d)"), r"\1 x "),
    (re.compile(r"(?<=[a-z])\((e?s)\)", re.I), r"\1"),
    # Scant 2 cups: how the cup is filled says nothing that weighs
    (
        re.compile(
            rf"^(?:scant|heap(?:ing|ed)|level|rounded|full|good|generous) (?={NUMBER})", re.I
        ),
        "",
    ),
    # Temperatures are no amounts: 80F (26C), 350 °F
    (re.compile(r"\([^()]*\b\d{2,3}\s?(?:°|º|degrees?\b)[^()]*\)", re.I), " "),
    (
        re.compile(
            r"\(?\b\d{2,3}\s?(?:°|º|degrees?\b)\s?[FC]?\b\)?|\b\d{2,3}\s?F\b(?:\s?[(/]\s?\d{2,3}\s?C\)?)?"
        ),
        " ",
    ),
    # 2 T. sugar, 1 t salt, 1 c. flour: only here does the case tell
    (re.compile(rf"(?<={NUMBER})\s?T(?:bl)?\b\.?(?![-'\w])"), " tbsp"),
    (re.compile(rf"(?<={NUMBER})\s?t\b\.?(?![-'\w])"), " tsp"),
    (re.compile(rf"(?<={NUMBER})\s?[cC]\b\.?(?![-'\w])"), " cup"),
    (re.compile(rf"(?<={NUMBER})\s?(?:fl\.\s?oz|fl\.?\s?ozs?|floz)\b\.?", re.I), " fl oz"),
    # 8 1/2-inch slices are eight, half an inch thick
    (
        re.compile(
            r"^(\d+) (\d/\d|[½¼¾])[- ]inch[- ](?:(?:thick|thin|round)[- ])?"
            r"(?=(?:slices|pieces|rounds|cubes|strips|wedges|sticks|steaks|medallions|chunks)\b)",
            re.I,
        ),
        r"\1 (\2 inch) ",
    ),
    # Ground meat by its lean and fat parts: 80/20
    (
        re.compile(
            r"(?<![\d/])\(?([5-9]\d) ?[/%] ?(?:lean ?)?([1-4]\d|\d)\b(?!/|\d)(?: fat)?\)?(?= |$)"
        ),
        lambda m: f"{m[1]}% lean" if int(m[1]) + int(m[2]) == 100 else m[0],
    ),
    (re.compile(rf"(?<={NUMBER})\s?#(?=\s)"), " lb"),
    (re.compile(rf"(?<={NUMBER})\s?grs?\b\.?"), " g"),
    (re.compile(rf"(?<={NUMBER})(?=(?:dl|cl|gms?|kgs|mls|kilos?)\b)", re.I), " "),
    (re.compile(rf"(?<={NUMBER})\s?(?:pkgs?|pkts?|pks?)\b\.?", re.I), " package"),
    (re.compile(rf"(?<={NUMBER} )lg\b\.?", re.I), "large"),
    (re.compile(rf"(?<={NUMBER} )med\b\.?", re.I), "medium"),
    (re.compile(rf"(?<={NUMBER} )sm\b\.?", re.I), "small"),
    # 2 pounds, 4 ounces; 1 lb and 2 oz: the parser adds what stands side by side
    (
        re.compile(
            r"(\d (?:lbs?|pounds?|kg))\.?(?:,| and| &) "
            r"(?=\d+(?:\.\d+)? ?(?:ounces?|oz|g|grams?)\b)",
            re.I,
        ),
        r"\1 ",
    ),
)
UNITS = {"one": "1", "two": "2", "three": "3", "four": "4"}


def _and(fraction: str) -> Callable[[re.Match[str]], str]:
    """The mixed number of "one and a half"."""
    return lambda match: f"{UNITS.get(match[1].casefold(), match[1])} {fraction}"


WORDS: Rules = (
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
WORDED = re.compile(r"\b(?:half|quarters?|thirds?|couple|few|twenty|thumb|an?)", re.IGNORECASE)
SPOON = re.compile(rf"(?<={NUMBER} )(t[a-z]*s[a-z]*p[a-z]*|t[a-z]*p[a-z]*s[a-z]*)\b", re.IGNORECASE)
SPOONS = ("tablespoon", "tablespoons", "teaspoon", "teaspoons")


# Needs no rewriting: "2 cups flour, sifted", "1 1/2 tablespoons olive oil".
PLAIN = re.compile(
    r"^[1-9]\d{0,2}(?: [1-9]/\d)? (?:cups?|tablespoons?|teaspoons?|tbsp|tsp|ounces?|pounds?|large"
    r"|medium|small|cloves?|g|ml) (?!(?:and|plus|thumb)\b)[A-Za-z ,-]+$"
)


def clean(text: str) -> str:
    """One line of printable text, markup, bullets, marks and prices off, at most 400 characters."""
    line = text[: 4 * MAX_CHARACTERS]
    if "&" in line:
        line = html.unescape(line)
    if "<" in line:
        line = TAG.sub(" ", line)
    if not (line.isascii() and line.isprintable()):
        line = _printable(line)
    line = " ".join(line.split())
    line = NUMBERED.sub("", BULLET.sub("", line))
    line = FOOTNOTE.sub("", PRICE.sub("", line))
    if "ote" in line or "OTE" in line or "ee " in line:
        line = NOTE.sub("", line)
    line = TORN_HYPHEN.sub("-", line)
    return " ".join(line.split())[:MAX_CHARACTERS].strip()


def _printable(line: str) -> str:
    line = unicodedata.normalize("NFC", line).translate(FULL_WIDTH).translate(QUOTES)
    line = SMALL_FRACTION.sub(lambda m: f" {m[1]}/{m[2]}".translate(SMALL_DIGITS), line)
    return "".join(map(_kept, line.replace("⁄", "/").replace("∕", "/")))


def _kept(character: str) -> str:
    """The character, a blank for a control or a symbol, nothing for a mark that joins words."""
    if character in "®™©\u200d\ufe0f":
        return ""
    category = unicodedata.category(character)
    symbol = category == "So" and character not in "°▢□☐"
    return " " if category[0] in "CZ" or symbol else character


def spelled(line: str) -> str:
    """*line* with its amounts in a wording that the parser reads right."""
    if PLAIN.match(line):
        return line
    for pattern, by in ORDINARY:
        line = pattern.sub(by, line)
    if WORDED.search(line):
        for pattern, by in WORDS:
            line = pattern.sub(by, line)
    line = SPOON.sub(_spoon, line)
    return " ".join(line.split())


def _spoon(match: re.Match[str]) -> str:
    """The spoon that a misspelt word means ("tablespoos"), or the word as it is."""
    word = match[1].casefold()
    if len(word) < 6 or word in SPOONS:
        return match[0]
    near = difflib.get_close_matches(word, SPOONS, n=1, cutoff=0.84)
    return near[0] if near else match[0]
