"""Weights of lines as cooks write them: each row with the source of its figure."""

from __future__ import annotations

import pytest

from nutrition.engine import Engine
from nutrition.grams import customary, drained, edible, portions, spread
from nutrition.grams.rows import DAIRY, Row
from nutrition.lines.parsing import Amount
from nutrition.status import Status

OUNCE = 28.3495


@pytest.mark.parametrize(
    ("line", "grams", "basis"),
    [
        # SR28: 266 of the 436 g of a can of kidney beans are solid.
        ("1 (15 oz) can kidney beans, drained", 0.61 * 15 * OUNCE, "drained: 61% of the contents"),
        # What is rinsed was drained.
        ("1 (15 oz) can kidney beans, rinsed", 0.61 * 15 * OUNCE, "drained: 61% of the contents"),
        # SR28 has black beans with their liquid alone; the solids hold nine tenths of the energy.
        ("1 (15 oz) can black beans, drained", 0.9 * 15 * OUNCE, "which hold 90% of their energy"),
        # SR28: "can drained", 253 g.
        ("1 can chickpeas, drained", 253, "portion: 1 can drained = 253 g"),
        # A cup is measured after the can was drained: SR28's drained corn, 164 g a cup.
        ("1 cup canned corn, drained", 164, "portion: 1 cup"),
        # SR28: evaporated milk 31.5 g a fl oz; 12 oz on the can are fluid.
        ("1 (12 oz) can evaporated milk", 378, "a fluid ounce"),
        # SR28's first cup of cheese is diced; cooks shred it: 113 g.
        ("1 cup cheddar cheese", 113, "portion: 1 cup, shredded = 113 g"),
        ("1 cup cubed cheddar cheese", 132, "portion: 1 cup, diced = 132 g"),
        # Condensed milk is sold by weight: 14 oz on the can.
        ("1 (14 oz) can sweetened condensed milk", 14 * OUNCE, "1 × 14 oz, as stated"),
        # SR28: drained tuna, 165 g a can.
        ("1/2 can tuna, drained", 82.5, "portion: 1 can = 165 g"),
        ("1 can tuna", 165, "portion: 1 can = 165 g"),
        # SR28: half gallon of ice cream at 66 g a half cup.
        ("1/2 cup vanilla ice cream", 66, "serving 1/2 cup = 66 g"),
        # SR28: an envelope of gelatin is a tablespoon, 7 g.
        ("1 tablespoon unflavored gelatin", 7, "envelope (1 tbsp) = 7 g"),
        # SR28 names the tortillas by their diameter: 49 g at 7-8", 117 g at 12".
        ("8 8-inch flour tortillas", 8 * 49, 'tortilla (approx 7-8" dia)'),
        ("2 12-inch flour tortillas", 2 * 117, 'tortilla (approx 12" dia)'),
        # SR28's 139 g "slice" of French bread is a fifth of a loaf; FNDDS: small slice 32 g.
        ("2 slices baguette", 64, "assumed: 1 french bread slice = 32 g"),
        # FNDDS: 1 baguette (about 22" long) 324 g.
        ("1 baguette", 324, "assumed: 1 baguette = 324 g"),
        # SR28: crust, single 9", unbaked 194 g; two of them.
        ("1 recipe pastry for a 9 inch double crust pie", 388, "assumed: 1 double"),
        # Net weights on US packages: 24 oz, 15 oz.
        ("1 jar pasta sauce", 24 * OUNCE, "assumed: 1 pasta sauce jar"),
        ("1 container ricotta cheese", 15 * OUNCE, "assumed: 1 ricotta container"),
        # FNDDS: tortilla chips, crushed, 78 g a cup; chocolate sandwich cookies, 110 g.
        ("1 cup crushed tortilla chips", 78, "1 cup crushed tortilla chip = 78 g"),
        ("1 cup crushed chocolate sandwich cookies", 110, "1 cup cookie sandwich = 110 g"),
        # Ginger by its length: 7 g an inch.
        ("2 inch piece ginger", 14, "assumed: 7 g an inch, 2 inches"),
        # SR28: grated carrots 110 g a cup, said "shredded".
        ("1 cup shredded carrots", 110, "portion: 1 cup grated = 110 g"),
        # The general form of a food speaks for it: SR28's onions, 160 g a cup chopped.
        ("1 cup chopped sweet onion", 160, "that of the plain one of SR28's 'Onions'"),
        # SR28: medium whole tomato 123 g, a cherry one 17 g, an Italian one 62 g.
        ("4 tomatoes", 492, 'portion: 1 medium whole (2-3/5" dia) = 123 g'),
        ("10 cherry tomatoes", 170, "portion: 1 cherry = 17 g"),
        ("2 plum tomatoes", 124, "portion: 1 plum tomato = 62 g"),
        # A whole carrot, whatever it is cut into: SR28, medium 61 g.
        ("3 carrots, cut into slices", 183, "portion: 1 medium = 61 g"),
        # SR28 has one size of pineapple, 905 g; smaller ones weigh three quarters of it.
        ("1 small pineapple", 0.75 * 905, "a small one taken as 0.75 of it"),
        # A label's quarter cup of almond flour: 24 to 28 g.
        ("1 cup almond flour", 104, "assumed"),
        # What is cut from a food is not the whole of it; nor is its container, nor a ball a melon.
        ("20 carrot sticks", 140, "assumed: 1 carrot stick = 7 g"),
        ("3 baby sweetcorn", 24, "assumed: 1 baby corn = 8 g"),
        ("1/2 watermelon", 2259, "assumed: 1 watermelon = 4518 g"),
        # A part of an animal, wherever it stands in the name.
        ("1 boneless duck breast half", 200, "duck breast = 200 g"),
        # A loaf of pound cake of 12 oz, not SR28's wrapped slice of 49 g.
        ("1 pound cake", 340, "assumed: 1 pound cake = 340 g"),
        # SR28 counts half a fish as a fillet (396 g); a recipe's is a portion of it.
        ("4 salmon fillets", 680, "assumed: 1 salmon fillet = 170 g"),
        # SR28's can of tomatoes holds 190 g; US shops sell 14.5 oz.
        ("1 can diced tomatoes", 14.5 * OUNCE, "assumed: 1 tomato red can"),
        ("1 can chicken broth", 14.5 * OUNCE, "assumed: 1 broth can"),
        ("1 package cream cheese", 8 * OUNCE, "assumed: 1 cream cheese package"),
        # SR28: mushrooms 96 g a cup whole, 70 g in slices; chips 168 g a cup, large ones 182 g.
        ("1 cup sliced mushrooms", 70, "portion: 1 cup, pieces or slices = 70 g"),
        ("1 cup chocolate chips", 168, "portion: 1 cup chips"),
        # SR28: a cup of elbows 122 g, of spaghetti 91 g.
        ("1 cup macaroni", 122, "portion: 1 cup elbows = 122 g"),
        # Label of a package: half a cup of panko is 30 g; dry crumbs are 108 g a cup.
        ("1 cup panko", 60, "1 cup panko bread crumb = 60 g"),
        # A box of 13.7 oz in four sleeves.
        ("2 sleeves buttery round crackers", 2 * 3.4 * OUNCE, "assumed: 1 cracker sleeve"),
        # SR28: naan 90 g a piece; flour tortilla of 6" 30 g, of no said size 48 g.
        ("4 pieces naan", 360, "assumed: 1 naan = 90 g"),
        ("8 small flour tortillas", 240, "assumed: 1 small tortilla flour = 30 g"),
        # Net ounces of cans by number.
        ("1 #10 can tomatoes", 104 * OUNCE, "1 × 104 oz"),
        # How it is sliced says nothing of how much.
        ("1/2 small cucumber, about 6 to 8 thin slices", 150.5, "portion: 1 cucumber"),
        # A row of spareribs; minced cloves are of garlic (SR28: 3 g).
        ("1 rack pork ribs", 680, "assumed: 1 pork rack = 680 g"),
        ("3 cloves, minced", 9, "portion: 1 clove = 3 g"),
        # Whipped after it is measured: SR28, 15 g a tablespoon, and 7.5 g of whipped cream.
        ("4 tbsp double cream, softly whipped", 60, "portion: 1 tbsp = 15 g"),
        ("1 cup whipped heavy cream", 120, "portion: 1 cup, whipped = 120 g"),
        # USDA, FNDDS: half a breast; see `cuts`.
        ("2 chicken breasts", 348, "assumed: 1 chicken breast = 174 g"),
    ],
)
def test_a_line_weighs_what_its_source_says(
    engine: Engine, line: str, grams: float, basis: str
) -> None:
    found = engine.line(line)

    assert found.status is Status.OK, found.reason
    assert found.grams == pytest.approx(grams, rel=0.01)
    assert basis in found.basis


