"""How foods are worded: the texts that search reads, and how common a food is.

SR28 writes "Egg, whole, raw, fresh": the first segment names the food, later ones narrow it
down. Some foods stand behind the name of their shelf instead: "Fish, salmon, Atlantic, wild, raw".
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from nutrition.foods import aliases

#: First segments that name a shelf: what follows is the food itself ("Nuts, almonds"). Not what is
#: made of the thing that follows: "Oil, almond" is no almond, "Bread, potato" no potato.
SHELVES = frozenset(
    (
        *("alcoholic beverage", "beans", "beverages", "candies", "cereals"),
        *("cereals ready-to-eat", "cheese", "crustaceans", "fish", "game meat"),
        *("leavening agents", "mollusks", "mushrooms", "nuts", "peppers"),
        *("salad dressing", "sauce", "seeds", "snacks", "spices"),
        *("squash", "sweeteners"),
    )
)

#: Added to a food's commonness for its group: shelves that people seldom mean by a bare name.
GROUP_COMMONNESS: Mapping[str, float] = {
    "0300": -1.5,  # baby foods
    "2100": -1.0,  # fast foods
    "2200": -0.6,  # ready meals
    "2500": -0.3,  # snacks
    "3500": -0.8,  # American Indian and Alaska Native foods
    "3600": -1.0,  # restaurant foods
}

#: Words that mark a special form: unmarked means the common form.
MARKED = frozenset(
    (
        *("added", "alaska", "backfat", "baked", "battered", "breaded"),
        *("canned", "cocoa", "concentrate", "cooked", "dehydrated", "dietetic"),
        *("dried", "dry", "drained", "drippings", "fat", "filled"),
        *("fortified", "free", "freeze", "fried", "frozen", "glutinous"),
        *("imitation", "industrial", "infant", "instant", "jowl", "low"),
        *("lowfat", "microwaved", "mix", "nonfat", "powder", "powdered"),
        *("prepared", "reduced", "roasted", "shortening", "skin", "smoked"),
        *("sodium", "solution", "substitute", "sweetened", "toasted", "unprepared"),
        *("variety", "vegetarian", "wild"),
    )
)


def fold(text: str) -> str:
    """Lower case, no accents, letters, digits and single spaces: "Crème brûlée!" → creme brulee.

    Anything may come in: NUL bytes, emoji and lone surrogates fall out.
    """
    plain = text.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain))


def segments(name: str) -> list[str]:
    """The parts of a food's name between commas, what stands in brackets left out."""
    return [part.strip() for part in re.sub(r"\([^)]*\)", " ", name).split(",")]


def heads(name: str) -> list[str]:
    """The texts that, asked for by themselves, mean this food.

    "Nuts, almonds": nuts; nuts almonds; and almonds, since Nuts is a shelf.
    """
    parts = [fold(part) for part in segments(name)]
    found = [parts[0], " ".join(parts[:2])]
    if segments(name)[0].lower() in SHELVES and len(parts) > 1:
        found.append(parts[1])
    return list(dict.fromkeys(found))


def weighted(name: str) -> tuple[str, str, str]:
    """The name as three texts of falling weight: what it is, which one, and in what state."""
    parts = segments(name)
    first = 2 if parts[0].lower() in SHELVES else 1
    bracketed = re.findall(r"\(([^)]*)\)", name)
    texts = parts[:first], parts[first : first + 1], parts[first + 1 :] + bracketed
    a, b, c = (fold(" ".join(text)) for text in texts)
    return a, b, c


def commonness(
    name: str, *, group: str, branded: bool, in_survey: bool, portions: int, data_points: int
) -> float:
    """How likely a bare word means this food, about -3 to 3, from SR28's own evidence.

    USDA samples and weighs what people eat: it keeps those foods complete for its survey, analyses
    them most and gives them most portions. Brands and marked forms are seldom meant by a bare name.
    """
    words = fold(name).split()
    # SR28 writes brand names in capitals: "KELLOGG'S", "CAMPBELL'S".
    shouted = re.search(r"\b[A-Z][A-Z']{3,}", name) is not None
    marks = sum(word in MARKED for word in words)
    return (
        0.5 * in_survey
        + 0.1 * math.log1p(data_points)
        + 0.2 * math.log1p(portions)
        + 0.4 * ("raw" in words or "fresh" in words)
        - 0.3 * min(marks, 4)
        - 1.0 * (branded or shouted)
        + GROUP_COMMONNESS.get(group, 0.0)
    )


def aliases_beside(archive: Path) -> str:
    """The everyday names of a catalogue file's foods, all files together; "" where there are none.

    They lie in a folder beside it (see `nutrition.foods.aliases`).
    """
    files = aliases.files(archive.with_name("food_aliases"))
    return "\n".join(file.read_text("utf-8") for file in files)
