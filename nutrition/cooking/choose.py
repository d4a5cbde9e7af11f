"""The retention row for a food and a method: family × method → code of USDA's Release 6.

Where USDA measured a family only by other methods, the nearest of them stands in: dry heat for dry
heat, moist for moist, water kept for water kept. Soups, stews, braises and oven dishes keep what
runs out, so they take the rows "water used" and "with drippings"; boiling and poaching drain it,
and roasting leaves it in the tin. 0 is no row: no loss is claimed. Fats, oils, sugar, salt and
spices have no rows in Release 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nutrition.cooking.families import family

if TYPE_CHECKING:
    from nutrition.catalogue import Food
    from nutrition.cooking.methods import Method

_METHODS = (
    *("baked", "roasted", "broiled", "toasted", "boiled", "blanched", "simmered", "braised"),
    "poached",
    *("steamed", "sauteed", "stir-fried", "fried", "deep-fried", "air-fried", "microwaved"),
    *("pressure-cooked", "flambeed", "reheated"),
)

# 0: no row. Columns as in _METHODS; the families as in `families`.
_CODES = """
cheese              1    1    3    3    5    5    5    5    5    5    1    1    1    1    1    7    5    0    7
egg               101  101  101  101  105  105  107  107  107  105  103  103  103  103  101  103  105    0  109
milk             2152 2152 2151 2151 2151 2151 2152 2153 2151 2151 2151 2151 2151 2151 2152 2151 2151    0 2154
fruit             151  151  152  152  155  155  155  155  155  155  153  153  153  153  151  151  155    0  157
dried_fruit       251  251  251  251  255  255  255  255  255  255  253  253  253  253  251  251  255    0  257
citrus            270  270  270  270  270  270  270  270  270  270  270  270  270  270  270  270  270    0  157
flour             301  301  306  306  302  302  302  302  302  302  305  305  305  305  301  302  302    0  304
oats              301  301  306  306  352  352  352  352  352  352  305  305  305  305  301  352  352    0    0
cereal            301  301  306  306  358  358  358  358  358  358  305  305  305  305  301  358  358    0    0
pasta             382  382    0    0  381  381  384  384  381  384    0    0    0    0    0  384  384    0  385
rice              432  432    0    0  431  431  432  432  431  432  433  433  433    0    0  432  432    0  434
quick_legume      504  504    0    0  501  501  502  502  501  502  506  506  506  506  504  502  502    0  550
legume            524  524    0    0  521  521  522  522  521  522  526  526  526  526  524  522  502    0  550
slow_legume       544  544    0    0  541  541  542  542  541  542  546  546  546  546  544  542  522    0  550
beef              601  601  602  602  703  703  704  652  703  704  604  604  604  605  601  704  704    0  770
ground_beef       750  749  603  603  753  753  754  752  753  754  752  752  751  604  749  750  754    0  770
chicken           805  805  801  801  855  855  856  852  855  856  803  803  803  804  805  856  856    0  864
turkey           1805 1805  801 1805 1851 1851 1852 1852 1851 1852  803  803  803  804 1805 1852 1852    0 1860
lamb             1004 1004 1001 1001 1055 1055 1056 1052 1055 1056 1001 1001 1001 1001 1004 1056 1056    0 1074
ground_lamb      1003 1003 1003 1003 1055 1055 1056 1052 1055 1056 1003 1003 1003 1003 1003 1056 1056    0 1074
veal             1954 1954 1951 1951 2055 2055 2056 2002 2055 2056 1952 1952 1952 1953 1954 2056 2056    0 2064
liver            1151 1151 1151 1151 1152 1152 1153 1153 1152 1153 1151 1151 1151 1151 1151 1153 1153    0 1154
organ            1181 1181 1181 1181 1182 1182 1183 1183 1182 1183 1181 1181 1181 1181 1181 1183 1183    0 1184
pork             1254 1254 1251 1251 1353 1353 1354 1352 1353 1354 1252 1252 1252 1253 1254 1354 1354    0 1407
ground_pork      1254 1254 1251 1251 1405 1405 1406 1402 1405 1406 1402 1402 1401 1253 1254 1406 1406    0 1407
ham              1459 1459 1451 1451 1521 1521 1522 1552 1521 1522 1451 1451 1451 1451 1459 1522 1522    0 1606
bacon            1456 1456 1456 1456 1555 1555 1556 1552 1555 1556 1456 1456 1456 1456 1456 1456 1556    0 1606
frankfurter      1657 1657 1657 1657 1654 1654 1655 1655 1654 1655 1659 1659 1659 1659 1657 1655 1655    0 1712
raw_sausage      1707 1707 1707 1707 1705 1705 1706 1706 1705 1706 1709 1709 1709 1709 1707 1706 1706    0 1712
nut              2201 2203 2202 2203 2204 2204 2204 2204 2204 2204 2203 2203 2203 2203 2201 2203 2204    0    0
lean_fish        2302 2301 2305 2305 2401 2401 2402 2402 2401 2402 2309 2309 2309 2310 2301 2402 2402    0 2554
fatty_fish       2452 2451 2455 2455 2551 2551 2552 2552 2551 2552 2459 2459 2459 2460 2451 2552 2552    0 2554
shellfish        2750 2750 2753 2753 2761 2761 2762 2762 2761 2770 2755 2755 2755 2756 2750 2770 2762    0 2771
frog             2902 2901 2909 2909 2905 2905 2906 2908 2905 2906 2911 2911 2911 2912 2901 2906 2906    0 2917
greens           3001 3001 3001 3001 3005 3004 3006 3006 3005 3004 3015 3015 3015 3015 3001 3004 3006    0 3018
greens_frozen    3001 3001 3001 3001 3019 3019 3006 3006 3019 3019 3015 3015 3015 3015 3001 3019 3006    0 3018
potato           3302 3301 3301 3301 3308 3308 3309 3302 3308 3309 3310 3315 3315 3315 3301 3309 3309    0 3379
frozen_potato    3381 3381 3381 3381 3308 3308 3309 3302 3308 3309 3380 3380 3380 3381 3381 3309 3309    0 3379
root             3451 3451 3451 3451 3455 3454 3456 3456 3455 3464 3460 3465 3460 3460 3451 3464 3456    0 3468
root_frozen      3451 3451 3451 3451 3469 3469 3456 3456 3469 3469 3460 3465 3460 3460 3451 3469 3456    0 3468
sweet_potato     3702 3701 3701 3701 3708 3708 3709 3702 3708 3709 3710 3710 3710 3710 3701 3709 3709    0 3711
tomato           3751 3751 3752 3752 3751 3751 3751 3751 3751 3751 3752 3752 3752 3752 3751 3751 3751    0 3754
vegetable        3771 3771 3771 3771 3775 3774 3776 3776 3775 3784 3780 3785 3780 3780 3771 3784 3776    0 3788
vegetable_frozen 3771 3771 3771 3771 3789 3789 3776 3776 3789 3789 3780 3785 3780 3780 3771 3789 3776    0 3788
alcohol          5005 5005 5002 5002 5004 5004 5005 5007 5004 5004 5004 5002 5004    0 5005 5004 5005 5003 5002
"""  # noqa: E501 - one family a line, as the table is read


def _table() -> dict[str, dict[str, int]]:
    rows = (line.split() for line in _CODES.strip().splitlines())
    return {
        name.replace("_", " "): dict(zip(_METHODS, map(int, codes), strict=True))
        for name, *codes in rows
    }


TABLE = _table()


def code(food: Food, method: Method, fat: float) -> int:
    """USDA's retention code for this food cooked so; 0 where none applies.

    fat: its g of fat per 100 g, NaN where unknown. Potatoes boiled in their skin lose less.
    """
    if method.name == "raw":
        return 0
    of_family = TABLE.get(family(food, fat))
    if of_family is None:
        return 0
    found = of_family[method.name]
    return 3307 if found == 3308 and "flesh and skin" in food.name else found
