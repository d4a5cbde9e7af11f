"""Food names as words that can be compared: folded, in the singular, one word for one meaning.

The same function reads what a cook wrote ("Fat-free Crème fraîche, unsalted") and what SR28 wrote
("Cream, fluid, nonfat, without salt"), so a phrase that means the same becomes the same word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nutrition.foods.abbreviations import abbreviates, is_short_description, written_out
from nutrition.foods.phrases import SPELLINGS, meaning


def word_set(text: str) -> frozenset[str]:
    """The words of *text* as a set: for tables that read better as a line than as a list."""
    return frozenset(text.split())


# Words that join others, in USDA's short descriptions as anywhere.
JOINING = word_set("a an and the of or in to for with from on at by as")
# Words that say how much, how cut or how good, not which food.
NOISE = word_set(
    """a an and the of or in to for with from on at by as plus your into such any other about
    approx approximately more less very good quality best organic natural pure real homemade
    home made favorite favourite brand style type variety kind extra additional optional
    needed taste garnish serving serve topping finely coarsely thinly thickly roughly lightly
    well chopped diced minced cubed peeled cored seeded deseeded trimmed rinsed drained washed
    cleaned halved quartered boiling softened melted chilled cold warm hot lukewarm room temperature
    beaten divided packed heaping level scant generous large medium small big jumbo tiny thick
    thin size sized inch cm piece chunk ripe firm tender free range cage grass fed wild
    sustainably store bought leftover bite sized torn crumbled prepared preferably each per
    bag box package packet jar container bottle cup tablespoon teaspoon ounce pound gram
    handful pinch dash bunch sprig stick ball head knob recipe up one two three equivalent use
    using used not no if then like pitted stoned deveined unwaxed shucked assorted circular
    sachet pouch punnet envelope"""
)

IRREGULAR = {
    "leaves": "leaf",
    "halves": "half",
    "loaves": "loaf",
    "calves": "calf",
    "geese": "goose",
    "feet": "foot",
    "oxen": "ox",
    "anchovies": "anchovy",
    "brownies": "brownie",
    "calories": "calorie",
    "chilies": "chili",
    "chillies": "chili",
    "cookies": "cookie",
    "hoagies": "hoagie",
    "pies": "pie",
    "smoothies": "smoothie",
    "veggies": "veggie",
    "brioches": "brioche",
    "quiches": "quiche",
    "sizes": "size",
}
IRREGULAR |= {word: word for word in ("molasses", "swiss", "brussels", "grits", "series")}
# What may stand beside "peppers" and leaves them the sweet ones.
PEPPERS = word_set("pepper red green yellow orange mixed color raw frozen canned roasted grilled")
# Letters that are no letter with an accent.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "’": "'", "™": " ", "®": " "})

# "Baker's", "ladies'"; a word in quotation marks ("'streaky' bacon") keeps its first letter.
POSSESSIVE = re.compile(r"(?<=\w)'s|(?<=s)'")

# "2%", "2 percent", "80/20" (lean and fat), the 1/8" of "trimmed to 1/8" fat", "w/o", "h2o", words.
TOKEN = re.compile(
    r"""(?P<leanness>[6-9]\d)\s?(?:%|percent\b)[\s-]fat[\s-]free\b
    |(?P<percent>(?<!\d)\d+(?:\.\d+)?)\s?(?:%|percent\b)
    |(?P<lean>[6-9]\d)/(?P<fat>[1-4]\d?)\b(?!/)
    |(?P<inches>(?<![\d/])\d[\d/]*")(?=\s?fa?t?\b)
    |(?P<without>w/o\b|wo/)|(?P<with>w/)
    |h2o|[a-z]+(?:'[a-z]+)?""",
    re.VERBOSE,
)


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """A plain singular: "berries" → "berry", "radishes" → "radish", "chives" → "chive"."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word.endswith(("ss", "us")):
        return word
    if word.endswith("is"):
        # "kiwis", "chilis", "zucchinis"; but "basis" and "cassis".
        return word[:-1] if len(word) > 4 and word[-3] in "knltw" else word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def fold(text: str) -> str:
    """Lower case without accents and possessives: "Crème de l’Alsace's" → "creme de l'alsace"."""
    plain = text.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain.translate(LIGATURES))
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return POSSESSIVE.sub("", plain) if "'" in plain else plain


def _token(match: re.Match[str]) -> tuple[str, ...]:
    kind = match.lastgroup
    if kind is None:
        return (match.group().replace("'", ""),)
    if kind == "percent":
        return (f"{match['percent']}%",)
    if kind == "leanness":
        return (f"{match['leanness']}%", "lean")
    if kind == "fat":
        # Ground meat of "80/20"; other pairs ("60/90") say nothing about a food.
        lean, fat = int(match["lean"]), int(match["fat"])
        return (f"{lean}%", "lean") if lean + fat == 100 else ()
    return (match["inches"],) if kind == "inches" else (kind,)


# SR28 and cooks repeat themselves ("raw", "cup, chopped"): 57,000 parts hold 13,000 different ones.
@lru_cache(maxsize=16_384)
def words(text: str) -> tuple[str, ...]:
    """The words of a name in order, folded and in the singular. Percentages stay ("2%").

    Phrases of one meaning are the same words, and USDA's abbreviations are written out.
    """
    folded = fold(text)
    tokens = [token for match in TOKEN.finditer(folded) for token in _token(match)]
    plain = written_out(tokens, is_short_description(folded))
    single = [singular(token) for token in plain]
    return tuple(meaning([SPELLINGS.get(token, token) for token in single]))


def query_words(text: str) -> list[str]:
    """The words of a cook's name that tell which food it is: `words` without `NOISE`, each once.

    A name made of noise alone ("topping") keeps all its words. Of USDA's short descriptions every
    word tells, but those that join others.
    """
    found = list(dict.fromkeys(words(text)))
    noise = JOINING if abbreviates(text.casefold()) else NOISE
    telling = [word for word in found if word.removeprefix("no-") not in noise]
    if "pepper" in telling and PEPPERS.issuperset(telling) and "peppers" in text.casefold():
        # A pepper may be the spice; peppers, of no kind that is hot, are the vegetable.
        telling.append("sweet")
    return telling or found
