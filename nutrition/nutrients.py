"""What people call nutrients: "iron" is the catalogue's FE.

Codes are INFOODS tagnames, as everywhere. Names are those of labels and of everyday talk; a code is
always a name of itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "ENERC_KCAL": ("energy", "calories", "kcal"),
    "ENERC_KJ": ("kilojoules", "kj"),
    "WATER": ("water", "moisture"),
    "PROCNT": ("protein",),
    "FAT": ("fat", "total fat"),
    "FASAT": ("saturated fat", "saturates"),
    "FATRN": ("trans fat",),
    "FAMS": ("monounsaturated fat", "monounsaturates"),
    "FAPU": ("polyunsaturated fat", "polyunsaturates"),
    "CHOLE": ("cholesterol",),
    "CHOCDF": ("carbohydrate", "carbohydrates", "carbs", "total carbohydrate"),
    "FIBTG": ("fibre", "fiber", "dietary fiber"),
    "SUGAR": ("sugars", "sugar", "total sugars"),
    "STARCH": ("starch",),
    "ALC": ("alcohol",),
    "CAFFN": ("caffeine",),
    "NA": ("sodium",),
    "K": ("potassium",),
    "CA": ("calcium",),
    "FE": ("iron",),
    "MG": ("magnesium",),
    "P": ("phosphorus",),
    "ZN": ("zinc",),
    "CU": ("copper",),
    "MN": ("manganese",),
    "SE": ("selenium",),
    "FLD": ("fluoride",),
    "VITA_RAE": ("vitamin a",),
    "CARTB": ("beta carotene",),
    "VITC": ("vitamin c", "ascorbic acid"),
    "VITD": ("vitamin d",),
    "TOCPHA": ("vitamin e",),
    "VITK1": ("vitamin k",),
    "THIA": ("thiamin", "vitamin b1"),
    "RIBF": ("riboflavin", "vitamin b2"),
    "NIA": ("niacin", "vitamin b3"),
    "PANTAC": ("pantothenic acid", "vitamin b5"),
    "VITB6A": ("vitamin b6",),
    "FOLDFE": ("folate",),
    "VITB12": ("vitamin b12",),
    "CHOLN": ("choline",),
}
_CODES = {name: code for code, names in NAMES.items() for name in names}


def name(code: str) -> str:
    """The first name of a nutrient, or its code where nobody calls it anything else."""
    return NAMES.get(code, (code,))[0]


def find(called: str, codes: Iterable[str]) -> str:
    """The one of *codes* that *called* names: a code or an everyday name, in any case.

    Raises KeyError whose argument says what comes near.
    """
    known = {code.casefold(): code for code in codes}
    asked = " ".join(called.casefold().replace("-", " ").split())
    code = known.get(called.strip().casefold()) or _CODES.get(asked)
    if code is not None and code.casefold() in known:
        return code
    near = difflib.get_close_matches(asked, [*_CODES, *known], n=3)
    hint = f"; near are {', '.join(near)}" if near else ""
    raise KeyError(f"no nutrient is called {called[:40]!r} (iron, vitamin c, FE are){hint}")
