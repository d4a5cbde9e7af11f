"""The tables of the food catalogue: the loader writes them as the owner, all else reads."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSVECTOR, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

#: Published by USDA: nobody's rows, nothing to export, nothing to erase.
PUBLISHED = {"owner": None, "export": "no", "erasure": "keep"}


class CatalogueVersion(Base):
    """One load. The newest row of a source is the catalogue that is in the tables."""

    __tablename__ = "catalogue_versions"
    __table_args__ = ({"info": PUBLISHED},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    #: SHA-256 over the files it was loaded from, and the loader's own revision.
    digest: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    foods: Mapped[int] = mapped_column(Integer)
    nutrients: Mapped[int] = mapped_column(Integer)
    nutrient_values: Mapped[int] = mapped_column(Integer)
    portions: Mapped[int] = mapped_column(Integer)


class FoodGroup(Base):
    """A shelf of the source, such as SR28's 0100, Dairy and Egg Products."""

    __tablename__ = "food_groups"
    __table_args__ = ({"info": PUBLISHED},)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Food(Base):
    """A food, and in its last columns what search ranks it by (`wording.py`, `tables.py`)."""

    __tablename__ = "foods"
    __table_args__ = (
        UniqueConstraint("source", "code"),
        ForeignKeyConstraint(["source", "group_code"], ["food_groups.source", "food_groups.code"]),
        {"info": PUBLISHED},
    )

    #: UUIDv5 of source and code: no reload changes it.
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    common_names: Mapped[str] = mapped_column(Text)
    manufacturer: Mapped[str] = mapped_column(Text)
    scientific_name: Mapped[str] = mapped_column(Text)
    group_code: Mapped[str] = mapped_column(Text)
    in_survey: Mapped[bool]
    refuse_percent: Mapped[int | None] = mapped_column(SmallInteger)
    refuse_description: Mapped[str] = mapped_column(Text)
    nitrogen_factor: Mapped[Decimal | None]
    protein_factor: Mapped[Decimal | None]
    fat_factor: Mapped[Decimal | None]
    carbohydrate_factor: Mapped[Decimal | None]
    #: False once the source has dropped it: readable for ever, found no more.
    listed: Mapped[bool] = mapped_column(server_default=text("true"))
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text))
    asked_as: Mapped[list[str]] = mapped_column(ARRAY(Text))
    heads: Mapped[list[str]] = mapped_column(ARRAY(Text))
    words: Mapped[int] = mapped_column(SmallInteger)
    commonness: Mapped[float] = mapped_column(REAL)
    search: Mapped[str] = mapped_column(TSVECTOR)


class FoodWord(Base):
    """A word that foods are described with: misspelt queries are mended from these."""

    __tablename__ = "food_words"
    __table_args__ = ({"info": PUBLISHED},)

    word: Mapped[str] = mapped_column(Text, primary_key=True)
    lexeme: Mapped[str] = mapped_column(Text)
    foods: Mapped[int] = mapped_column(Integer)


class Nutrient(Base):
    """A nutrient: id is USDA's number (208), code the INFOODS tagname (ENERC_KCAL)."""

    __tablename__ = "nutrients"
    __table_args__ = ({"info": PUBLISHED},)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    decimals: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int] = mapped_column(SmallInteger)


class ValueSource(Base):
    """How USDA came by a value, coarsely: 1 analytical, 4 calculated or imputed, 7 assumed zero."""

    __tablename__ = "value_sources"
    __table_args__ = ({"info": PUBLISHED},)

    code: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)


class ValueDerivation(Base):
    """How USDA came by a value, finely: BFFN, based on another form of the food, …"""

    __tablename__ = "value_derivations"
    __table_args__ = ({"info": PUBLISHED},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class ValueReference(Base):
    """A publication or laboratory report that values were taken from."""

    __tablename__ = "value_references"
    __table_args__ = ({"info": PUBLISHED},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    authors: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    year: Mapped[str] = mapped_column(Text)
    journal: Mapped[str] = mapped_column(Text)
    volume: Mapped[str] = mapped_column(Text)
    issue: Mapped[str] = mapped_column(Text)
    first: Mapped[str] = mapped_column(Text)
    last: Mapped[str] = mapped_column(Text)


class FoodNutrient(Base):
    """How much of a nutrient 100 g of the edible food hold; no row where nobody knows.

    Decimals are as published, trailing zeros included. data_points 0: calculated or imputed.
    imputed_from: NDB number of the food it was taken over from. added: enrichment (None: not
    said). Bounds are of the 95 % interval. modified: month/year. The references are declared in
    the database and not enforced: the loader checks them (migrations/versions/0002).
    """

    __tablename__ = "food_nutrients"
    __table_args__ = ({"info": PUBLISHED},)

    food_id: Mapped[uuid.UUID] = mapped_column(UUID, ForeignKey("foods.id"), primary_key=True)
    nutrient_id: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("nutrients.id"), primary_key=True
    )
    amount: Mapped[Decimal]
    data_points: Mapped[int] = mapped_column(Integer)
    standard_error: Mapped[Decimal | None]
    source_code: Mapped[int] = mapped_column(SmallInteger, ForeignKey("value_sources.code"))
    derivation_code: Mapped[str | None] = mapped_column(Text, ForeignKey("value_derivations.code"))
    imputed_from: Mapped[str | None] = mapped_column(Text)
    added: Mapped[bool | None]
    studies: Mapped[int | None] = mapped_column(SmallInteger)
    minimum: Mapped[Decimal | None]
    maximum: Mapped[Decimal | None]
    degrees_of_freedom: Mapped[int | None] = mapped_column(SmallInteger)
    lower_bound: Mapped[Decimal | None]
    upper_bound: Mapped[Decimal | None]
    comments: Mapped[str | None] = mapped_column(Text)
    modified: Mapped[str | None] = mapped_column(Text)
    reference_codes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class FoodPortion(Base):
    """*amount* of *unit* weighs *grams*: 1 cup, 125 g. Edible part only."""

    __tablename__ = "food_portions"
    __table_args__ = ({"info": PUBLISHED},)

    food_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("foods.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(Text)
    grams: Mapped[Decimal]
    data_points: Mapped[int | None] = mapped_column(Integer)
    std_dev: Mapped[Decimal | None]


class FoodFootnote(Base):
    """A remark on the description (D), a measure (M) or a nutrient (N) of a food."""

    __tablename__ = "food_footnotes"
    __table_args__ = ({"info": PUBLISHED},)

    food_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("foods.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    nutrient_id: Mapped[int | None] = mapped_column(SmallInteger, ForeignKey("nutrients.id"))
    text: Mapped[str] = mapped_column(Text)


class LangualFactor(Base):
    """A term of the LanguaL thesaurus: B1713, VEGETABLE OIL, …"""

    __tablename__ = "langual_factors"
    __table_args__ = ({"info": PUBLISHED},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class FoodLangual(Base):
    """A LanguaL term that describes a food."""

    __tablename__ = "food_langual"
    __table_args__ = ({"info": PUBLISHED},)

    food_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("foods.id", ondelete="CASCADE"), primary_key=True
    )
    factor_code: Mapped[str] = mapped_column(
        Text, ForeignKey("langual_factors.code"), primary_key=True
    )
