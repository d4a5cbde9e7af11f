"""What of the ingredients is not eaten: frying oil, marinade, brine, cooking water, spare flour.

Decided from the lines and the title alone, in shares of the other ingredients' weight, so that
twice the recipe discards twice as much (only oil whose purpose nobody says must also be a cup at
least). Every share below 1 comes with its assumption in words. Nothing is discarded unless a line
says its purpose, a spice is whole, or nothing else explains so much oil.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nutrition.cooking.pieces import Piece

# Of 148 fried foods in USDA's FNDDS 2.0 (MoistureFatAdj) the fat taken up is 8 % of the weight of
# what went into the oil in the middle, 5 % at the first quartile and 24 % at most (churros).
TAKEN_UP = 0.08
# A recipe lists also what never sees the oil (glaze, filling, sauce): hence the lower quartile.
LEAST_TAKEN_UP = 0.05
MOST_TAKEN_UP = 0.24
# Between them a tenth of the oil bath, the share that recipe publishers reckon with.
OF_THE_BATH = 0.10
# Oil that weighs more than this share of the other ingredients is a bath, less is a pan's.
BATH_FROM = 0.3
# A line that does not say what its oil is for: so much of the others' weight is a bath, provided
# that the recipe holds something to fry; less where the title says that it is fried. Cakes, crusts
# and cookies stay under 0.45; mayonnaise and dressings hold nothing to fry.
UNSAID_FROM = 0.5
FRIED_FROM = 0.2
# A bath has a depth: nobody fries in one of less than a cup.
LEAST_BATH_GRAMS = 200
# Shares of the food lines that must have a weight before the weight of "the others" is believed.
WHOLE_FROM = 0.85
MOSTLY_FROM = 0.6
# Meat takes up about a tenth of its weight in a marinade or brine.
MARINADE_TAKEN_UP = 0.10
# Of a brine whose water is not among the lines the salt alone would seem to be all taken up.
MOST_OF_BRINE = 0.10
# 100 g of pasta takes up 135 g of the usual litre of water (SR28's water before and after).
OF_COOKING_WATER = 0.15
# Flour for dredging or coating: what stays on the plate.
OF_DREDGING = 0.5
# To fry is a food of these groups: poultry, sausage, pork, beef, fish, legumes, game, baked
# products, grains, meals; and potatoes. Other vegetables in much oil are as often steeped as fried.
FRYABLE = frozenset(
    {"0500", "0700", "1000", "1300", "1500", "1600", "1700", "1800", "2000", "2200"}
)
# Less than this share of the other ingredients is seasoning, not something to fry.
FRYABLE_FROM = 0.25

SPARE = re.compile(r"\b(?:extra|more|additional|another|some|little)\b", re.IGNORECASE)
FRIED = re.compile(
    r"\b(?:(?:deep[- ]?)?fried|fritters?|dough?nuts?|donuts?|beignets?|churros?|tempura|pakoras?|"
    r"bhajis?|samosas?|falafel|hush ?pupp(?:y|ies)|zeppole|funnel cakes?|schnitzel|katsu|"
    r"tonkatsu|karaage|croquettes?|corn ?dogs?|egg rolls?|wontons?|sopaipillas?|loukoumades|"
    r"crullers?|bu[ñn]uelos?|jalebi|vadas?|french fries|onion rings)\b",
    re.IGNORECASE,
)
NOT_FRIED = re.compile(
    r"\b(?:air|oven|stir|pan|re)[- ]?fried|\bfried (?:rice|eggs?)\b|\bbaked\b|"
    r"\b(?:confit|mayonnaise|mayo|aioli|dressing|vinaigrette|pesto|marinade|chimichurri|"
    r"infused|oil|crisp|macha|marinated|pickled|preserved|escabeche|tapenade|dip|spread|relish|"
    r"hummus|paste|sauce|salsa|crust|crackers|cookies|cake|salad)\b",
    re.IGNORECASE,
)
FRYING_OIL = re.compile(r"\bfrying oil\b|\boil for (?:deep[- ])?frying\b", re.IGNORECASE)
DREDGED = re.compile(r"\b(?:dredg|coat|flouring)", re.IGNORECASE)
FLOURS = re.compile(r"flour|cornstarch|cornmeal|crumbs|semolina|cracker", re.IGNORECASE)
GROUND = re.compile(r"\b(?:ground|crumbled|powder(?:ed)?|crushed)\b", re.IGNORECASE)
STICKS = re.compile(r"\b(?:sticks?|quills?|bark)\b", re.IGNORECASE)

# All of it is eaten, and no reason is needed.
ALL = (1.0, "")

# Roles of a piece.
FRYING, OIL, MARINADE, BRINE, WATER, DREDGING, REMOVED, OTHER = range(8)


def role(piece: Piece, fat: float) -> int:
    """What a piece may be to this module. fat: its food's g of fat per 100 g (NaN: unknown)."""
    food, purpose = piece.food, piece.purpose
    name = food.name
    if not piece.text:
        return OTHER  # a measured food: whoever weighs what is eaten says so
    if purpose and not _spare(piece.text):
        if purpose in ("for frying", "for deep frying") and fat >= 75:
            return FRYING
        if purpose == "for the marinade":
            return MARINADE
        if purpose == "for brine":
            return BRINE
        if purpose == "for cooking water" and name.startswith(("Salt, ", "Beverages, water")):
            return WATER
        if purpose == "for dredging" and FLOURS.search(name) and DREDGED.search(piece.text):
            return DREDGING
    if name.startswith("Oil, ") and food.group_code == "0400":
        return FRYING if FRYING_OIL.search(piece.text) else OIL
    if name == "Spices, bay leaf" and not GROUND.search(piece.text):
        return REMOVED
    if name.startswith("Spices, cinnamon") and STICKS.search(piece.text):
        return REMOVED
    return OTHER


