"""A kitchen over the shipped tables, and foods of the catalogue by their name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nutrition.cooking import kitchen
from nutrition.cooking.kitchen import Kitchen
from nutrition.cooking.pieces import Piece
from nutrition.engine import Engine
from tests.nutrition.conftest import DATA

Make = Callable[..., Piece]

NAMES = {
    "bacon": "Pork, cured, bacon, unprepared",
    "bay leaf": "Spices, bay leaf",
    "beef": "Beef, chuck for stew, separable lean and fat, all grades, raw",
    "black beans": "Beans, black, mature seeds, raw",
    "broccoli": "Broccoli, raw",
    "butter": "Butter, salted",
    "canned tomatoes": "Tomatoes, red, ripe, canned, stewed",
    "chicken": "Chicken, broilers or fryers, breast, meat and skin, raw",
    "chicken heart": "Chicken, heart, all classes, raw",
    "chicory roots": "Chicory roots, raw",
    "cinnamon": "Spices, cinnamon, ground",
    "cooked rice": "Rice, white, long-grain, regular, enriched, cooked",
    "egg": "Egg, whole, raw, fresh",
    "fat beef": "Beef, ground, 70% lean meat / 30% fat, raw",
    "flour": "Wheat flour, white, all-purpose, enriched, bleached",
    "lemon juice": "Lemon juice, raw",
    "lentils": "Lentils, raw",
    "milk": "Milk, whole, 3.25% milkfat, with added vitamin D",
    "oil": "Oil, soybean, salad or cooking",
    "onion": "Onions, raw",
    "pasta": "Pasta, dry, enriched",
    "potato": "Potatoes, flesh and skin, raw",
    "rice": "Rice, white, long-grain, regular, raw, enriched",
    "roast chicken": "Chicken, broilers or fryers, breast, meat and skin, cooked, roasted",
    "salmon": "Fish, salmon, Atlantic, farmed, raw",
    "salt": "Salt, table",
    "shrimp": "Crustaceans, shrimp, mixed species, raw (may have been previously frozen)",
    "spinach": "Spinach, raw",
    "sugar": "Sugars, granulated",
    "tomato": "Tomatoes, red, ripe, raw, year round average",
    "water": "Beverages, water, tap, municipal",
    "whole chicken": ("Chicken, broilers or fryers, meat and skin and giblets and neck, raw"),
    "wine": "Alcoholic beverage, wine, table, red",
    "witloof": "Chicory, witloof, raw",
    "yeast": "Leavening agents, yeast, baker's, active dry",
}


@pytest.fixture(scope="session")
def cooks(engine: Engine) -> Kitchen:
    return kitchen.load(DATA / "cooking", engine.catalogue)


@pytest.fixture(scope="session")
def some(engine: Engine) -> Make:
    """some("flour", 250, "2 cups flour, for dredging", "for dredging")."""
    by_name = {food.name: food for food in engine.catalogue.foods}

    def piece(name: str, grams: float, text: str = "", purpose: str = "") -> Piece:
        return Piece(by_name[NAMES[name]], grams, text, purpose)

    return piece
