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
from numpy.typing import NDArray

from nutrition.totals.energy import GENERAL, MACROS, factors, of_macros
from nutrition.totals.sums import Floats, Indices

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
AT = slice(1, 1 + len(MACROS))


def warnings(catalogue: Catalogue, rows: Indices) -> list[str]:
    """Warnings of an analysis: the foods, of these rows, whose figures do not agree."""
    distinct = list(dict.fromkeys(rows.tolist()))
    table = catalogue.per_100g[distinct][:, [catalogue.column[code] for code in CODES]]
    foods = [catalogue.foods[row] for row in distinct]
    found = []
    for place in np.flatnonzero(_breaks(table, factors(foods)).any(axis=0)).tolist():
        said = doubts(
            dict(zip(CODES, table[place].tolist(), strict=True)), factors([foods[place]])[0]
        )
        found.append(f"the food table on {foods[place].name}: {'; '.join(said)}")
    return found


def doubts(per_100g: Mapping[str, float], specific: Floats | None = None) -> list[str]:
    """What cannot all be right about these figures per 100 g, in words; empty where nothing is.

    per_100g: by code, NaN or absent where unknown: what is unknown is not checked. specific: the
    food's own factors, (4,), kcal per g of MACROS, where it has any: to agree with them is enough,
    as to agree with the general ones.
    """
    amount = {code: per_100g.get(code, math.nan) for code in CODES}
    row = np.array([[amount[code] for code in CODES]])
    energy, weight, *parts = _breaks(row, np.array(GENERAL if specific is None else specific))[:, 0]
    found = []
    if energy:
        found.append(
            f"{amount['ENERC_KCAL']:.0f} kcal in 100 g are stated, its protein, fat, carbohydrate "
            f"and alcohol give {of_macros(row[0, AT]):.0f}"
        )
    if weight:
        grams = np.nansum(row[0, AT])
        found.append(f"protein, fat, carbohydrate and alcohol weigh {grams:.0f} g in 100 g")
    found += [
        f"{small} ({amount[part]:.1f} g) exceed {large} ({amount[whole]:.1f} g) in 100 g"
        for broken, (part, whole, small, large) in zip(parts, PARTS, strict=True)
        if broken
    ]
    return found


def _breaks(table: Floats, specific: Floats) -> NDArray[np.bool_]:
    """Which bands foods break: (bands, foods), of energy, of weight and of each of PARTS.

    table: (foods, codes), per 100 g, NaN where unknown. specific: (4,) or (foods, 4).
    """
    column = dict(zip(CODES, table.T, strict=True))
    kcal, macros = column["ENERC_KCAL"], table[:, AT]
    weight = np.nansum(macros, axis=1)
    acid = ACID * np.fmax(100 - weight - column["WATER"] - column["ASH"], 0.0)
    general = of_macros(macros) + acid
    near = np.minimum(np.abs(general - kcal), np.abs(of_macros(macros, specific) - kcal))
    return np.array(
        [
            # Comparisons with what is unknown are false.
            (kcal > LEAST_KCAL) & (near > RELATIVE * kcal + ABSOLUTE),
            weight > MOST_MACROS,
            *(column[part] > column[whole] + PART for part, whole, *_ in PARTS),
        ]
    )
