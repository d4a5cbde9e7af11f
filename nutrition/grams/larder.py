"""What one slice, sheet, loaf, stick or cube weighs where SR28 states no portion. In g.

Bread and pastry, fats and cheese, sweets, soy and stock. From SR28's portions of the nearest food,
USDA's survey portions (FNDDS 2003-2004, public domain), and US packages divided by their count.
"""

from __future__ import annotations

from nutrition.grams.rows import (
    BAKED,
    DAIRY,
    FATS,
    GRAINS,
    LEGUMES,
    MEATS,
    PLANTS,
    SAUCES,
    SWEETS,
    Row,
)

LARDER: tuple[Row, ...] = (
    # Fats and dairy.
    Row("stick", "butter", 113.4),
    Row("stick", "margarine", 113.4),
    Row("stick", "", 113.4, FATS),
    Row("spray", "", 0.5, FATS),  # a second of it: SR28's serving is a third of one, 0.25 g
    Row("glug", "", 14, FATS),
    Row("spoonful", "", 15, DAIRY | FATS | SAUCES | SWEETS),
    Row("wine glass", "wine", 147),
    Row("knob", "butter", 15),
    Row("pat", "butter", 5),
    Row("knob", "", 15, FATS),
    Row("stick", "mozzarella", 28),
    Row("slice", "parmesan", 10),
    Row("slice", "swiss", 28),
    Row("slice", "cheese", 21, DAIRY),
    Row("single", "cheese", 19, DAIRY),
    Row("ball", "mozzarella", 125),
    Row("ball", "burrata", 125),
    Row("ball", "cheese", 125, DAIRY),
    Row("log", "goat cheese", 113.4),
    Row("round", "goat cheese", 100),
    Row("wheel", "brie", 227),
    Row("round", "cheese", 227, DAIRY),
    Row("wedge", "cheese", 113.4, DAIRY),
    Row("block", "cream cheese", 227),
    Row("block", "feta", 200),
    Row("block", "cheese", 227, DAIRY),
    Row("brick", "cream cheese", 227),
    Row("piece", "mozzarella", 125),
    Row("rind", "cheese", 40, DAIRY),
    Row("rind", "parmesan", 40),
    Row("", "mozzarella", 125, DAIRY),
    # Bread and pastry.
    Row("slice", "french bread", 32, BAKED, first=True),
    Row("slice", "bread", 28, BAKED),
    Row("slice", "cake", 65, BAKED),
    Row("cake", "pound cake", 340, BAKED, first=True),  # a loaf of 12 oz
    Row("cake", "sponge cake", 454, BAKED, first=True),  # SR28: a cake of 16 oz
    Row("tortilla", "tortilla", 72, BAKED, also="burrito", first=True),  # SR28: approx 10" dia
    Row("crust", "pie crust", 19, BAKED, also="mini", first=True),  # six in 4 oz
    Row("slice", "", 30, BAKED),
    Row("loaf", "french bread", 454),
    Row("loaf", "", 454, BAKED),
    Row("baguette", "", 324, BAKED),
    Row("", "bread", 324, BAKED, also="baguette"),
    Row("", "bread", 130, BAKED, also="ciabatta"),
    Row("", "naan", 90),
    Row("", "pizza crust", 284),
    Row("", "focaccia", 300),
    Row("", "bread", 28, BAKED),
    Row("", "bun", 50, BAKED),
    Row("bun", "", 50, BAKED),
    Row("", "roll", 43, BAKED),
    Row("roll", "", 43, BAKED),
    Row("tortilla", "tortilla flour", 30, BAKED, also="small", first=True),  # SR28: approx 6" dia
    Row("", "tortilla", 45, BAKED),
    Row("", "croissant", 57),
    Row("", "waffle", 39, BAKED),
    Row("sheet", "phyllo", 19),
    Row("sheet", "puff pastry", 245),
    Row("", "puff pastry", 245),
    Row("sheet", "lasagna", 23),
    Row("sheet", "graham cracker", 14),
    Row("sheet", "pasta", 20),
    Row("sheet", "seaweed", 2.5),
    Row("sheet", "nori", 2.5),
    Row("", "seaweed", 2.5),
    Row("", "lasagna noodle", 23),
    Row("recipe", "pie crust", 388, also="double"),
    Row("recipe", "pie crust", 194),
    Row("", "pie crust", 388, also="double", first=True),
    Row("pie", "pie crust", 388, also="double", first=True),
    Row("", "pie crust", 180),
    Row("recipe", "frosting", 462),  # SR28: a package of 16 oz, for a cake of two layers
    Row("", "cracker graham", 14, BAKED),
    Row("square", "cracker", 7, BAKED),
    Row("", "saltine", 3),
    Row("", "oreo", 11.3),
    Row("", "cookie sandwich", 11.3),
    Row("", "gingersnap", 7),
    Row("biscuit", "cookie", 8, BAKED),
    Row("", "ladyfinger", 11),
    Row("", "peanutbuttercup", 17, SWEETS),  # SR28: a package of one, 0.6 oz
    Row("shell", "pasta", 9, GRAINS, also="jumbo"),  # some 40 in a box of 12 oz
    Row("", "rice noodle", 8, GRAINS, also="paper"),
    Row("", "pretzel", 6),
    # Sweets.
    Row("square", "chocolate", 28.35),
    Row("bar", "chocolate", 100),
    Row("bar", "", 43, SWEETS),
    Row("", "milk chocolate kiss", 4.7),
    Row("", "chocolate", 4.7, SWEETS, also="kiss"),
    Row("", "marshmallow", 0.7, also="miniature"),
    Row("", "marshmallow", 7.2),
    Row("", "caramel", 8.4, SWEETS),
    Row("cube", "sugar", 4),
    Row("", "sugar", 4, SWEETS, also="lump"),
    Row("scoop", "ice cream", 66),
    Row("scoop", "frozen yogurt", 72),
    # Soy, soups and stock.
    Row("block", "tofu", 397),
    Row("block", "", 397, LEGUMES),
    Row("cube", "", 4, SAUCES),
    Row("cube", "bouillon", 4),
    Row("", "bouillon", 4),
    Row("cube", "", 10, PLANTS | MEATS | DAIRY),
)
