"""Whether a line is written in a language that the engine was never taught, and in which.

By script where the letters are not Latin; else by evidence in words: measures of other languages
right after a number ("2 EL", "1 cuillère"), staple foods and cooking words without an English
reading, function words. English measures and words speak against it, for English recipes are full
of foreign names ("crème fraîche", "herbes de Provence"). A line without evidence is taken for
English. The words were written down from cookery vocabulary, not taken from a data set.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from nutrition.lines.vocabulary import AFTER_NUMBER, COMPOUNDS, ENGLISH, FUNCTION, LETTERS, STAPLES

# Evidence needed: one measure or staple that no English line has, or two lesser signs.
ENOUGH = 2
UNKNOWN = "und"  # ISO 639: undetermined

WORD = re.compile(r"[^\W\d_]+(?:[.'’][^\W\d_]+)*")
MEASURE = re.compile(r"[\d½¼¾⅓⅔⅛][\d.,/½¼¾⅓⅔ -]*(?P<word>[^\W\d_]+(?:\.[ ]?[^\W\d_]+)*)")
METRIC = re.compile(r"\d\s?(?:cc|ml|dl|kg|g|l|cm)\b", re.IGNORECASE)
ENDINGS = tuple(ending for ending, _ in COMPOUNDS)
# By the first word of a letter's Unicode name.
SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
URDU = frozenset("ٹڈڑںےہھ")
PERSIAN = frozenset("پچژگ")
UKRAINIAN = frozenset("іїєґІЇЄҐ")


def of(line: str) -> str:
    """The ISO 639-1 code of the language of *line*, "und" for one without a name here.

    "" where it is English, or could be.
    """
    if not line.isascii() and (script := _by_script(line)):
        return script
    said: Counter[str] = Counter()
    english = 0
    if not line.isascii():
        said.update(LETTERS[letter] for letter in set(line.casefold()) & LETTERS.keys())
    for word in dict.fromkeys(WORD.findall(line.casefold())):
        if word in ENGLISH:
            english += 1
            continue
        for table, weight in ((STAPLES, 2), (FUNCTION, 1)):
            for language in table.get(word, ()):
                said[language] += weight
        if len(word) > 6 and word.endswith(ENDINGS) and word not in STAPLES:
            for ending, languages in COMPOUNDS:
                if word.endswith(ending):
                    said.update(languages)
                    said.update(languages)
                    break
    for match in MEASURE.finditer(line):
        word = match["word"]
        short = word.partition(".")[0]
        for language in AFTER_NUMBER.get(_measure(word)) or AFTER_NUMBER.get(_measure(short), ()):
            said[language] += 2
    if not said:
        return ""
    language, weight = said.most_common(1)[0]
    return language if weight - 2 * english >= ENOUGH else ""


def _measure(word: str) -> str:
    """Short measures as they are written, for case tells ("EL" is German, "el" Dutch)."""
    return word if len(word) <= 2 else word.casefold()


def _by_script(line: str) -> str:
    """The language of a line most of whose letters are not Latin, else ""."""
    found: Counter[str] = Counter()
    letters = 0
    for character in METRIC.sub("", line):
        if character.isalpha():
            letters += 1
            if character > "\u036f":
                found[unicodedata.name(character, "").split(" ", 1)[0].split("-")[0]] += 1
    for latin in ("LATIN", "FEMININE", "MASCULINE", "FULLWIDTH"):
        found.pop(latin, None)
    if not found or found.total() * 2 < letters:
        return ""
    if found["HIRAGANA"] or found["KATAKANA"]:
        return "ja"
    language = SCRIPTS.get(found.most_common(1)[0][0], UNKNOWN)
    characters = set(line)
    if language == "ar":
        return "ur" if characters & URDU else "fa" if characters & PERSIAN else "ar"
    return "uk" if language == "ru" and characters & UKRAINIAN else language
