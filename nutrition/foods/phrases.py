"""Phrases of one meaning, and spellings of one word: "skimmed" and "fat free" are both "nonfat".

Written as they stand after folding and in the singular (see `names`). What a phrase becomes is
chosen so that a cook's wording and SR28's ("Milk, nonfat, fluid") come to the same words. A glued
word ("wildrice") keeps a food apart that its words alone would give to another.
"""

from __future__ import annotations

from collections.abc import Sequence

from nutrition.foods.brands import BRANDS

MEATS = ("beef", "pork", "lamb", "turkey", "chicken", "veal", "venison", "bison")
DRY_PASTA = ("pasta", "spaghetti", "macaroni", "noodle", "penne", "fusilli", "linguine", "lasagna")

SAYING_NOTHING = (
    *("ready made", "readymade", "shop bought", "high quality", "a little", "of choice"),
    *("of your choice", "to your liking", "a selection of", "selection of"),
    *("heart shaped", "square shaped", "triangle shaped", "matchstick cut", "pre washed"),
)

# What it becomes: everything that becomes it.
_MEANINGS = """
unsalted: without salt, without added salt, without salt added, no salt, no added salt,
    no salt added, salt free, without any salt, not salted, saltless, no added sodium
lowsodium: low in sodium, low sodium, lower sodium, lower in sodium, reduced sodium, low salt,
    reduced salt, less sodium, less salt, sodium reduced, salt reduced
salted: with salt, with added salt, with salt added, salt added, lightly salted
unsweetened: not sweetened, without sugar, without added sugar, no sugar added, no added sugar,
    no sugar, without any sugar, sugarless
sugarfree: sugar free
nonfat: fat free, non fat, fatfree, fatless, skimmed, skim, zero fat, 0% fat, without fat, no fat
reducedfat: semi skimmed, semi skim, reduced fat, less fat, half fat
part skim: part skim, part skimmed
lowfat: low fat, light fat, lower fat, low in fat
whole: full fat, full cream
skinless: without skin, without the skin, skin removed, meat only, no skin, skin less, skin off
withskin: meat and skin, meat skin, with skin, skin on, skin and meat
skinless boneless: skin and bone removed, bone and skin removed, without skin and bone,
    without skin or bone, without bone or skin
boneless: bone less, without bone, bone removed, no bone, boned, deboned, bone out
bonein: bone in, with bone, on the bone
decaffeinated: decaf, without caffeine, caffeine free, no caffeine, decaffeinated
raw: uncooked, unprepared, unheated, fresh, freshly
dried: dry, dehydrated, desiccated, freeze dried, air dried
sundried: sun dried
sundried tomato: dried tomato
canned: tinned, tin, can, bottled, jarred
powder: powdered
allpurpose flour: all purpose, plain flour, all purpose flour
selfrising: self rising, self raising, selfraising
halfandhalf: half and half, half n half, half half
bread crumb: breadcrumb
buttermilk: butter milk
cornstarch: corn starch, corn flour, cornflour
cornmeal: corn meal
oatmeal: oat meal
cornbread: corn bread
popcorn: pop corn
breadstick: bread stick
cheesecake: cheese cake
cupcake: cup cake
applesauce: apple sauce
eggnog: egg nog
headcheese: head cheese
meatball: meat ball
meatloaf: meat loaf
corn sweet: sweet corn, sweetcorn
powder sugar: confectioner sugar, icing sugar, powder sugar
granulated sugar: caster sugar, castor sugar, superfine sugar, white sugar
sweet pepper: bell pepper, bellpepper, capsicum
hot chili pepper: chili, chili pepper, hot chili pepper, chilli pepper, chile pepper
chili powder: chili powder
chili con carne: chili con carne
scallion spring onion: spring onion, green onion, salad onion, scallion
eggplant: aubergine
zucchini squash summer: courgette
shrimp: prawn
catsup: tomato ketchup, ketchup, tomato catsup
mayonnaise: mayo, mayonaise
wholegrain wheat: wholemeal, wholewheat, whole wheat
wholegrain: whole grain
wholegrain wheat flour: wheat flour whole, flour wheat whole
multigrain: multi grain
canola: rapeseed, rape seed
spice: mccormick, spice island, penzey, durkee
peanut: groundnut
rutabaga: swede
beet: beetroot
coconut milk: coconutmilk
chickpea: garbanzo, garbanzo bean, chick pea, bengal gram
chickpea flour: gram flour, besan, besan flour, garbanzo flour
edible podded pea: mangetout, snow pea, sugar snap, sugar snap pea, snap pea, sugarsnap pea
tortilla chip: corn chip
flavored gelatin dessert: jell o, jello
semisweet: semi sweet
rolled: old fashioned
wildrice: wild rice
lemongrass: lemon grass
blackgram: black gram
mung bean: green gram, moong bean
fishstick: fish stick, fish finger
imitation crab: crab stick
potatostick: potato stick
pepper sauce: hot sauce, hot pepper sauce
hotdog: hot dog
coconut cream sweetened: cream of coconut
milkchocolate chocolate: milk chocolate
peanutbuttercup: peanut butter cup
short grain white rice: pudding rice
tortilla mix wheat flour: tortilla flour mix, flour for tortilla
cheddar cheese curd: cheese curd
soymilk: soy milk, soya milk
almond milk: almondmilk
kiwifruit: kiwi fruit, kiwi
starfruit: star fruit
waterchestnut: water chestnut
passion fruit: passionfruit
butter bean: butterbean
peanut butter: peanutbutter
ginger root: gingerroot
pie crust: piecrust
waxy potato: salad potato
flour tortilla: tortilla flour or corn, tortilla corn or flour
ice cream: icecream
crab meat: crabmeat
couscous: cous cous
hard boiled: hardboiled
honeydew: honey dew
horseradish: horse radish
yardlong bean: yard long bean
sour cream: soured cream
baking soda: bread soda, bicarbonate of soda, bicarb
egg substitute: egg replacer, egg replacement
barbecue: bar b q, bar b que, b b q
no-dairy: nondairy
shreddedwheat wheat: shredded wheat
"""
_SPELLINGS = """
yogurt: yoghurt yogourt yoghourt
chili: chilli chile chilies chillies
doughnut: donut
whiskey: whisky
flavor: flavour
flavored: flavoured
color: colour
fiber: fibre
barbecue: barbeque bbq barbecued barbequed
omelet: omelette
turmeric: tumeric
parmesan: parmesean parmasan parmigiano parmiagano parmigianno
mozzarella: mozarella mozzerella
worcestershire: worchestershire worcester worcestshire
broccoli: brocolli brocoli
tomato: tomatoe
potato: potatoe
cinnamon: cinammon cinamon
jalapeno: jalepeno
hummus: hommus houmous houmus hummous
pita: pitta
phyllo: filo fillo
bouillon: bullion
linguine: linguini
fettuccine: fettuccini fettucine fettucini
kebab: kabob kebob
anise: aniseed
soy: soya
cilantro: cilanto
vinaigrette: vinegarette
mustard: mustered
pumpkin: punkin pumkpin pumkin
caramel: carmel
breadcrumb: breadcumb breadcrum
butter: buter
sucralose: sucrolose
feta: fetta
masala: massala
dal: dhal daal
flavorless: flavourless
flavoring: flavouring
coloring: colouring
shiitake: shitake
prosciutto: proscuitto
mascarpone: marscapone
sherbet: sherbert
tortellini: tortelleni tortelini tortilini
ravioli: raviolli
avocado: avacado
zucchini: zuchini zuccini
cayenne: cayanne
raspberry: rasberry
vinegar: vineger vinager
parsley: parsely
oregano: oregeno
coriander: corriander
cardamom: cardamon
cheddar: chedder
lettuce: lettus
"""
SPELLINGS: dict[str, str] = {
    spelling: word
    for line in _SPELLINGS.strip().splitlines()
    for word, _, spellings in (line.partition(": "),)
    for spelling in spellings.split()
}


