"""A food as a whole: every value that is known of it, with where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.ids import parse_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FoodDetail:
    """A food, ready to be written as JSON. What the source does not say is None or absent.

    nutrients: by code, per 100 g of the edible part, only those that are known. portions:
    *amount* of *unit* weighs *grams*. refuse: percent of the food as bought that is not eaten.
    """

    id: str
    name: str
    source: str
    ndb_no: str
    catalogue: str
    listed: bool
    group: str
    group_code: str
    short_name: str | None
    common_names: str | None
    aliases: Sequence[str]
    manufacturer: str | None
    scientific_name: str | None
    refuse: Mapping[str, Any] | None
    factors: Mapping[str, float | None]
    nutrients: Mapping[str, Mapping[str, Any]]
    portions: Sequence[Mapping[str, Any]]
    footnotes: Sequence[Mapping[str, Any]]
    langual: Sequence[Mapping[str, str]]
    references: Sequence[Mapping[str, str]]


_FOOD = text("""
SELECT f.*, g.name AS "group",
    (SELECT version FROM catalogue_versions v WHERE v.source = f.source
     ORDER BY v.id DESC LIMIT 1) AS catalogue
FROM foods f JOIN food_groups g ON (g.source, g.code) = (f.source, f.group_code)
WHERE f.id = :id
""")

_NUTRIENTS = text("""
SELECT n.code, n.name, n.unit, v.*, s.name AS source_name, d.name AS derivation_name
FROM food_nutrients v
JOIN nutrients n ON n.id = v.nutrient_id
JOIN value_sources s ON s.code = v.source_code
LEFT JOIN value_derivations d ON d.code = v.derivation_code
WHERE v.food_id = :id ORDER BY n.position
""")

_PORTIONS = text("SELECT * FROM food_portions WHERE food_id = :id ORDER BY seq")

_FOOTNOTES = text("""
SELECT f.kind, n.code AS nutrient, f.text
FROM food_footnotes f LEFT JOIN nutrients n ON n.id = f.nutrient_id
WHERE f.food_id = :id ORDER BY f.position
""")

_LANGUAL = text("""
SELECT code, name FROM food_langual JOIN langual_factors ON code = factor_code
WHERE food_id = :id ORDER BY code
""")

_REFERENCES = text("SELECT * FROM value_references WHERE code = ANY (:codes) ORDER BY code")

FOOTNOTE_KINDS = {"D": "description", "M": "measure", "N": "nutrient"}


def food(session: Session, food_id: str | UUID) -> FoodDetail:
    """Everything about one food. Raises NotFound for an id that names none."""
    id_ = food_id if isinstance(food_id, UUID) else parse_id(food_id)
    row = None if id_ is None else session.execute(_FOOD, {"id": id_}).one_or_none()
    if row is None:
        raise NotFound(f"There is no food with the id {str(food_id)[:60]!r}.")
    key = {"id": id_}
    values = session.execute(_NUTRIENTS, key).all()
    cited = sorted({code for value in values for code in value.reference_codes or ()})
    references = session.execute(_REFERENCES, {"codes": cited}).all() if cited else ()
    return FoodDetail(
        id=str(row.id),
        name=row.name,
        source=row.source,
        ndb_no=row.code,
        catalogue=row.catalogue,
        listed=row.listed,
        group=row.group,
        group_code=row.group_code,
        short_name=row.short_name or None,
        common_names=row.common_names or None,
        aliases=row.aliases,
        manufacturer=row.manufacturer or None,
        scientific_name=row.scientific_name or None,
        refuse=None
        if row.refuse_percent is None
        else {"percent": row.refuse_percent, "description": row.refuse_description or None},
        factors={
            "nitrogen_to_protein": _float(row.nitrogen_factor),
            "protein_kcal_per_g": _float(row.protein_factor),
            "fat_kcal_per_g": _float(row.fat_factor),
            "carbohydrate_kcal_per_g": _float(row.carbohydrate_factor),
        },
        nutrients={value.code: _value(value) for value in values},
        portions=[
            {
                "seq": portion.seq,
                "amount": _float(portion.amount),
                "unit": portion.unit,
                "grams": _float(portion.grams),
                "data_points": portion.data_points,
                "standard_deviation": _float(portion.std_dev),
            }
            for portion in session.execute(_PORTIONS, key)
        ],
        footnotes=[
            {"about": FOOTNOTE_KINDS[note.kind], "nutrient": note.nutrient, "text": note.text}
            for note in session.execute(_FOOTNOTES, key)
        ],
        langual=[{"code": term.code, "name": term.name} for term in session.execute(_LANGUAL, key)],
        references=[
            {name: text for name, text in reference._mapping.items() if text}
            for reference in references
        ],
    )


def _value(row: Any) -> dict[str, Any]:
    """One nutrient of a food; what USDA mostly leaves empty only where it says something."""
    value: dict[str, Any] = {
        "amount": _float(row.amount),
        "unit": row.unit,
        "name": row.name,
        "data_points": row.data_points,
        "standard_error": _float(row.standard_error),
        "source_code": row.source_code,
        "source": row.source_name,
        "derivation_code": row.derivation_code,
        "derivation": row.derivation_name,
    }
    more = {
        "imputed_from": row.imputed_from,
        "added": row.added,
        "studies": row.studies,
        "minimum": _float(row.minimum),
        "maximum": _float(row.maximum),
        "degrees_of_freedom": row.degrees_of_freedom,
        "lower_bound": _float(row.lower_bound),
        "upper_bound": _float(row.upper_bound),
        "comments": row.comments,
        "modified": row.modified,
        "references": row.reference_codes,
    }
    return value | {name: content for name, content in more.items() if content is not None}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
