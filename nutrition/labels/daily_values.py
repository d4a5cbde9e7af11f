"""Daily Values: how much of a nutrient a day, as US food labels count it.

Source: 21 CFR 101.9(c)(9), Daily Reference Values, and 21 CFR 101.9(c)(8)(iv), Reference Daily
Intakes, as amended by 81 FR 33742 (27 May 2016). Keyed by the INFOODS tagnames of the catalogue.
Trans fat, total sugars and energy have no Daily Value; the regulation leaves their cells empty.

A Daily Value is one figure for a whole age group, made for comparing foods. It is no personal
target: potassium is 4,700 mg here, where the reference intakes of 2019 say 2,600 to 3,400 mg.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ADULTS = "fda-2016"
AGES_1_TO_3 = "fda-2016-ages-1-3"


@dataclass(frozen=True, slots=True)
class DailyValue:
    """kind decides how a percentage is rounded: "drv" to 1 %, "rdi" in steps of 2, 5 and 10 %."""

    code: str
    amount: Decimal
    unit: str
    kind: Literal["drv", "rdi"]


@dataclass(frozen=True, slots=True)
class DailyValues:
    """One reference set. `kcal` is the diet that the label's footnote speaks of."""

    version: str
    audience: str
    kcal: int
    values: Mapping[str, DailyValue]


# code, unit, adults and children of 4 years or more, children of 1 to 3 years
_DRV = (
    ("FAT", "g", "78", "39"),
    ("FASAT", "g", "20", "10"),
    ("CHOLE", "mg", "300", "300"),
    ("CHOCDF", "g", "275", "150"),
    ("NA", "mg", "2300", "1500"),
    ("FIBTG", "g", "28", "14"),
    ("PROCNT", "g", "50", "13"),
    ("SUGAD", "g", "50", "25"),  # added sugars: our own code, SR28 has no such nutrient
)
_RDI = (
    ("VITA_RAE", "µg", "900", "300"),  # retinol activity equivalents
    ("VITC", "mg", "90", "15"),
    ("CA", "mg", "1300", "700"),
    ("FE", "mg", "18", "7"),
    ("VITD", "µg", "20", "15"),
    ("TOCPHA", "mg", "15", "6"),  # alpha-tocopherol
    ("VITK1", "µg", "120", "30"),  # the RDI is for vitamin K; SR28 measures phylloquinone
    ("THIA", "mg", "1.2", "0.5"),
    ("RIBF", "mg", "1.3", "0.5"),
    ("NIA", "mg", "16", "6"),  # niacin equivalents; NIA is preformed niacin, the known part of it
    ("VITB6A", "mg", "1.7", "0.5"),
    ("FOLDFE", "µg", "400", "150"),  # dietary folate equivalents
    ("VITB12", "µg", "2.4", "0.9"),
    ("BIOT", "µg", "30", "8"),
    ("PANTAC", "mg", "5", "2"),
    ("P", "mg", "1250", "460"),
    ("ID", "µg", "150", "90"),
    ("MG", "mg", "420", "80"),
    ("ZN", "mg", "11", "3"),
    ("SE", "µg", "55", "20"),
    ("CU", "mg", "0.9", "0.3"),
    ("MN", "mg", "2.3", "1.2"),
    ("CR", "µg", "35", "11"),
    ("MO", "µg", "45", "17"),
    ("CLD", "mg", "2300", "1500"),
    ("K", "mg", "4700", "3000"),
    ("CHOLN", "mg", "550", "200"),
)


def _set(version: str, audience: str, kcal: int, place: int) -> DailyValues:
    values: dict[str, DailyValue] = {}
    for row in _DRV:
        values[row[0]] = DailyValue(row[0], Decimal(row[place]), row[1], "drv")
    for row in _RDI:
        values[row[0]] = DailyValue(row[0], Decimal(row[place]), row[1], "rdi")
    return DailyValues(version, audience, kcal, MappingProxyType(values))


SETS: Mapping[str, DailyValues] = MappingProxyType(
    {
        ADULTS: _set(ADULTS, "adults and children 4 or more years of age", 2000, 2),
        AGES_1_TO_3: _set(AGES_1_TO_3, "children 1 through 3 years of age", 1000, 3),
    }
)


def daily_values(version: str = ADULTS) -> DailyValues:
    """The reference set of that name. Raises ValueError that lists the names there are."""
    try:
        return SETS[version]
    except KeyError:
        raise ValueError(f"no Daily Values {version!r}; there are {', '.join(SETS)}") from None
