"""Food names as words that can be compared: folded, in the singular, one word for one meaning.

The same function reads what a cook wrote ("Fat-free Crème fraîche, unsalted") and what SR28 wrote
("Cream, fluid, nonfat, without salt"), so a phrase that means the same becomes the same word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# What a negation or a compound turns into. Applied in order, to folded text; SR28's wording first.
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), replacement)
    for pattern, replacement in (
        (r"without (?:added )?salt(?: added)?|no (?:added )?salt(?: added)?|salt free", "unsalted"),
        (r"low(?:er)? (?:in )?sodium|reduced sodium|low salt|less sodium", "lowsodium"),
        (r"with (?:added )?salt(?: added)?|salt added", "salted"),
        (r"not sweetened|without (?:added )?sugar|no sugar added|no added sugar", "unsweetened"),
        (r"sugar free", "sugarfree"),
        (r"fat free|non fat|nonfat|skimmed|skim|zero fat|0% fat", "nonfat"),
        (r"semi nonfat|semi skimmed|reduced fat|2 percent milk", "reducedfat"),
        (r"low fat|lowfat|light fat", "lowfat"),
        (r"full fat|whole milk|full cream", "whole milk"),
        (r"without skin|skin removed|meat only|no skin|skin ?less", "skinless"),
        (r"meat and skin|with skin|skin on", "withskin"),
        (r"bone ?less|without bone|bone removed", "boneless"),
        (r"bone in|with bone", "bonein"),
        (r"uncooked|unprepared|unheated|fresh|freshly", "raw"),
        (r"dry|dehydrated|desiccated|freeze dried", "dried"),
        (r"sun ?dried", "sundried"),
        (r"tinned|tin|can|bottled", "canned"),
        (r"all purpose|plain flour", "allpurpose flour"),
        (r"self (?:rising|raising)", "selfrising"),
        (r"half (?:and|n) half", "halfandhalf"),
        (r"bread ?crumbs?", "bread crumb"),
        (r"butter ?milk", "buttermilk"),
        (r"corn ?(?:starch|flour)", "cornstarch"),
        (r"corn ?meal", "cornmeal"),
        (r"sweet ?corn", "corn sweet"),
        (r"(?:confectioners?|icing|powder) sugar", "powdered sugar"),
        (r"caster sugar|castor sugar|superfine sugar|white sugar", "granulated sugar"),
        (r"bell peppers?|capsicums?", "sweet pepper"),
        (r"chil(?:i|li|e) peppers?|chil(?:i|li|e)s?|chillies", "hot chili pepper"),
        (r"spring onions?|green onions?|salad onions?|scallions?", "scallion spring onion"),
        (r"aubergines?", "eggplant"),
        (r"courgettes?", "zucchini squash summer"),
        (r"prawns?", "shrimp"),
        (r"minced? (beef|pork|lamb|turkey|chicken|veal)", r"ground \1"),
        (r"(beef|pork|lamb|turkey|chicken|veal) mince", r"ground \1"),
        (r"(?:tomato )?ketchup|catsup", "catsup"),
        (r"mayo", "mayonnaise"),
        (r"wholemeal|whole ?wheat|whole grain|wholewheat", "wholegrain wheat"),
        (r"rapeseed", "canola"),
        (r"groundnut", "peanut"),
        (r"yoghurt|yogourt", "yogurt"),
        (r"swedes?", "rutabaga"),
        (r"beetroots?", "beet"),
        (r"garbanzos?(?: beans?)?|chick peas?", "chickpea"),
        (r"mangetouts?|snow peas?|sugar snaps?(?: peas?)?", "edible podded pea"),
        (r"(?:tortilla|corn) chips", "tortilla chip"),
        (r"jell ?o", "flavored gelatin dessert"),
        (r"semi sweet", "semisweet"),
        (r"old fashioned", "rolled"),
    )
)


def word_set(text: str) -> frozenset[str]:
    """The words of *text* as a set: for tables that read better as a line than as a list."""
    return frozenset(text.split())


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
    using used not no if then like"""
)

IRREGULAR = {
    "leaves": "leaf",
    "halves": "half",
    "loaves": "loaf",
    "calves": "calf",
    "geese": "goose",
    "feet": "foot",
    "anchovies": "anchovy",
    "cookies": "cookie",
    "brownies": "brownie",
    "pies": "pie",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "mangoes": "mango",
    "molasses": "molasses",
    "hummus": "hummus",
    "asparagus": "asparagus",
    "couscous": "couscous",
    "swiss": "swiss",
    "brussels": "brussels",
    "grits": "grits",
    "oats": "oat",
    "lentils": "lentil",
    "powder": "powder",
    "powdered": "powder",
    "shredded": "shredded",
}

WORD = re.compile(r"\d+(?:\.\d+)?\s?(?:%|percent\b)|[a-z]+(?:'[a-z]+)?")


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """A plain singular: "berries" → "berry", "radishes" → "radish", "chives" → "chive"."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def fold(text: str) -> str:
    """Lower case without accents, hyphens and apostrophes: "Crème-fraîche" → "creme fraiche"."""
    plain = text.casefold().replace("’", "'")
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = plain.replace("'s", "").replace("s'", "s")
    return re.sub(r"[-_/&]+", " ", plain)


# SR28 and cooks repeat themselves ("raw", "cup, chopped"): 57,000 parts hold 13,000 different ones.
@lru_cache(maxsize=16_384)
def words(text: str) -> tuple[str, ...]:
    """The words of a name in order, folded and in the singular. Percentages stay ("2%")."""
    folded = fold(text)
    for pattern, replacement in PHRASES:
        folded = pattern.sub(replacement, folded)
    found = []
    for match in WORD.finditer(folded):
        word = match.group()
        if word[0].isdigit():
            found.append(re.sub(r"\s?(?:%|percent)", "%", word))
        else:
            found.append(singular(word.replace("'", "")))
    return tuple(found)


def query_words(text: str) -> list[str]:
    """The words of a cook's name that tell which food it is: `words` without `NOISE`, each once.

    A name made of noise alone ("topping") keeps all its words.
    """
    found = list(dict.fromkeys(words(text)))
    telling = [word for word in found if word not in NOISE]
    return telling or found
