"""The food catalogue: foods, nutrients, values, portions, and what search needs.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import context, op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE catalogue_versions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source           text NOT NULL,
    version          text NOT NULL,
    digest           text NOT NULL,
    loaded_at        timestamptz NOT NULL DEFAULT now(),
    foods            integer NOT NULL,
    nutrients        integer NOT NULL,
    nutrient_values  integer NOT NULL,
    portions         integer NOT NULL
);
CREATE INDEX ix_catalogue_versions_source ON catalogue_versions (source, id DESC);

CREATE TABLE food_groups (
    source  text NOT NULL,
    code    text NOT NULL,
    name    text NOT NULL,
    PRIMARY KEY (source, code)
);

CREATE TABLE foods (
    id                   uuid PRIMARY KEY,
    source               text NOT NULL,
    code                 text NOT NULL,
    name                 text NOT NULL,
    short_name           text NOT NULL,
    common_names         text NOT NULL,
    manufacturer         text NOT NULL,
    scientific_name      text NOT NULL,
    group_code           text NOT NULL,
    in_survey            boolean NOT NULL,
    refuse_percent       smallint,
    refuse_description   text NOT NULL,
    nitrogen_factor      numeric,
    protein_factor       numeric,
    fat_factor           numeric,
    carbohydrate_factor  numeric,
    listed               boolean NOT NULL DEFAULT true,
    aliases              text[] NOT NULL,
    asked_as             text[] NOT NULL,
    heads                text[] NOT NULL,
    words                smallint NOT NULL,
    commonness           real NOT NULL,
    search               tsvector NOT NULL,
    UNIQUE (source, code),
    FOREIGN KEY (source, group_code) REFERENCES food_groups (source, code)
);
-- No pending list: every search after a load would have to read through it.
CREATE INDEX ix_foods_search ON foods USING gin (search) WITH (fastupdate = off);
CREATE INDEX ix_foods_name_trigrams ON foods USING gist (lower(name) gist_trgm_ops(siglen = 64));
CREATE INDEX ix_foods_browse ON foods (name, code) WHERE listed;

CREATE TABLE food_words (
    word    text PRIMARY KEY,
    lexeme  text NOT NULL,
    foods   integer NOT NULL
);
CREATE INDEX ix_food_words_lexeme ON food_words (lexeme);
CREATE INDEX ix_food_words_prefix ON food_words (word text_pattern_ops);
CREATE INDEX ix_food_words_trigrams ON food_words USING gist (word gist_trgm_ops(siglen = 32));

CREATE TABLE nutrients (
    id        smallint PRIMARY KEY,
    code      text NOT NULL UNIQUE,
    name      text NOT NULL,
    unit      text NOT NULL CHECK (unit IN ('g', 'mg', 'µg', 'kcal', 'kJ', 'IU')),
    decimals  smallint NOT NULL,
    position  smallint NOT NULL
);

CREATE TABLE value_sources (
    code  smallint PRIMARY KEY,
    name  text NOT NULL
);

CREATE TABLE value_derivations (
    code  text PRIMARY KEY,
    name  text NOT NULL
);

CREATE TABLE value_references (
    code     text PRIMARY KEY,
    authors  text NOT NULL,
    title    text NOT NULL,
    year     text NOT NULL,
    journal  text NOT NULL,
    volume   text NOT NULL,
    issue    text NOT NULL,
    first    text NOT NULL,
    last     text NOT NULL
);

-- Its references are declared, not enforced: checking four of them for 679,045 rows, one by one,
-- took 11 of a load's 19 seconds. Only the loader writes here, and it checks them all at once.
CREATE TABLE food_nutrients (
    food_id             uuid NOT NULL REFERENCES foods (id) NOT ENFORCED,
    nutrient_id         smallint NOT NULL REFERENCES nutrients (id) NOT ENFORCED,
    amount              numeric NOT NULL,
    data_points         integer NOT NULL,
    standard_error      numeric,
    source_code         smallint NOT NULL REFERENCES value_sources (code) NOT ENFORCED,
    derivation_code     text REFERENCES value_derivations (code) NOT ENFORCED,
    imputed_from        text,
    added               boolean,
    studies             smallint,
    minimum             numeric,
    maximum             numeric,
    degrees_of_freedom  smallint,
    lower_bound         numeric,
    upper_bound         numeric,
    comments            text,
    modified            text,
    reference_codes     text[],
    PRIMARY KEY (food_id, nutrient_id)
);

CREATE TABLE food_portions (
    food_id      uuid NOT NULL REFERENCES foods (id) ON DELETE CASCADE,
    seq          smallint NOT NULL,
    amount       numeric NOT NULL,
    unit         text NOT NULL,
    grams        numeric NOT NULL,
    data_points  integer,
    std_dev      numeric,
    PRIMARY KEY (food_id, seq)
);

CREATE TABLE food_footnotes (
    food_id      uuid NOT NULL REFERENCES foods (id) ON DELETE CASCADE,
    position     smallint NOT NULL,
    seq          smallint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('D', 'M', 'N')),
    nutrient_id  smallint REFERENCES nutrients (id),
    text         text NOT NULL,
    PRIMARY KEY (food_id, position)
);

CREATE TABLE langual_factors (
    code  text PRIMARY KEY,
    name  text NOT NULL
);

CREATE TABLE food_langual (
    food_id      uuid NOT NULL REFERENCES foods (id) ON DELETE CASCADE,
    factor_code  text NOT NULL REFERENCES langual_factors (code),
    PRIMARY KEY (food_id, factor_code)
);
"""

NAMES = (
    "catalogue_versions, food_groups, foods, food_words, nutrients, value_sources, "
    "value_derivations, value_references, food_nutrients, food_portions, food_footnotes, "
    "langual_factors, food_langual"
)


def upgrade() -> None:
    op.execute(TABLES)
    role = context.config.attributes.get("app_role")
    if role:
        # The platform reads the catalogue; only the owner of the schema loads it.
        quoted = role.replace('"', '""')
        op.execute(f'REVOKE INSERT, UPDATE, DELETE ON {NAMES} FROM "{quoted}"')


def downgrade() -> None:
    op.execute(f"DROP TABLE {NAMES}")