def kept(
    pieces: Sequence[Piece], roles: Sequence[int], title: str = "", resolved: float = 1.0
) -> list[tuple[float, str]]:
    """For each piece the share of its grams that is eaten, and why where that is not all of it.

    roles: `role` of each. resolved: share of the recipe's food lines that are among the pieces;
    where it is low the weight of the others is not known, and only what a line itself says counts.
    """
    shares: list[tuple[float, str]] = [ALL] * len(pieces)
    roles = _with_unsaid(pieces, roles, title, resolved)
    if all(one in (OTHER, OIL) for one in roles):
        return shares
    weight = [0.0] * 8
    for piece, one in zip(pieces, roles, strict=True):
        if not piece.food.name.startswith("Beverages, water") or one in (BRINE, MARINADE):
            weight[one] += piece.grams
    others = weight[OTHER] + weight[OIL] + weight[DREDGING]
    of_role = {
        FRYING: _fried(weight[FRYING], others if resolved >= WHOLE_FROM else math.inf),
        MARINADE: _marinade(weight[MARINADE], others, 1.0, "marinade"),
        BRINE: _marinade(weight[BRINE], others, MOST_OF_BRINE, "brine"),
        WATER: (
            OF_COOKING_WATER,
            f"cooking water is poured off: {OF_COOKING_WATER:.0%} counted, the share of a litre "
            "that 100 g of pasta takes up",
        ),
        DREDGING: (OF_DREDGING, "flour for dredging or coating: half of it is taken to stay"),
        REMOVED: (0.0, "a whole spice, taken out before eating"),
    }
    return [of_role.get(one, ALL) for one in roles]


def drained(
    pieces: Sequence[Piece], shares: Sequence[tuple[float, str]], method: str
) -> list[tuple[float, str]]:
    """The shares where what cooks is taken out of its water: of that none is eaten.

    What pasta takes up of it is in the weight of the pasta. Milk and broth stay: a list of
    ingredients does not say that they are poured off, and most of a pudding may be milk.
    """
    is_water = [piece.food.name.startswith("Beverages, water") for piece in pieces]
    if all(is_water):
        return list(shares)
    poured = (0.0, f"{method}: the water is poured off")
    return [poured if one else share for one, share in zip(is_water, shares, strict=True)]


def _spare(text: str) -> bool:
    """Whether the purpose is that of a further amount: "1 cup butter, plus more for greasing"."""
    return bool(SPARE.search(text))


def _with_unsaid(
    pieces: Sequence[Piece], roles: Sequence[int], title: str, resolved: float
) -> Sequence[int]:
    """The roles, with FRYING for oil of which the recipe holds too much for anything else."""
    if OIL not in roles or FRYING in roles:
        return roles
    others = fryable = 0.0
    for piece, one in zip(pieces, roles, strict=True):
        if one != OIL and not piece.food.name.startswith("Beverages, water"):
            others += piece.grams
            if piece.food.group_code in FRYABLE or piece.food.name.startswith("Potatoes"):
                fryable += piece.grams
    not_fried, fried = NOT_FRIED.search(title), FRIED.search(title)
    if resolved < (MOSTLY_FROM if fried else WHOLE_FROM):
        return roles
    if not fried and (not_fried or fryable < FRYABLE_FROM * others):
        return roles
    least = (FRIED_FROM if fried and not not_fried else UNSAID_FROM) * others
    return [
        FRYING if one == OIL and piece.grams >= max(least, LEAST_BATH_GRAMS) else one
        for piece, one in zip(pieces, roles, strict=True)
    ]


def _fried(oil: float, others: float) -> tuple[float, str]:
    """Share of the frying oil that is eaten. oil, others: g of it and of all else but water.

    others: infinite where it is not known; then a bath is told by its own weight.
    """
    if others == math.inf:
        others = 0.0 if oil >= LEAST_BATH_GRAMS else others
    if oil <= TAKEN_UP * others:
        return ALL  # a spoonful in the pan is eaten with the food
    if others <= 0:
        return OF_THE_BATH, f"frying oil: {OF_THE_BATH:.0%} of it is taken to be eaten"
    if oil <= BATH_FROM * others:
        why = f"{TAKEN_UP:.0%} of the weight of the other ingredients"
        absorbed = TAKEN_UP * others
    else:
        least, most = LEAST_TAKEN_UP * others, MOST_TAKEN_UP * others
        absorbed = min(max(OF_THE_BATH * oil, least), most)
        why = (
            f"{OF_THE_BATH:.0%} of it, within {LEAST_TAKEN_UP:.0%} and {MOST_TAKEN_UP:.0%} of "
            "the weight of the other ingredients"
        )
    return (
        absorbed / oil,
        f"frying oil: {absorbed / oil:.0%} counted as taken up ({why}; USDA FNDDS: fried foods "
        f"take up {TAKEN_UP:.0%} fat)",
    )


def _marinade(liquid: float, others: float, most: float, word: str) -> tuple[float, str]:
    """Share of a marinade or brine that meat of a given weight takes up. Weights in g."""
    if liquid <= 0:
        return ALL
    share = min(MARINADE_TAKEN_UP * others / liquid, most)
    if share >= 1:
        return ALL
    return (
        share,
        f"{word}: {share:.0%} counted, the rest is poured off (food takes up about "
        f"{MARINADE_TAKEN_UP:.0%} of its weight)",
    )
