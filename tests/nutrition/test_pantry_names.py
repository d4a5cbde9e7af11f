"""What cooks call the things of the pantry, and the SR28 food each means.

The table is kitchen knowledge checked against SR28's own names: the common form as bought, generic
before branded, the nearest food in making and energy where SR28 lacks the thing itself.
"""

from __future__ import annotations

import pytest

from nutrition.engine import Engine

STAPLES = {
    "dairy and eggs": (
        ("cheese", "Cheese, cheddar"),
        ("crème fraîche", "Cream, fluid, light whipping"),
        ("double cream", "Cream, fluid, heavy whipping"),
        ("single cream", "Cream, fluid, half and half"),
        ("paneer", "Cheese, white, queso blanco"),
        ("halloumi", "Cheese, white, queso blanco"),
        ("Emmental cheese", "Cheese, swiss"),
        ("red Leicester", "Cheese, cheddar"),
        ("asiago cheese", "Cheese, parmesan, hard"),
        ("burrata", "Cheese, mozzarella, whole milk"),
        ("pepper jack cheese", "Cheese, monterey"),
        ("Mexican cheese blend", "Cheese, Mexican blend"),
        ("Cool Whip", "Whipped topping, frozen"),
        ("egg substitute", "Egg substitute, liquid"),
        ("hard-boiled eggs", "Egg, whole, cooked, hard-boiled"),
        ("non-dairy creamer", "Cream substitute, powdered"),
    ),
    "spices and essences": (
        ("black peppercorns", "Spices, pepper, black"),
        ("sea salt flakes", "Salt, table"),
        ("star anise", "Spices, anise seed"),
        ("five-spice powder", "Spices, pumpkin pie spice"),
        ("cayenne", "Spices, pepper, red or cayenne"),
        ("taco seasoning mix", "Seasoning mix, dry, taco"),
        ("fresh thyme leaves", "Thyme, fresh"),
        ("dried rosemary leaves", "Spices, rosemary, dried"),
        ("Thai basil", "Basil, fresh"),
        ("vanilla pods", "Vanilla extract"),
        ("peppermint extract", "Vanilla extract"),
        ("white wine vinegar", "Vinegar, distilled"),
        ("English mustard powder", "Spices, mustard seed, ground"),
        ("wholegrain mustard", "Mustard, prepared, yellow"),
    ),
    "fats and dressings": (
        ("rapeseed oil", "Oil, canola"),
        ("Crisco", "Shortening, vegetable, household"),
        ("nonstick cooking spray", "Oil, PAM cooking spray"),
        ("butter or margarine", "Butter, salted"),
        ("duck fat", "Fat, duck"),
        ("balsamic vinaigrette", "Salad dressing, home recipe, vinegar and oil"),
        ("Miracle Whip", "Salad dressing, mayonnaise type"),
    ),
    "nuts and seeds": (
        ("ground almonds", "Nuts, almonds"),
        ("slivered almonds", "Nuts, almonds, blanched"),
        ("marzipan", "Nuts, almond paste"),
        ("chopped walnuts", "Nuts, walnuts, english"),
        ("desiccated coconut", "Nuts, coconut meat, dried (desiccated), not sweetened"),
        ("sweetened flaked coconut", "Nuts, coconut meat, dried (desiccated), sweetened, flaked"),
        ("tahini paste", "Seeds, sesame butter, tahini"),
        ("ground flaxseed", "Seeds, flaxseed"),
    ),
    "flour, grain and pasta": (
        ("plain flour", "Wheat flour, white, all-purpose, enriched, bleached"),
        ("unbleached all-purpose flour", "Wheat flour, white, all-purpose, enriched"),
        ("strong white flour", "Wheat flour, white, bread, enriched"),
        ("self-raising flour", "Wheat flour, white, all-purpose, self-rising"),
        ("wholemeal flour", "Wheat flour, whole-grain"),
        ("cornflour", "Cornstarch"),
        ("masa harina", "Corn flour, yellow, masa"),
        ("polenta", "Cornmeal"),
        ("old-fashioned rolled oats", "Cereals, oats, regular and quick"),
        ("jasmine rice", "Rice, white, long-grain, regular, raw, enriched"),
        ("arborio rice", "Rice, white, short-grain"),
        ("wild rice", "Wild rice, raw"),
        ("gram flour", "Chickpea flour"),
        ("tagliatelle", "Pasta, dry, enriched"),
        ("fresh lasagne sheets", "Pasta, fresh-refrigerated, plain"),
        ("ramen noodles", "Soup, ramen noodle"),
        ("bulgar wheat", "Bulgur, dry"),
        ("quick-cooking tapioca", "Tapioca, pearl, dry"),
    ),
    "baking and bread": (
        ("bicarbonate of soda", "Leavening agents, baking soda"),
        ("fast-action dried yeast", "Leavening agents, yeast, baker's, active dry"),
        ("leaf gelatine", "Gelatins, dry powder, unsweetened"),
        ("xanthan gum", "Gums, seed gums"),
        ("panko breadcrumbs", "Bread crumbs, dry, grated, plain"),
        ("filo pastry", "Phyllo dough"),
        ("frozen puff pastry", "Puff pastry, frozen, ready-to-bake"),
        ("graham cracker crumbs", "Cookies, graham crackers"),
        ("digestive biscuits", "Cookies, graham crackers"),
        ("Oreo cookies", "Cookies, chocolate sandwich"),
        ("Ritz crackers", "Crackers, standard snack-type"),
        ("yellow cake mix", "Cake, yellow, enriched, dry mix"),
        ("Bisquick", "Pancakes, plain, dry mix, complete"),
        ("naan bread", "Bread, naan, plain"),
        ("brioche", "Bread, egg"),
        ("Rice Krispies", "Cereals ready-to-eat, KELLOGG, KELLOGG'S RICE KRISPIES"),
    ),
    "sugar and sweets": (
        ("caster sugar", "Sugars, granulated"),
        ("icing sugar", "Sugars, powdered"),
        ("light muscovado sugar", "Sugars, brown"),
        ("golden syrup", "Syrups, corn, light"),
        ("black treacle", "Molasses"),
        ("Nutella", "Chocolate-flavored hazelnut spread"),
        ("strawberry preserves", "Jams and preserves"),
        ("semisweet chocolate chips", "Candies, semisweet chocolate"),
        ("almond bark", "Candies, white chocolate"),
        ("candy canes", "Candies, hard"),
        ("toffee bits", "Candies, toffee"),
        ("Jell-O", "Gelatin desserts, dry mix"),
        ("instant vanilla pudding mix", "Puddings, vanilla, dry mix, instant"),
        ("cream cheese frosting", "Frostings, cream cheese-flavor"),
    ),
    "drinks": (
        ("dry sherry", "Alcoholic beverage, wine, dessert, dry"),
        ("dry white wine", "Alcoholic beverage, wine, table, white"),
        ("prosecco", "Alcoholic beverage, wine, table, white"),
        ("whisky", "Alcoholic beverage, distilled, whiskey"),
        ("triple sec", "Alcoholic beverage, liqueur, coffee"),
        ("Baileys Irish cream", "Alcoholic beverage, liqueur, coffee with cream"),
        ("stout", "Alcoholic beverage, beer, regular"),
        ("mirin", "Alcoholic beverage, rice (sake)"),
        ("espresso powder", "Beverages, coffee, instant"),
        ("lukewarm water", "Beverages, water, tap"),
        ("ginger beer", "Beverages, carbonated, ginger ale"),
        ("grenadine", "Syrups, grenadine"),
    ),
}


@pytest.mark.parametrize(
    ("name", "food"), [pair for group in STAPLES.values() for pair in group], ids=lambda text: text
)
def test_a_cooks_name_means_the_common_food(engine: Engine, name: str, food: str) -> None:
    match = engine.matcher.match(name)

    assert match is not None
    assert engine.catalogue.foods[match.food_index].name.startswith(food)