@pytest.mark.parametrize(
    ("line", "grams", "basis"),
    [
        # SR28: chicken, meat and skin: 32 % refuse, bone.
        ("1 (4 pound) whole chicken", 0.68 * 4 * 16 * OUNCE, "less 32% refuse: bone"),
        # SR28: drumstick, bone and cartilage 33 %.
        ("3 lb chicken drumsticks", 0.67 * 3 * 16 * OUNCE, "less 33% refuse: bone"),
        ("2 lb bone-in chicken thighs", 0.81 * 2 * 16 * OUNCE, "less 19% refuse: bone"),
        # SR28: bananas, 36 % skin.
        ("2 lb bananas, unpeeled", 0.64 * 2 * 16 * OUNCE, "less 36% refuse: skin"),
        ("1 lb shrimp in shell", 0.85 * 16 * OUNCE, "less 15% refuse: shells"),
        # One chicken of so many pounds is a bird.
        ("1 (3 lb) chicken, cut up", 0.68 * 3 * 16 * OUNCE, "less 32% refuse: bone"),
        # Mussels are bought in the shell; their meat is not.
        ("1 kg mussels", 250, "less 75% refuse: shells"),
        ("1 lb clam meat", 16 * OUNCE, "mass"),
        ("1 lb boneless skinless chicken breasts", 16 * OUNCE, "mass"),
        ("1 lb strawberries", 16 * OUNCE, "mass"),
        ("1 lb walnuts", 16 * OUNCE, "mass"),
        ("1 lb shrimp, peeled", 16 * OUNCE, "mass"),
    ],
)
def test_bones_and_shells_go_from_a_weight_only_where_the_line_has_them(
    engine: Engine, line: str, grams: float, basis: str
) -> None:
    found = engine.line(line)

    assert found.grams == pytest.approx(grams, rel=0.01)
    assert basis in found.basis


