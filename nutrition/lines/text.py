"""One line of plain text from whatever a web page or a pasted recipe holds.

Out go markup, entities, bullets, checkboxes, numbering, footnote marks, notes, prices, emoji and
control characters; the words of the food stay as they are.
"""

from __future__ import annotations

import html
import re
import unicodedata

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
FOOTNOTE = re.compile(r"(?<=[a-zA-Z)])(?:[¹²³⁴-⁹†‡§]+|\s?\[\w{1,2}\]|\s?\(\*+\))")
ASTERISK = re.compile(r"\(?\*+\)?(?!\s?\d)|(?<![\d\s])\*+")
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
    if "*" in line:
        line = ASTERISK.sub("", line)
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
