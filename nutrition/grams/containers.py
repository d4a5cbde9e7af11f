"""What is in a can, a jar or a package whose size the line does not state.

Net weights usual on US packages (declared under 21 CFR 101.7), fluid ounces times the density of
what is in them; "tin" and "punnet" as sold in the UK. In g.
"""

from __future__ import annotations

from nutrition.grams.rows import (
    BAKED,
    CEREALS,
    DAIRY,
    DRINKS,
    FISH,
    FRUITS,
    GRAINS,
    HERBS,
    LEGUMES,
    MEATS,
    PLANTS,
    SAUCES,
    SEASONINGS,
    SNACKS,
    SWEETS,
    VEGETABLES,
    Row,
)

_OUNCE = 28.35

CONTAINERS: tuple[Row, ...] = (
    # Cans.
    Row("can", "condensed milk", 14 * _OUNCE),
    Row("can", "evaporated milk", 378),  # 12 fl oz
    Row("can", "coconut milk", 13.5 * _OUNCE),
    Row("can", "coconut cream", 15 * _OUNCE),
    Row("can", "condensed", 10.75 * _OUNCE),
    Row("can", "broth", 14.5 * _OUNCE),
    Row("can", "stock", 14.5 * _OUNCE),
    Row("can", "soup", 10.75 * _OUNCE),
    Row("can", "tuna", 5 * _OUNCE),
    Row("can", "anchovy", 2 * _OUNCE),
    Row("can", "sardine", 3.75 * _OUNCE),
    Row("can", "crab", 6 * _OUNCE),
    Row("can", "clam", 6.5 * _OUNCE),
    Row("can", "shrimp", 4 * _OUNCE),
    Row("can", "salmon", 14.75 * _OUNCE),
    Row("can", "", 6 * _OUNCE, FISH),
    Row("can", "tomato paste", 6 * _OUNCE),
    Row("can", "tomato sauce", 8 * _OUNCE),
    Row("can", "tomato red", 14.5 * _OUNCE, VEGETABLES, first=True),  # SR28's holds 190 g
    Row("can", "tomato", 14.5 * _OUNCE),
    Row("can", "pumpkin", 15 * _OUNCE),
    Row("can", "hot chili pepper", 4 * _OUNCE, VEGETABLES),
    Row("can", "chipotle", 7 * _OUNCE),
    Row("can", "jalapeno", 4 * _OUNCE),
    Row("can", "olive", 6 * _OUNCE, PLANTS),
    Row("can", "mushroom", 4 * _OUNCE),
    Row("can", "waterchestnut", 8 * _OUNCE),
    Row("can", "bamboo", 8 * _OUNCE),
    Row("can", "pie filling", 21 * _OUNCE),
    Row("can", "cranberry sauce", 14 * _OUNCE),
    Row("can", "pineapple", 20 * _OUNCE),
    Row("can", "mandarin", 11 * _OUNCE),
    Row("can", "tangerine", 11 * _OUNCE),
    Row("can", "frosting", 16 * _OUNCE),
    Row("can", "biscuit", 16.3 * _OUNCE),
    Row("can", "crescent", 8 * _OUNCE),
    Row("can", "roll", 8 * _OUNCE, BAKED),
    Row("can", "chili", 15 * _OUNCE),
    Row("can", "juice concentrate", 12 * _OUNCE),
    Row("can", "hominy", 15 * _OUNCE),
    Row("can", "", 15 * _OUNCE, PLANTS | LEGUMES | SAUCES),
    Row("can", "", 12.5 * _OUNCE, MEATS),
    Row("can", "", 356, DRINKS),  # 12 fl oz
    # Bottles.
    Row("bottle", "beer", 356),
    Row("bottle", "wine", 743),  # 750 ml
    Row("bottle", "champagne", 743),
    Row("bottle", "", 500, DRINKS),
    Row("bottle", "clam juice", 8 * _OUNCE),
    Row("bottle", "dressing", 16 * _OUNCE),
    Row("bottle", "catsup", 20 * _OUNCE),
    Row("bottle", "barbecue", 18 * _OUNCE),
    Row("bottle", "", 12 * _OUNCE, SAUCES),
    Row("bottle", "food color", 7),
    # Jars.
    Row("jar", "pasta sauce", 24 * _OUNCE),
    Row("jar", "spaghetti sauce", 24 * _OUNCE),
    Row("jar", "alfredo", 15 * _OUNCE),
    Row("jar", "pesto", 190),
    Row("jar", "salsa", 16 * _OUNCE),
    Row("jar", "gravy", 12 * _OUNCE),
    Row("jar", "curry paste", 4 * _OUNCE),
    Row("jar", "marshmallow", 7 * _OUNCE),
    Row("jar", "pimento", 4 * _OUNCE),
    Row("jar", "artichoke", 12 * _OUNCE),
    Row("jar", "sundried tomato", 8.5 * _OUNCE),
    Row("jar", "pepper", 12 * _OUNCE, VEGETABLES),
    Row("jar", "cherry", 10 * _OUNCE),
    Row("jar", "mincemeat", 27 * _OUNCE),
    Row("jar", "peanut butter", 16 * _OUNCE),
    Row("jar", "", 16 * _OUNCE, SAUCES | PLANTS),
    Row("jar", "", 12 * _OUNCE, SWEETS),
    # Envelopes, packets and sachets: small, of powders.
    *(
        Row(noun, word, grams, kinds)
        for noun in ("envelope", "packet", "sachet", "package", "box")
        for word, grams, kinds in (
            ("yeast", 7.0, None),
            ("flavored gelatin", 3 * _OUNCE, None),
            ("gelatin dessert", 3 * _OUNCE, None),
            ("gelatin", 7.0, None),
            ("pudding", 3.4 * _OUNCE, None),
            ("taco seasoning", _OUNCE, None),
            ("onion soup", _OUNCE, None),
            ("dressing mix", _OUNCE, None),
            ("gravy", 0.87 * _OUNCE, SAUCES),
            ("drink mix", 4.0, None),
            ("saffron", 0.1, None),
            ("vanilla sugar", 8.0, None),
            ("baking powder", 15.0, None),
        )
    ),
    *(
        Row(noun, word, grams, kinds)
        for noun in ("envelope", "packet", "sachet")
        for word, grams, kinds in (
            ("sweetener", 1.0, None),
            ("sugar", 3.0, SWEETS),
            ("cocoa", _OUNCE, None),
            ("soy sauce", 9.0, None),
            ("mayonnaise", 12.0, None),
            ("", _OUNCE, SEASONINGS | SAUCES | DRINKS),
        )
    ),
    # Packages and boxes.
    *(
        # Before SR28's small package of 3 oz.
        Row(noun, "cream cheese", 8 * _OUNCE, DAIRY, first=True)
        for noun in ("package", "box", "packet")
    ),
    *(
        Row(noun, word, grams, kinds)
        for noun in ("package", "box", "packet")
        for word, grams, kinds in (
            ("cheese", 8 * _OUNCE, DAIRY),
            ("cake mix", 15.25 * _OUNCE, None),
            ("cake", 15.25 * _OUNCE, BAKED),
            ("brownie", 18.3 * _OUNCE, None),
            ("cornbread", 8.5 * _OUNCE, None),
            ("muffin mix", 8.5 * _OUNCE, None),
            ("stuffing", 6 * _OUNCE, None),
            ("pie crust", 15 * _OUNCE, None),
            ("puff pastry", 17.3 * _OUNCE, None),
            ("phyllo", 16 * _OUNCE, None),
            ("wonton", 12 * _OUNCE, None),
            ("graham cracker", 14.4 * _OUNCE, None),
            ("cookie", 14 * _OUNCE, BAKED),
            ("cracker", 16 * _OUNCE, BAKED),
            ("ramen", 3 * _OUNCE, None),
            ("macaroni cheese", 7.25 * _OUNCE, None),
            ("noodle", 12 * _OUNCE, GRAINS),
            ("pasta", 16 * _OUNCE, None),
            ("spaghetti", 16 * _OUNCE, GRAINS),
            ("", 16 * _OUNCE, GRAINS),
            ("spinach", 10 * _OUNCE, None),
            ("mushroom", 8 * _OUNCE, None),
            ("broccoli", 10 * _OUNCE, None),
            ("coleslaw", 14 * _OUNCE, None),
            ("strawberry", 16 * _OUNCE, FRUITS),
            ("raspberry", 6 * _OUNCE, FRUITS),
            ("", 10 * _OUNCE, PLANTS),
            ("tofu", 14 * _OUNCE, None),
            ("ground", 16 * _OUNCE, MEATS),
            ("", 16 * _OUNCE, MEATS),
            ("smoked salmon", 4 * _OUNCE, None),
            ("", 8 * _OUNCE, FISH),
            ("chocolate chip", 12 * _OUNCE, None),
            ("semisweet", 12 * _OUNCE, None),
            ("marshmallow", 10 * _OUNCE, None),
            ("coconut", 7 * _OUNCE, None),
            ("caramel", 11 * _OUNCE, None),
            ("", 8 * _OUNCE, SWEETS),
            ("", 12 * _OUNCE, CEREALS),
            ("", 10 * _OUNCE, BAKED | SNACKS),
            ("", 16 * _OUNCE, LEGUMES),
        )
    ),
    # Sleeves: a box of 13.7 oz round crackers, 16 oz saltines or 14.4 oz graham crackers by four
    # or three; canisters and tubes as sold.
    Row("sleeve", "graham", 4.8 * _OUNCE),
    Row("sleeve", "saltine", 4 * _OUNCE),
    Row("sleeve", "cracker", 3.4 * _OUNCE),
    Row("canister", "onion", 6 * _OUNCE),
    Row("tube", "crescent", 8 * _OUNCE),
    Row("tube", "biscuit", 16.3 * _OUNCE, BAKED),
    Row("tube", "cookie", 16.5 * _OUNCE),
    Row("tube", "tomato paste", 4.5 * _OUNCE),
    # Bags.
    Row("bag", "tea", 2),
    Row("bag", "spinach", 6 * _OUNCE),
    Row("bag", "salad", 10 * _OUNCE),
    Row("bag", "coleslaw", 14 * _OUNCE),
    Row("bag", "cranberry", 12 * _OUNCE),
    Row("bag", "marshmallow", 10 * _OUNCE),
    Row("bag", "tortilla chip", 13 * _OUNCE),
    Row("bag", "coconut", 14 * _OUNCE),
    Row("bag", "cookie", 17.5 * _OUNCE, BAKED),  # a pouch of mix
    Row("bag", "", 12 * _OUNCE, SWEETS),
    Row("bag", "", 16 * _OUNCE, PLANTS | LEGUMES | GRAINS),
    Row("bag", "", 10 * _OUNCE, SNACKS),
    # Cartons, containers, tubs, pots, punnets.
    Row("carton", "broth", 32 * _OUNCE),
    Row("carton", "stock", 32 * _OUNCE),
    Row("carton", "egg", 600),
    Row("carton", "whipping cream", 238),
    Row("carton", "milk", 976),
    Row("carton", "", 16 * _OUNCE, DAIRY | PLANTS),
    Row("container", "ricotta", 15 * _OUNCE),
    Row("container", "cottage", 16 * _OUNCE),
    Row("container", "whipped topping", 8 * _OUNCE),
    Row("container", "yogurt", 5.3 * _OUNCE),
    Row("container", "frosting", 16 * _OUNCE),
    Row("container", "hummus", 10 * _OUNCE),
    Row("container", "broth", 32 * _OUNCE),
    Row("container", "", 8 * _OUNCE, DAIRY | PLANTS | SAUCES),
    Row("container", "", 30, HERBS),
    Row("punnet", "cress", 25),
    Row("punnet", "shoot", 60),
    Row("punnet", "", 250, PLANTS),
    Row("scoop", "protein", 30),
    Row("scoop", "whey", 30),
)
