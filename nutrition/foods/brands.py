"""Names of makers and shops that tell nothing of the food: "Market Pantry sliced almonds".

Only those that SR28 does not know (its own brands tell its foods apart: "KRAFT", "PACE"), that sell
many kinds of food (a "Hellmann's" alone is mayonnaise) and that are no everyday word. Written as
they stand after folding and in the singular (see `names`).
"""

from __future__ import annotations

_BRANDS = """
al fresco, applegate, archer farm, asda, athenos, barilla, belgioioso, bertolli, bird eye, blue
diamond, boar head, bob evan, bob red mill, bonne maman, borden, cake mate, calumet, captain choice,
cento, chef natural, clabber girl, colavita, college inn, contadina, culinary circle, de cecco, del
monte, delallo, dietz and watson, dietz watson, dole, duncan hine, europe best, filippo berio,
fisher, galbani, gay lea, ghirardelli, gold medal, great value, green giant, herdez, hillshire farm,
house of tsang, hunt, huy fong, jennie o, johnsonville, king arthur, kirkland signature, kitchen
basic, kretschmar, la choy, land o lake, land olake, lee kum kee, lindt, lundberg, maesri, market
pantry, marukan, maxwell house, mccain, mizkan, mott, mueller, muir glen, near east, nielsen massey,
niman ranch, pacific food, patak, perdue, polly o, pompeian, ronzoni, safeway, safeway select,
sainsbury, san giorgio, sara lee, sargento, sharwood, simply organic, simplynature, smithfield,
southern grove, sun maid, taco bell home original, tasso, tesco, thai kitchen, tillamook, toll
house, tony chachere, trader joe, tuttorosso, tyson, waitrose, white lily, wilton, zatarain
"""
BRANDS = tuple(" ".join(name.split()) for name in _BRANDS.split(","))
