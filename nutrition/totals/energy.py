"""Energy of a meal: in kcal and kJ, by which factors, and from what it comes.

The catalogue's own energy is used wherever it has one: SR28 gives ENERC_KCAL for all of its 8,789
foods, computed with the Atwater factors specific to each food (USDA Agriculture Handbook 74,
Merrill and Watt 1973) where USDA holds them, else with the general factors or as the maker states
it. SR28's carbohydrate is by difference and includes fibre, so fibre adds nothing in either system.
The EU reckons otherwise: see `labels.eu`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nutrition.totals.sums import Floats, Indices

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

# The thermochemical calorie, by definition.
KJ_PER_KCAL = 4.184
MACROS = ("PROCNT", "FAT", "CHOCDF", "ALC")
NAMES = ("protein", "fat", "carbohydrate", "alcohol")
# kcal per g of MACROS: the general Atwater factors, with alcohol.
GENERAL = (4.0, 9.0, 4.0, 7.0)
# Alcohol has one factor for all foods in Handbook 74.
SPECIFIC_ALCOHOL = 6.93
# FoodData Central's energies, best first: their nutrient ids, our codes, and what each is. SR28
# has the first for every food; FDC's Foundation foods often have the others alone.
STATED = (
    (1008, "ENERC_KCAL", "energy of each food as the food table states it"),
    (2048, "ENERC_KCAL_SPECIFIC", "Atwater specific factors, as the food table states it"),
    (2047, "ENERC_KCAL_GENERAL", "Atwater general factors, as the food table states it"),
)
NEEDED = (*(code for _, code, _ in STATED), *MACROS, "FIBTG")
COMPUTED = "computed from protein, fat, carbohydrate and alcohol with 4, 9, 4 and 7 kcal/g"
NET = "carbohydrate by difference less fibre; sugar alcohols are unknown and stay in it"
NET_AT_MOST = "; fibre is not known of all of it, so it may be less"


def energy_of(
    catalogue: Catalogue,
    amounts: Floats,
    coverage: Floats,
    rows: Indices,
    grams: Floats,
    left: Floats | None = None,
) -> dict[str, Any]:
    """What the document says of the energy of a meal; None for what is unknown.

    amounts, coverage: (nutrients,), the totals of the meal. rows, grams: its foods and their
    weights as eaten, (foods,). left: (foods, nutrients), what cooking leaves of each, all by
    default. kcal is that of the totals, kj the same in kJ; specific_kcal and general_kcal are
    reckoned from the macros of each food. A meal that weighs nothing has none. shares: percent of
    the energy by macro, by general factors.
    """
    column = catalogue.column
    named = {code: column[code] for code in NEEDED if code in column}
    total = dict(zip(named, amounts[list(named.values())].tolist(), strict=True))
    kcal, basis = stated(total)
    columns = [column[code] for code in MACROS]
    macros = catalogue.per_100g[rows][:, columns] * (np.asarray(grams) / 100)[:, np.newaxis]
    if left is not None:
        macros *= left[:, columns]
    specific = of_macros(macros, factors([catalogue.foods[row] for row in rows]))
    general = of_macros(macros)
    eaten = bool(np.any(grams > 0))
    return {
        "kcal": _known(kcal),
        "kj": _known(kcal * KJ_PER_KCAL),
        "basis": basis,
        "specific_kcal": _known(float(specific.sum())) if eaten else None,
        "general_kcal": _known(float(general.sum())) if eaten else None,
        "shares": shares(total),
        "net_carbohydrate": _known(net_carbohydrate(total["CHOCDF"], total["FIBTG"])),
        "net_carbohydrate_basis": NET
        + (NET_AT_MOST if coverage[column["FIBTG"]] < coverage[column["CHOCDF"]] else ""),
    }


def stated(amounts: Mapping[str, float]) -> tuple[float, str]:
    """The energy to use, kcal, and its basis: the first of STATED that is known, else computed.

    amounts: by code, of one food or one meal; NaN or absent where unknown. (NaN, "") where the
    macros are unknown too.
    """
    for _, code, basis in STATED:
        kcal = amounts.get(code, math.nan)
        if not math.isnan(kcal):
            return kcal, basis
    kcal = float(of_macros(np.array([amounts.get(code, math.nan) for code in MACROS])))
    return kcal, "" if math.isnan(kcal) else COMPUTED


def of_macros(macros: Floats, by: Floats | Sequence[float] = GENERAL) -> Floats:
    """Energy, kcal, of macros in g, (4,) or (foods, 4), with *by* kcal per g of the same shapes.

    NaN where protein, fat or carbohydrate is unknown. Unknown alcohol counts as none: SR28 states
    it for all its wines, beers, spirits and extracts, and omits it where nobody would look for it.
    """
    known = np.array(macros, np.float64)
    known[..., 3][np.isnan(known[..., 3])] = 0.0
    return np.asarray((known * np.asarray(by)).sum(axis=-1))


def factors(foods: Sequence[Food]) -> Floats:
    """The specific factors of foods, (foods, 4), kcal per g of MACROS.

    Where USDA gives a food no factor of its own, that of the general system stands in its place.
    """
    own = [
        (food.protein_factor, food.fat_factor, food.carbohydrate_factor, SPECIFIC_ALCOHOL)
        for food in foods
    ]
    found = np.array(own, np.float64).reshape(-1, len(MACROS))
    return np.where(np.isnan(found), GENERAL, found)


def shares(amounts: Mapping[str, float]) -> dict[str, float | None]:
    """Percent of the energy from each macro, by the general factors; what is known adds up to 100.

    All None where protein, fat or carbohydrate is unknown, or where nothing gives energy. Alcohol
    is None where it is unknown, and the rest is shared among the others.
    """
    energy = [
        factor * amounts.get(code, math.nan) for code, factor in zip(MACROS, GENERAL, strict=True)
    ]
    whole = math.fsum(energy[:3]) + (0.0 if math.isnan(energy[3]) else energy[3])
    if not whole > 0:
        return dict.fromkeys(NAMES)
    return {name: _known(100 * part / whole) for name, part in zip(NAMES, energy, strict=True)}


def net_carbohydrate(carbohydrate: float, fibre: float) -> float:
    """Carbohydrate by difference without its fibre, g, never below 0; NaN where either is."""
    if math.isnan(carbohydrate) or math.isnan(fibre):
        return math.nan
    return max(carbohydrate - fibre, 0.0)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