def _table() -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """First word → phrases that begin with it and what they become, the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    pairs = [
        (phrase, meaning)
        for entry in _MEANINGS.strip().replace("\n    ", " ").splitlines()
        for meaning, _, phrases in (entry.partition(": "),)
        for phrase in phrases.split(",")
    ]
    pairs += [
        (f"{mince} {meat}", f"ground {meat}") for meat in MEATS for mince in ("minced", "mince")
    ]
    pairs += [(f"{meat} mince", f"ground {meat}") for meat in MEATS]
    # They tell nothing: how a thing is sold, praised or left to the cook, and by whom.
    pairs += [(phrase, "") for phrase in (*SAYING_NOTHING, *BRANDS)]
    pairs += [(f"uncooked {pasta}", f"dried {pasta}") for pasta in DRY_PASTA]
    for phrase, meaning in pairs:
        key = tuple(phrase.split())
        table.setdefault(key[0], []).append((key, tuple(meaning.split())))
    return {
        first: tuple(sorted(phrases, key=lambda one: -len(one[0])))
        for first, phrases in table.items()
    }


PHRASES = _table()
# "without beans" is the food "no beans": what stands between tells nothing.
NEGATIONS = frozenset({"without", "no", "not", "non"})
BETWEEN = frozenset(
    {"added", "add", "packed", "in", "any", "a", "an", "the", "of", "from", "with"}
    | {"too", "very"}
)
FREE_OF = frozenset(
    {"alcohol", "aluminum", "calorie", "cholesterol", "dairy", "egg", "gluten", "grain", "lactose"}
    | {"nitrate", "nut", "peanut", "sodium", "soy", "wheat", "yeast"}
)


def meaning(tokens: Sequence[str]) -> list[str]:
    """*tokens* with every phrase as the words of its meaning, the longest phrase first.

    What a name says is not there becomes one word: "without beans" → "no-bean", "gluten-free" →
    "no-gluten".
    """
    found: list[str] = []
    position, count = 0, len(tokens)
    while position < count:
        token = tokens[position]
        for phrase, replacement in PHRASES.get(token, ()):
            end = position + len(phrase)
            if len(phrase) == 1 or tuple(tokens[position:end]) == phrase:
                found.extend(replacement)
                position = end
                break
        else:
            position += 1
            if token in NEGATIONS:
                while position < count - 1 and tokens[position] in BETWEEN:
                    position += 1
                if position < count:
                    found.append(f"no-{tokens[position]}")
                    position += 1
            elif token in FREE_OF and position < count and tokens[position] == "free":
                found.append(f"no-{token}")
                position += 1
            else:
                found.append(token)
    return found
