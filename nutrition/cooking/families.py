"""Which family of USDA's retention table a food belongs to, and whether it is still raw.

By the food's group and the words of its SR28 name, which USDA writes in a fixed vocabulary. A food
that is cooked, canned or ready to eat belongs to none: its values are of the food as eaten, and a
factor for cooking would take the same loss twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nutrition.catalogue import Food

COOKED = re.compile(
    r"\b(?:cooked|boiled|baked|roasted|broiled|grilled|braised|stewed|simmered|steamed|fried|"
    r"poached|scrambled|omelet|microwaved|toasted|heated|reheated|pan-\w+|prepared|drained|"
    r"canned|bottled|jarred|pickled|smoked|kippered|cured, dried|dehydrated|freeze-dried|"
    r"ready-to-\w+|ready to \w+|commercial|restaurant|rotisserie|breaded|battered|luncheon|"
    r"precooked|instant|powder|sauce|juice|puree|paste|jelly|jam|soup|babyfood|substitute)\b",
    re.IGNORECASE,
)
# "Frozen, unprepared", "ham, unheated" and "raw" are all food that is still to be cooked.
RAW = re.compile(
    r"\b(?:raw|uncooked|unprepared|unheated|dry|dried|frozen|fresh|as purchased)\b", re.IGNORECASE
)
# Greens of USDA's table ("VEG, GREENS"), leaves and sea vegetables; the survey codes them so.
GREENS = re.compile(
    r"\b(?:spinach|kale|chard|collards|greens|leaves|endive|escarole|lettuce|parsley|coriander|"
    r"arugula|watercress|cress|purslane|seaweed|lambsquarters|witloof|radicchio|basil|dock|"
    r"cornsalad|mustard spinach|vinespinach|swamp cabbage|epazote|fireweed|chives|borage)\b",
    re.IGNORECASE,
)
# "VEG, ROOTS, ETC": roots, bulbs, squashes and starchy seeds; what is neither is "VEG, OTHER".
ROOTS = re.compile(
    r"\b(?:onions?|garlic|carrots?|leeks?|shallots?|squash|pumpkin|peas|corn|beets?|parsnips?|"
    r"turnips?|rutabagas?|radish(?:es)?|celeriac|ginger|taro|cassava|yautia|salsify|eggplant|"
    r"chayote|burdock|arrowroot|lotus root|jerusalem-artichokes|yambean|waterchestnuts|kohlrabi|"
    r"lima beans|cowpeas|soybeans|edamame|broadbeans|succotash|artichokes|chicory roots|wasabi|"
    r"waxgourd|gourd|okra|arrowhead|pigeonpeas|winged bean tuber|mountain yam)\b",
    re.IGNORECASE,
)
LONG = re.compile(r"chickpea|broadbean|fava|soybean|lupin|hyacinth", re.IGNORECASE)
SHORT = re.compile(r"lentil|split|mung|mungo|pigeon", re.IGNORECASE)
ORGANS = re.compile(
    r"\b(?:heart|kidneys?|gizzard|giblets|brain|tongue|spleen|lungs?|tripe|pancreas|thymus|"
    r"stomach|chitterlings|variety meats|sweetbread|feet|tail|ears)\b",
    re.IGNORECASE,
)


def family(food: Food, fat: float) -> str:
    """The food's family, a key of `choose.TABLE`; "" where none applies.

    fat: its g of fat per 100 g, which parts lean fish from fatty; NaN counts as lean.
    """
    name = food.name
    of_group = _BY_GROUP.get(food.group_code)
    if of_group is None or COOKED.search(name):
        return ""
    return of_group(name, fat)


def _dairy(name: str, fat: float) -> str:
    # Milk, cheese and eggs have rows of their own for food that is eaten as it is sold.
    head = name.casefold()
    if head.startswith("egg"):
        return "egg" if RAW.search(name) else ""
    if head.startswith("cheese") and "food" not in head and "spread" not in head:
        return "cheese"
    return "milk" if head.startswith(("milk, ", "cream, fluid")) else ""


def _poultry(name: str, fat: float) -> str:
    if not RAW.search(name):
        return ""
    head = name.casefold()
    if "liver" in head:
        return "liver"
    if ORGANS.search(name) and "meat and skin" not in head:
        return "organ"  # but a bird with its giblets is a bird
    if "gravy" in head or "patty" in head:
        return ""
    return "turkey" if "turkey" in head else "chicken"


def _sausage(name: str, fat: float) -> str:
    head = name.casefold()
    if "unheated" in head or "frankfurter" in head:
        return "frankfurter" if "unheated" in head else ""
    raw = re.search(r"\b(?:raw|unprepared|uncooked)\b|, fresh", head)
    return "raw sausage" if raw else ""


def _fruit(name: str, fat: float) -> str:
    if re.search(r"\b(?:lemons?|limes?|oranges?|grapefruit|tangerines?|kumquats?)\b", name, re.I):
        return "citrus" if RAW.search(name) else ""
    if re.search(r"\b(?:raisins|dates|dried|prunes)\b", name, re.I):
        return "dried fruit"
    return "fruit" if RAW.search(name) else ""


def _pork(name: str, fat: float) -> str:
    head = name.casefold()
    if "bacon" in head and "canadian" not in head:
        return "bacon" if RAW.search(name) else ""
    if not RAW.search(re.sub(r"pork, fresh", "", head)):
        return ""
    if "liver" in head:
        return "liver"
    if head.startswith(("pork, cured", "canadian bacon")):
        return "ham"
    if ORGANS.search(name):
        return "organ"
    return "ground pork" if "ground" in head else "pork"


def _vegetable(name: str, fat: float) -> str:
    head = name.casefold()
    if not RAW.search(name):
        return ""
    frozen = " frozen" if "frozen" in head else ""
    if head.startswith("potato"):
        if frozen:
            return "frozen potato"
        return "potato" if "raw" in head else ""
    if head.startswith(("sweet potato, ", "sweet potatoes, ", "yam, ")):
        return "sweet potato"
    if "tomato" in head:
        return "tomato" if "dried" not in head else ""
    if "dried" in head:
        return ""
    if GREENS.search(name):
        return "greens" + frozen
    if re.match(r"sweet potato puffs|usda commodity|onion rings", head):
        return ""
    other = "edible-podded" in head or "flowers" in head or not ROOTS.search(name)
    return ("vegetable" if other else "root") + frozen


def _nut(name: str, fat: float) -> str:
    return "" if re.search(r"\bbutter\b|flour|meal|cream|water|milk", name, re.I) else "nut"


def _red_meat(name: str, meat: str) -> str:
    """Raw meat of one animal: its liver and other organs are families of their own."""
    head = name.casefold()
    if not re.search(r"\braw\b", head):
        return ""
    if "liver" in head:
        return "liver"
    if ORGANS.search(name):
        return "organ"
    return f"ground {meat}" if "ground" in head else meat


def _beef(name: str, fat: float) -> str:
    return _red_meat(name, "beef")


def _alcohol(name: str, fat: float) -> str:
    return "alcohol" if name.casefold().startswith("alcoholic beverage") else ""


def _fish(name: str, fat: float) -> str:
    head = name.casefold()
    if not re.search(r"\braw\b|unprepared", head):
        return ""
    if head.startswith(("frog", "turtle")):
        return "frog"
    if head.startswith(("crustaceans", "mollusks")):
        return "shellfish"
    return "fatty fish" if fat > 5 else "lean fish"


def _legume(name: str, fat: float) -> str:
    if not re.search(r"\braw\b", name) or re.search(r"peanut|flour|meal\b", name, re.I):
        return ""
    if SHORT.search(name):
        return "quick legume"
    return "slow legume" if LONG.search(name) else "legume"


def _game(name: str, fat: float) -> str:
    found = _red_meat(name, "lamb")
    veal = found in ("lamb", "ground lamb") and name.casefold().startswith("veal")
    return "veal" if veal else found


def _grain(name: str, fat: float) -> str:
    head = name.casefold()
    if re.match(r"pasta|noodles|macaroni|spaghetti|rice noodles", head):
        return "pasta" if re.search(r"\bdry\b|as purchased", head) else ""
    if head.startswith(("rice, ", "wild rice")):
        return "rice" if RAW.search(name) else ""
    if re.search(r"flour|cornmeal|cornstarch|semolina|\bbran\b|germ|gluten", head):
        return "flour"
    if head == "oats":
        return "oats"
    return "cereal" if RAW.search(name) else ""


def _baking(name: str, fat: float) -> str:
    # Yeast and mixes are baked as flour is; what else the group holds is baked already.
    return "flour" if re.search(r"\byeast\b|\bdry mix\b", name) else ""


def _hot_cereal(name: str, fat: float) -> str:
    if "dry" not in name.casefold():
        return ""
    return "oats" if re.search(r"\boats\b|oatmeal", name, re.I) else "cereal"


_BY_GROUP = {
    "0100": _dairy,
    "0500": _poultry,
    "0700": _sausage,
    "0800": _hot_cereal,
    "0900": _fruit,
    "1000": _pork,
    "1100": _vegetable,
    "1200": _nut,
    "1300": _beef,
    "1400": _alcohol,
    "1500": _fish,
    "1600": _legume,
    "1700": _game,
    "1800": _baking,
    "2000": _grain,
}
