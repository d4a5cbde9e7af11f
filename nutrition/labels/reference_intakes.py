"""Reference intakes of an adult, as labels of the EU and the UK count them.

Source: Regulation (EU) No 1169/2011, Annex XIII, part A point 1 (nutrient reference values of
vitamins and minerals) and part B (energy and nutrients), as retained in the law of Great Britain.
Fibre has no reference intake. There is one group, adults: the regulation knows none for children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

VERSION = "eu-1169-2011"

#: Part B. The annex prints both figures of energy; neither follows from the other.
ENERGY_KJ, ENERGY_KCAL = Decimal(8400), Decimal(2000)
INTAKES: Mapping[str, Decimal] = MappingProxyType(
    {
        name: Decimal(grams)
        for name, grams in {
            "FAT": 70,
            "FASAT": 20,
            "CHOAVL": 260,
            "SUGAR": 90,
            "PROCNT": 50,
            "SALT": 6,
        }.items()
    }
)
#: Annex XIII, part A point 2: 15 % of the reference value in 100 g is a significant amount. It is
#: 7.5 % for drinks; no document says what is one, so the stricter holds for all.
SIGNIFICANT_PERCENT = Decimal(15)


@dataclass(frozen=True, slots=True)
class Reference:
    """A vitamin or mineral. made_of: what of it a food table measures, with the factor of each.

    digits: significant figures, by the rounding guidance (`eu_rounding`).
    """

    code: str
    name: str
    unit: str
    amount: Decimal
    made_of: Mapping[str, float]
    digits: int = 2


# In the order of the annex; fluoride, iodine, biotin and the rest that SR28 has no figures of, or
# too few, would be an empty row for most foods, and are left out.
REFERENCES = tuple(
    Reference(code, name, unit, Decimal(amount), made_of, digits)
    for code, name, unit, amount, digits, made_of in (
        # Retinol equivalents count 6 µg of beta-carotene, and 12 of the others, as 1 µg.
        (
            "VITA",
            "Vitamin A",
            "µg",
            "800",
            3,
            {"RETOL": 1.0, "CARTB": 1 / 6, "CARTA": 1 / 12, "CRYPX": 1 / 12},
        ),
        ("VITD", "Vitamin D", "µg", "5", 2, {"VITD": 1.0}),
        # Alpha-tocopherol alone, as the catalogue has it: the known part of its equivalents.
        ("TOCPHA", "Vitamin E", "mg", "12", 2, {"TOCPHA": 1.0}),
        ("VITK1", "Vitamin K", "µg", "75", 2, {"VITK1": 1.0}),
        ("VITC", "Vitamin C", "mg", "80", 2, {"VITC": 1.0}),
        ("THIA", "Thiamin", "mg", "1.1", 2, {"THIA": 1.0}),
        ("RIBF", "Riboflavin", "mg", "1.4", 2, {"RIBF": 1.0}),
        # Niacin equivalents: 60 mg of tryptophan, which the catalogue has in g, count as 1 mg.
        ("NIAEQ", "Niacin", "mg", "16", 2, {"NIA": 1.0, "TRP_G": 1000 / 60}),
        ("VITB6A", "Vitamin B6", "mg", "1.4", 2, {"VITB6A": 1.0}),
        ("FOL", "Folic acid", "µg", "200", 3, {"FOL": 1.0}),
        ("VITB12", "Vitamin B12", "µg", "2.5", 2, {"VITB12": 1.0}),
        ("PANTAC", "Pantothenic acid", "mg", "6", 2, {"PANTAC": 1.0}),
        ("K", "Potassium", "mg", "2000", 3, {"K": 1.0}),
        ("CA", "Calcium", "mg", "800", 3, {"CA": 1.0}),
        ("P", "Phosphorus", "mg", "700", 3, {"P": 1.0}),
        ("MG", "Magnesium", "mg", "375", 3, {"MG": 1.0}),
        ("FE", "Iron", "mg", "14", 2, {"FE": 1.0}),
        ("ZN", "Zinc", "mg", "10", 2, {"ZN": 1.0}),
        ("CU", "Copper", "mg", "1", 2, {"CU": 1.0}),
        ("MN", "Manganese", "mg", "2", 2, {"MN": 1.0}),
        ("SE", "Selenium", "µg", "55", 2, {"SE": 1.0}),
    )
)
