"""Lines as cooks write them, read into parts; and any text at all, without an exception."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nutrition.engine import Engine
from nutrition.lines.parsing import MAX_CHARACTERS, Amount, clean, parse

# The parser is loaded by the engine's fixture.
pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        # ranges
        ("2-3 eggs", "2-3 eggs"),
        ("2–3 eggs", "2-3 eggs"),
        ("1 – 2 onions", "1-2 onions"),
        ("1 to 2 tablespoons oil", "1-2 tbsp oil"),
        ("2 or 3 cloves garlic", "2-3 clove garlic"),
        ("1½-2 cups milk", "1.5-2 cup milk"),
        ("2-1/4 to 2-1/2 cups flour", "2.25-2.5 cup flour"),
        ("2-2.5 lbs beef", "2-2.5 lb beef"),
        ("1.5 to 2 cups milk", "1.5-2 cup milk"),
        ("1--2 cups milk", "1-2 cup milk"),
        ("2-3 dozen eggs", "2-3 dozen eggs"),
        # fractions and numbers in words
        ("½ cup milk", "0.5 cup milk"),
        ("1½ cups milk", "1.5 cup milk"),
        ("1 ½ cups sugar", "1.5 cup sugar"),
        ("1 3/4 tsp salt", "1.75 tsp salt"),
        ("1-1/2 cups milk", "1.5 cup milk"),
        ("1 and 1/2 cups milk", "1.5 cup milk"),
        ("one and a half cups sugar", "1.5 cup sugar"),
        ("1⁄2 cup milk", "0.5 cup milk"),
        ("¹⁄₂ cup milk", "0.5 cup milk"),
        ("⅔ cup milk", "0.667 cup milk"),
        ("a half cup milk", "0.5 cup milk"),
        ("half a cup milk", "0.5 cup milk"),
        ("half an onion", "0.5 onion"),
        ("half lime", "0.5 lime"),
        ("a quarter cup milk", "0.25 cup milk"),
        ("three quarters of a cup sugar", "0.75 cup sugar"),
        ("two-thirds cup sugar", "0.667 cup sugar"),
        ("1,5 kg potatoes", "1.5 kg potatoes"),
        ("0,125 l milk", "0.125 l milk"),
        ("1,000 g potatoes", "1000 g potatoes"),
        ("one egg", "1 egg"),
        ("a lemon", "1 lemon"),
        ("2 dozen eggs", "2 dozen eggs"),
        ("two dozen eggs", "2 dozen eggs"),
        ("a dozen eggs", "1 dozen eggs"),
        ("1/2 dozen eggs", "0.5 dozen eggs"),
        ("half a dozen eggs", "0.5 dozen eggs"),
        ("a couple of carrots", "2 carrots"),
        ("a few sprigs of thyme", "3 sprig thyme"),
        ("a sprig or two of thyme", "1-2 sprig thyme"),
        ("a pinch of salt", "1 pinch salt"),
        # measures, glued and by their case
        ("500g potatoes", "500 g potatoes"),
        ("2 1/2lb potatoes", "2.5 lb potatoes"),
        ("2# potatoes", "2 lb potatoes"),
        ("300 gr sugar", "300 g sugar"),
        ("2 dl milk", "2 dl milk"),
        ("1l milk", "1 l milk"),
        ("1pt milk", "1 pint milk"),
        ("8 fl oz milk", "8 fl oz milk"),
        ("1 T sugar", "1 tbsp sugar"),
        ("2 T. sugar", "2 tbsp sugar"),
        ("2 t vanilla", "2 tsp vanilla"),
        ("1 c. flour", "1 cup flour"),
        ("1 T-bone steak", "1 T-bone steak"),
        ("2 tbsps. sugar", "2 tbsp sugar"),
        ("2 tablespoos chili powder", "2 tbsp chili powder"),
        ("2 tablespoon(s) tarragon", "2 tbsp tarragon"),
        # containers and pieces, of which each weighs so much
        ("1 (14.5 oz) can diced tomatoes", "1 can, 14.5 oz each diced tomatoes"),
        ("2 (15-ounce) cans black beans", "2 can, 15 oz each black beans"),
        ("2 cans (14 oz) black beans", "2 can, 14 oz each black beans"),
        ("2 cans 11 oz cans mandarin oranges", "2 can, 11 oz each mandarin oranges"),
        ("one 28 oz can crushed tomatoes", "1 can, 28 oz each crushed tomatoes"),
        ("1 14-oz can coconut milk", "1 can, 14 oz each coconut milk"),
        ("2 12- ounce cans milk", "2 can, 12 oz each milk"),
        ("2 400g tins tomatoes", "2 tin, 400 g each tomatoes"),
        ("2 x 400g tins tomatoes", "2 tin, 400 g each tomatoes"),
        ("1 x 400g can tomatoes", "1 can, 400 g each tomatoes"),
        ("400g tin chopped tomatoes", "1 tin, 400 g each chopped tomatoes"),
        ("1 pkg (8 oz) cream cheese", "1 package, 8 oz each cream cheese"),
        ("2 boxes (3.4 oz each) pudding mix", "2 box, 3.4 oz each pudding mix"),
        ("6 (4-ounce) salmon fillets", "6, 4 oz each salmon fillets"),
        ("4 chicken breasts (about 6 oz each)", "4, 6 oz each chicken breasts"),
        ("1 (3 lb) whole chicken", "1, 3 lb each whole chicken"),
        ("4 live lobsters, each 500g/1lb 2oz", "4, 500 g each, 1 lb each live lobsters"),
        ("2 steaks, 8 oz apiece", "2, 8 oz each steaks"),
        ("2 (1.5 fluid ounce) jiggers gin", "2, 1.5 fl oz each gin"),
        # the same said twice, or the total
        ("1 cup (240 ml) milk", "1 cup, 240 ml milk"),
        ("100 g / 3.5 oz chocolate", "100 g, 3.5 oz chocolate"),
        ("2 cups/500g sugar", "2 cup, 500 g sugar"),
        ("2 sticks (1 cup) butter", "2 stick, 1 cup butter"),
        ("8 chicken thighs (about 2 pounds)", "8, 2 lb chicken thighs"),
        ("1 cup (500 g) water", "1 cup, 500 g water"),
        # the first amount goes with the first name
        ("1 tbsp oil or 2 tbsp butter", "1 tbsp oil"),
        ("flour, 2 cups", "2 cup flour"),
        ("Ground beef, 300 g", "300 g Ground beef"),
        # pieces
        ("1 knob of butter", "1 knob butter"),
        ("A drizzle of olive oil", "1 drizzle olive oil"),
        ("drizzle of balsamic vinegar", "1 drizzle balsamic vinegar"),
        ("2 pinch(es) table salt", "2 pinch table salt"),
        ("Scant 2 cups chicken broth", "2 cup chicken broth"),
        ("1 teaspoon each salt and pepper", "1 tsp salt"),
        ("a handful of basil leaves", "1 handful basil leaves"),
        ("thumb of ginger", "1 thumb ginger"),
        ("thumb-size piece of ginger", "1 thumb ginger"),
        ('1" piece ginger', "1 piece ginger"),
        ("2 cm fresh ginger", "0.787 inch fresh ginger"),
        ("2½cm/1in ginger", "0.984 inch ginger"),
        ("9-inch pie crust", "pie crust"),
        ("lemongrass, in 2 inch pieces", "lemongrass"),
        ("8 1/2-inch slices eggplant", "8 slice eggplant"),
        ("3 1/4-inch-thick slices ginger", "3 slice ginger"),
        ("1 sheet puff pastry", "1 sheet puff pastry"),
        ("1 recipe pastry for a 9 inch double crust pie", "1 recipe pastry for a double crust pie"),
        ("1 head garlic", "1 head garlic"),
        ("1 lb 80/20 ground beef", "1 lb 80% lean ground beef"),
        # juice and zest, counted by the fruit
        ("Juice of 1 lemon", "1 yield lemon juice"),
        ("juice of half a lemon", "0.5 yield lemon juice"),
        ("juice from 1 lemon", "1 yield lemon juice"),
        ("juice and zest of 2 limes", "2 yield lime juice"),
        ("zest of 2 limes", "2 yield lime zest"),
        ("1 lemon, juiced", "1 yield lemon juice"),
        ("½ medium lemon (zested)", "0.5 yield lemon zest"),
        ("1 orange, zested and juiced", "1 yield orange juice"),
        ("1 lemon juice", "1 yield lemon juice"),
        ("1 lemon (zested and cut into wedges)", "1 lemon"),
        ("1 piece lemon rind", "1 piece lemon rind"),
        ("2 tablespoons fresh lemon juice (from 1 lemon)", "2 tbsp fresh lemon juice"),
        # round numbers in words or groups; cans by number; spoons misspelt
        ("1 000 g flour", "1000 g flour"),
        ("1'000 g flour", "1000 g flour"),
        ("10,000,000 g flour", "1e+07 g flour"),
        ("1 400 g can tomatoes", "1 can, 400 g each tomatoes"),
        ("a hundred grams of sugar", "100 g sugar"),
        ("2 tbsp hundreds and thousands", "2 tbsp hundreds and thousands"),
        ("1 (No. 303) can peas", "1 can, 16 oz each peas"),
        ("1 tsbp sugar", "1 tbsp sugar"),
        # measures that the parser does not know
        ("1 sleeve saltine crackers", "1 sleeve saltine crackers"),
        ("1 pouch cookie mix", "1 pouch cookie mix"),
        ("a slug of rum", "1 slug rum"),
        ("a finger-length piece of ginger", "1 piece ginger"),
        # what belongs to the name, wherever it stands; and what does not
        ("4 chicken thighs, boneless and skinless", "4 boneless skinless chicken thighs"),
        ("1 lb ground beef (lean, 90%)", "1 lb 90% lean ground beef"),
        ("1 cup milk (low-fat)", "1 cup low-fat milk"),
        ("1 cup almonds (salted or not)", "1 cup almonds"),
        ("1 lb sausage of your choice", "1 lb sausage"),
        ("28 oz tomatoes with their juices", "28 oz tomatoes"),
        ("1 can pineapple in juice", "1 can pineapple canned, juice pack"),
        # what a cook means by it
        ("1 chicken, cut into 8 pieces", "1 whole chicken"),
        ("1 lb chicken", "1 lb chicken"),
        ("3 cloves, minced", "3 garlic cloves"),
        ("4 cloves", "4 cloves"),
        ("2 racks of lamb", "2 rack rack of lamb"),
        # an amount beside the name alone
        ("sesame oil (a few drops)", "3 drop sesame oil"),
        ("paprika, a sprinkle", "1 sprinkle paprika"),
        # no amount, none invented
        ("Kosher salt", "Kosher salt"),
        ("Cooking spray", "Cooking spray"),
        ("A little oil", "oil"),
        ("half and half", "half and half"),
        # an amount is taken as it stands; what it weighs is judged elsewhere
        ("0 cups flour", "0 cup flour"),
    ],
)
def test_a_line_is_read_as_its_cook_meant_it(line: str, said: str) -> None:
    parsed = parse(line)

    amounts = ", ".join(map(in_words, parsed.amounts))
    assert " ".join(filter(None, (amounts, parsed.name))) == said
    assert not parsed.problem


def in_words(amount: Amount) -> str:
    number = f"{amount.quantity:.3g}" if amount.quantity < 100 else f"{amount.quantity:g}"
    if amount.high != amount.quantity:
        number += f"-{amount.high:.3g}"
    return " ".join(filter(None, (number, amount.unit, "each" if amount.each else "")))


@pytest.mark.parametrize(
    "line",
    [
        "• 2 cups flour",
        "- 2 cups flour",
        "▢ 2 cups flour",
        "☐ 2 cups flour",
        "[ ] 2 cups flour",
        "1. 2 cups flour",
        "1) 2 cups flour",
        "🍚 2 cups flour",
        "2\u00a0cups\u2009flour",
        "\uff12 cups flour",
        "<b>2 cups</b> flour",
        "2 cups flour*",
        "2 cups *flour",
        "2 cups flour (*)",
        "2 cups flour¹",
        "2 cups flour [1]",
        "2 cups flour (see note 3)",
        "2 cups flour (see notes)",
        "2 cups flour ($0.50)",
        "2 cups flour $0.50",
        "2 cups flour ✨",
        "2 cups of flour",
    ],
)
def test_what_a_web_page_leaves_around_a_line_does_not_matter(line: str) -> None:
    parsed = parse(line)

    assert parsed.names == ("flour",)
    assert parsed.amounts == (Amount(2, 2, "cup"),)
    assert not parsed.comment


def test_temperatures_are_no_amounts() -> None:
    assert parse("1 cup warm water (110°F to 115°F)").amounts == (Amount(1, 1, "cup"),)
    assert parse("1 cup milk, 80F (26C)").amounts == (Amount(1, 1, "cup"),)


def test_amounts_joined_by_plus_are_terms_of_one() -> None:
    (amount,) = parse("1 cup plus 2 tablespoons sugar").amounts

    assert amount == Amount(1, 1, "cup", plus=(Amount(2, 2, "tbsp"),))


def test_amounts_side_by_side_or_less_another_are_terms_too() -> None:
    assert parse("2 pounds, 4 ounces beef").amounts == (
        Amount(2, 2, "lb", plus=(Amount(4, 4, "oz"),)),
    )
    assert parse("1 tbsp minus 1 tsp salt").amounts == (
        Amount(1, 1, "tbsp", plus=(Amount(-1, -1, "tsp"),)),
    )


def test_fractions_of_one_unit_are_added() -> None:
    (amount,) = parse("2/3 + 1/4 cup sugar").amounts

    assert (amount.unit, [term.unit for term in amount.plus]) == ("cup", ["cup"])
    assert amount.quantity + amount.plus[0].quantity == pytest.approx(11 / 12)


def test_a_pasted_short_description_is_a_name_with_its_commas() -> None:
    parsed = parse("500 g CHICKEN,BROILERS OR FRYERS,MEAT ONLY,STWD")

    assert parsed.names == ("CHICKEN,BROILERS OR FRYERS,MEAT ONLY,STWD",)
    assert parsed.amounts == (Amount(500, 500, "g"),)


def test_a_unit_is_no_food() -> None:
    assert parse("cup cup cup").names == ()


def test_a_range_is_reckoned_at_its_middle() -> None:
    (amount,) = parse("2-3 eggs").amounts

    assert amount.middle == pytest.approx(2.5)


def test_alternatives_keep_their_order_and_their_shared_words() -> None:
    assert parse("100 g butter or margarine").names == ("butter", "margarine")
    assert parse("1 cup chicken or vegetable broth").names == ("chicken broth", "vegetable broth")
    assert parse("salt & freshly ground black pepper").names == ("salt", "black pepper")


def test_a_description_after_a_comma_is_no_alternative() -> None:
    assert parse("1 tbsp soy sauce, reduced sodium").names == ("soy sauce, reduced sodium",)


@pytest.mark.parametrize(
    ("line", "size"),
    [("2 large eggs", "large"), ("2 lg. eggs", "large"), ("2 inch piece ginger", "2 inch")],
)
def test_a_size_is_told(line: str, size: str) -> None:
    assert parse(line).size == size


def test_what_belongs_to_a_name_is_no_size() -> None:
    assert parse("½ tsp medium curry powder").name == "medium curry powder"


def test_optional_and_to_taste_are_marked() -> None:
    assert parse("1 cup walnuts (optional)").optional
    assert parse("salt to taste").to_taste
    assert parse("Optional: 1 cup walnuts").optional


def test_more_for_something_else_says_nothing_of_the_stated_amount() -> None:
    parsed = parse("1/2 cup butter, melted, plus more for greasing the pan")

    assert parsed.purpose == ""
    assert not parsed.to_taste


def test_a_label_before_a_food_tells_its_purpose() -> None:
    parsed = parse("For serving: lime wedges")

    assert (parsed.name, parsed.purpose) == ("lime wedges", "to serve")


@pytest.mark.parametrize(
    "line",
    [
        "For the sauce:",
        "Filling:",
        "FOR THE CRUST",
        "SAUCE",
        "Filling",
        "Toppings",
        "Optional toppings:",
        "Special equipment: a 9-inch pan",
        "12 wooden skewers",
        "parchment paper",
        "",
        "  ",
        "***",
        "🎂",
        "!?., ()",
    ],
)
def test_a_heading_a_tool_or_a_line_without_words_is_no_food(line: str) -> None:
    assert parse(line).heading


@pytest.mark.parametrize("line", ["-2 cups flour", "−1 egg", "NaN cups flour", "inf g sugar"])
def test_a_negative_or_unreal_quantity_is_a_named_problem(line: str) -> None:
    parsed = parse(line)

    assert "negative or not a number" in parsed.problem
    assert parsed.name
    assert not parsed.amounts


@pytest.mark.parametrize(
    "line",
    [
        "1½½ cups flour",
        "1/2/3 cups flour",
        "1.2.3 cups flour",
        "1-2-3 cups flour",
        "1,,,,2 cups flour",
        "1e-320 g flour",
        "7*7 cups flour",
    ],
)
def test_a_number_that_nobody_can_tell_is_a_named_problem(line: str) -> None:
    parsed = parse(line)

    assert parsed.problem == "the amount cannot be read"
    assert parsed.name
    assert not parsed.amounts


def test_a_division_by_zero_is_a_named_problem() -> None:
    assert parse("1/0 cup sugar").problem == "the line cannot be read"


def test_control_characters_and_length_are_tamed_before_the_parser() -> None:
    assert clean("1\x00 cup\t\u202e flour\n") == "1 cup flour"
    assert len(clean("flour " * 1000)) <= MAX_CHARACTERS


def test_a_line_of_thousands_of_characters_is_read_by_its_beginning() -> None:
    assert parse("2 cups flour, sifted " + "twice and " * 500).amounts == (Amount(2, 2, "cup"),)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
@example("\x00")
@example("1/0")
@example("(" * 400)
@example("1 cup " * 1000)
@example("٢ كوب طحين")
@example("\ud800 cup")
def test_any_text_is_an_answer(engine: Engine, text: str) -> None:
    assert parse(text).text == text


RECIPE_WORDS = """1 2 ½ 1/2 - to ( ) , or and plus x oz cup g can dozen of juice lemon egg # $ : %
half inch cm in each T ginger"""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(RECIPE_WORDS.split()), max_size=12))
def test_any_jumble_of_the_words_of_recipes_is_an_answer(engine: Engine, words: list[str]) -> None:
    text = " ".join(words)

    assert parse(text).text == text


@pytest.mark.parametrize(
    ("line", "drained", "purpose"),
    [
        ("1 (15 oz) can black beans, drained and rinsed", True, ""),
        ("1 (15 oz) can black beans, undrained", False, ""),
        ("1 can corn, not drained", False, ""),
        ("oil for frying", False, "for frying"),
        ("4 cups vegetable oil, for deep-frying", False, "for deep frying"),
        ("1 tablespoon butter, for greasing the pan", False, "for greasing"),
        ("1/2 cup flour for dredging", False, "for dredging"),
        ("powdered sugar, for dusting", False, "for dusting"),
        ("flour for the work surface", False, "for dusting"),
        ("2 cups wine for the marinade", False, "for the marinade"),
        ("1/2 cup salt for the brine", False, "for brine"),
        ("melted butter for brushing", False, "for brushing"),
        ("1 tsp pepper (to coat chicken)", False, ""),
        ("chopped parsley, to garnish", False, "for garnish"),
        ("6 cups cooked rice, for serving", False, "to serve"),
        ("salt for the pasta water", False, "for cooking water"),
        ("2 cups flour", False, ""),
    ],
)
def test_what_is_poured_off_and_what_a_food_is_for_is_told(
    line: str, drained: bool, purpose: str
) -> None:
    parsed = parse(line)

    assert (parsed.drained, parsed.purpose) == (drained, purpose)