@pytest.mark.parametrize(
    ("line", "grams"),
    [
        ("8 chicken thighs (about 2 pounds)", 2 * 16 * OUNCE),
        ("3 sausages (225 grams)", 225),
        ("6 (4-ounce) salmon fillets", 24 * OUNCE),
        ("2 boxes (3.4 oz each) instant vanilla pudding", 6.8 * OUNCE),
    ],
)
def test_a_weight_after_the_name_is_of_all_and_one_beside_the_count_of_each(
    engine: Engine, line: str, grams: float
) -> None:
    assert engine.line(line).grams == pytest.approx(grams, rel=0.01)


@pytest.mark.parametrize(
    "line",
    ["3 slices of milk", "1 bunch milk", "a bunch of sugar", "2 loaves water", "1 can flour"],
)
def test_a_unit_that_makes_no_sense_of_a_food_has_no_weight(engine: Engine, line: str) -> None:
    found = engine.line(line)

    assert found.status is Status.UNKNOWN_PORTION
    assert "no weight is known for 1" in found.reason


def test_amounts_that_contradict_each_other_are_no_quantity(engine: Engine) -> None:
    found = engine.line("1 cup (500 g) flour")

    assert found.status is Status.NO_QUANTITY
    assert found.reason == "contradictory amounts: 1 cup is about 125 g, 500 g are stated"


@pytest.mark.parametrize(
    ("line", "grams"),
    [
        ("½ cup (100 g) sun-dried tomatoes", 100),
        ("25g/1oz plain flour (about 1 heaped tbsp)", 25),
    ],
)
def test_a_weight_is_believed_where_the_volume_may_be_of_another_form(
    engine: Engine, line: str, grams: float
) -> None:
    found = engine.line(line)

    assert found.grams == pytest.approx(grams)
    assert found.basis.startswith("mass; the volume disagrees: ")
    assert found.spread == spread.DISPUTED


