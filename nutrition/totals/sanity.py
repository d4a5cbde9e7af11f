"""Figures that cannot all be right: of a food table, and of a recipe's weight.

Energy against macros, parts against wholes. The bands are those that Open Food Facts and wger use:
energy of 13 kcal or less is not checked, else it may differ from what the macros give by 30 % and 5
kcal more per 100 g; macros may add up to 105 g, as each is rounded and measured by itself. What
breaks a band need not be wrong: bran and sweeteners have more carbohydrate than energy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nutrition.totals.energy import MACROS, factors, of_macros
from nutrition.totals.sums import Floats

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

# kcal per 100 g: below it a pinch of anything is a large part.
LEAST_KCAL = 13.0
RELATIVE, ABSOLUTE = 0.30, 5.0
MOST_MACROS = 105.0
# kcal per g of what is neither water, ash nor a macro: the acid of vinegar (Regulation (EU) No
# 1169/2011, Annex XIV, organic acids). SR28's carbohydrate by difference leaves nothing elsewhere.
ACID = 3.0
# g per 100 g by which a part may exceed its whole: each is rounded by itself, and sugars are
# measured where carbohydrate is what is left.
PART = 0.5
PARTS = (
    ("SUGAR", "CHOCDF", "sugars", "carbohydrate"),
    ("FIBTG", "CHOCDF", "fibre", "carbohydrate"),
    ("FASAT", "FAT", "saturated fat", "fat"),
)
CODES = ("ENERC_KCAL", *MACROS, "WATER", "ASH", *(part for part, *_ in PARTS))
# What stays when all the water has left.
DRY = (*MACROS, "ASH")


def warning(catalogue: Catalogue, row: int) -> str:
    """The warning of an analysis that uses this food; "" where its figures agree."""
    food, figures = catalogue.foods[row], catalogue.per_100g[row]
    amounts = {code: float(figures[catalogue.column[code]]) for code in CODES}
    said = doubts(amounts, factors([food])[0])
    return f"the food table on {food.name}: {'; '.join(said)}" if said else ""


def too_light(catalogue: Catalogue, amounts: Floats, grams: float) -> str:
    """The warning where a dish of so many g cannot hold these amounts, (nutrients,); else ""."""
    dry = float(np.nansum(amounts[[catalogue.column[code] for code in DRY]]))
    if dry <= grams * MOST_MACROS / 100:
        return ""
    return (
        f"yield_grams is {grams:g} g, but without any water its ingredients weigh {dry:.0f} g: "
        "the figures per 100 g are too high"
    )


def doubts(per_100g: Mapping[str, float], specific: Floats | None = None) -> list[str]:
    """What cannot all be right about these figures per 100 g, in words; empty where nothing is.

    per_100g: by code, NaN or absent where unknown: what is unknown is not checked, as comparisons
    with it are false. specific: the food's own factors, (4,), kcal per g of MACROS, where it has
    any: to agree with them is enough, as to agree with the general ones.
    """
    amount = {code: per_100g.get(code, math.nan) for code in CODES}
    kcal, macros = amount["ENERC_KCAL"], np.array([amount[code] for code in MACROS])
    weight = float(np.nansum(macros))
    rest = 100 - weight - amount["WATER"] - amount["ASH"]
    acid = ACID * rest if rest > 0 else 0.0
    general = float(of_macros(macros))
    own = general if specific is None else float(of_macros(macros, specific))
    found = []
    if kcal > LEAST_KCAL and (
        min(abs(general + acid - kcal), abs(own - kcal)) > RELATIVE * kcal + ABSOLUTE
    ):
        found.append(
            f"{kcal:.0f} kcal in 100 g are stated, its protein, fat, carbohydrate and alcohol give "
            f"{general:.0f}"
        )
    if weight > MOST_MACROS:
        found.append(f"protein, fat, carbohydrate and alcohol weigh {weight:.0f} g in 100 g")
    found += [
        f"{small} ({amount[part]:.1f} g) exceed {large} ({amount[whole]:.1f} g) in 100 g"
        for part, whole, small, large in PARTS
        if amount[part] > amount[whole] + PART
    ]
    return found
