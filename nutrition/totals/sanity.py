"""Figures of a food table that cannot all be right: energy against macros, parts against wholes.

The bands are those that Open Food Facts and wger use: energy of 13 kcal or less is not checked,
else it may differ from what the macros give by 30 % and 5 kcal more per 100 g; macros may add up to
105 g, as each is rounded and measured by itself. What breaks a band need not be wrong: bran and
sweeteners have more carbohydrate than energy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nutrition.totals.energy import MACROS, factors, of_macros
from nutrition.totals.sums import Indices

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


def warnings(catalogue: Catalogue, rows: Indices) -> list[str]:
    """Warnings of an analysis: the foods, of these rows, whose figures do not agree."""
    distinct = list(dict.fromkeys(int(row) for row in rows))
    table = catalogue.per_100g[distinct][:, [catalogue.column[code] for code in CODES]]
    foods = [catalogue.foods[row] for row in distinct]
    specific = of_macros(table[:, 1 : 1 + len(MACROS)], factors(foods))
    found = []
    for food, values, kcal in zip(foods, table.tolist(), specific.tolist(), strict=True):
        said = doubts(dict(zip(CODES, values, strict=True)), kcal)
        if said:
            found.append(f"the food table on {food.name}: {'; '.join(said)}")
    return found


def doubts(per_100g: Mapping[str, float], specific_kcal: float = math.nan) -> list[str]:
    """What cannot all be right about these figures per 100 g, in words; empty where nothing is.

    per_100g: by code, NaN or absent where unknown: what is unknown is not checked. specific_kcal:
    energy by the food's own factors: to agree with them is enough, as to agree with the general.
    """
    amount = {code: per_100g.get(code, math.nan) for code in CODES}
    macros = np.array([amount[code] for code in MACROS])
    weight = float(np.nansum(macros))
    rest = 100 - weight - amount["WATER"] - amount["ASH"]
    acid = 0.0 if math.isnan(rest) else ACID * max(rest, 0.0)
    found = _energy(amount["ENERC_KCAL"], float(of_macros(macros)) + acid, specific_kcal)
    if weight > MOST_MACROS:
        found.append(f"protein, fat, carbohydrate and alcohol weigh {weight:.0f} g in 100 g")
    for part, whole, small, large in PARTS:
        if amount[part] > amount[whole] + PART:
            found.append(
                f"{small} ({amount[part]:.1f} g) exceed {large} ({amount[whole]:.1f} g) in 100 g"
            )
    return found


def _energy(kcal: float, general: float, specific: float) -> list[str]:
    band = RELATIVE * kcal + ABSOLUTE
    near = abs(general - kcal) <= band or abs(specific - kcal) <= band
    if not kcal > LEAST_KCAL or math.isnan(general) or near:
        return []
    return [
        f"{kcal:.0f} kcal in 100 g are stated, its protein, fat, carbohydrate and alcohol "
        f"give {general:.0f}"
    ]