@pytest.mark.parametrize(
    "line", ["1 cup (400 g) flour", "500 g flour (1 cup)", "0 cups (9 g) salt"]
)
def test_a_weight_is_not_believed_where_no_form_explains_the_volume(
    engine: Engine, line: str
) -> None:
    assert engine.line(line).reason.startswith("contradictory amounts: ")


def test_a_handful_contradicts_no_weight(engine: Engine) -> None:
    assert engine.line("1 large handful (80 g) spinach").grams == 80


def test_amounts_of_one_line_that_agree_are_taken_by_the_scale(engine: Engine) -> None:
    found = engine.line("2 cups (250 g) flour")

    assert found.grams == 250
    assert found.basis == "mass"


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("100 g butter", "1 cup butter"),
        ("2 cups flour", "2-3 cups flour"),
        ("1 tsp salt", "a pinch of salt"),
        ("1 onion", "1 bunch cilantro"),
        ("1 cup milk", "1 cup goat cheese"),
    ],
)
def test_a_weight_is_the_less_sure_the_more_it_rests_on(
    engine: Engine, surer: str, less_sure: str
) -> None:
    assert 0 < engine.line(surer).spread < engine.line(less_sure).spread


def test_a_range_adds_the_deviation_of_an_even_spread() -> None:
    assert spread.of_range(Amount(2, 3)) == pytest.approx(1 / 12**0.5 / 2.5)
    assert spread.of_range(Amount(2, 2)) == 0


def test_of_a_portion_that_was_measured_often_the_deviation_is_known() -> None:
    assert spread.of_samples(5.0, 12, 100.0, spread.COUNT) == pytest.approx(0.05)
    assert spread.of_samples(5.0, 1, 100.0, spread.COUNT) == spread.COUNT
    assert spread.of_samples(None, None, 100.0, spread.COUNT) == spread.COUNT


def test_errors_of_the_terms_of_a_sum_partly_cancel() -> None:
    assert spread.of_sum([100.0, 100.0], [0.1, 0.1]) == pytest.approx(0.1 / 2**0.5)


def test_a_row_for_any_food_names_the_kinds_of_food_it_makes_sense_for() -> None:
    with pytest.raises(ValueError, match="name words or kinds"):
        Row("bunch", "", 100)


def test_a_small_one_weighs_less_and_a_package_has_one_size() -> None:
    head = customary.weight("head", "small", frozenset(["lettuce"]), frozenset(), "1100")
    can = customary.weight("can", "small", frozenset(["tomato"]), frozenset(), "1100")

    assert head is not None
    assert can is not None
    assert head.grams == pytest.approx(0.75 * 500)
    assert can.grams == pytest.approx(14.5 * 28.35)


def test_a_block_of_cheese_is_no_block_of_water() -> None:
    (dairy,) = DAIRY

    assert customary.weight("block", "", frozenset(["cheese"]), frozenset(), dairy) is not None
    assert customary.weight("block", "", frozenset(["water"]), frozenset(), "1400") is None


def test_what_is_drained_is_sr28s_food_of_the_solids(engine: Engine) -> None:
    twins = drained.Twins(engine.catalogue)

    def named(ndb: str) -> str | None:
        food = engine.catalogue.foods[engine.catalogue.index_of_ndb(ndb)]
        twin = twins.of(food)
        return twin.name if twin else None

    assert named("16034") == "Beans, kidney, red, mature seeds, canned, drained solids"
    assert named("16145") is None  # drained already
    assert named("16018") is None  # black beans have no drained twin


@pytest.mark.parametrize(
    ("text", "inches"),
    [('medium (7-1/2" dia)', 7.5), ("10 inch", 10), ("7-8 inch", 7.5), ("5 cm", 1.97), ("one", 0)],
)
def test_a_length_is_read_in_inches(text: str, inches: float) -> None:
    assert portions.inches(text) == pytest.approx(inches, abs=0.01)


def test_the_bone_is_told_from_the_rest_of_the_refuse(engine: Engine) -> None:
    shoulder = engine.catalogue.foods[engine.catalogue.index_of_ndb("10080")]

    assert "Bone" in shoulder.refuse_description
    assert 0 < edible.bone_share(shoulder) <= (shoulder.refuse_percent or 0) / 100
