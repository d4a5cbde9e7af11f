"""The ways of cooking that a request may name.

One method for each real difference in USDA's tables of retention and yield; other words for it are
its aliases. Where the tables know no such method (microwave, pressure cooker) its `note` names the
nearest one that they measured, and the answer shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from nutrition.errors import ImpossibleRequest


@dataclass(frozen=True, slots=True)
class Method:
    """A way of cooking.

    drains: the water in which it cooks is thrown away, with what dissolved in it. renders: fat
    that melts out of meat is left behind, by USDA's figures. note: the assumption behind a method
    that USDA's tables do not have.
    """

    name: str
    aliases: tuple[str, ...] = ()
    drains: bool = False
    renders: bool = False
    note: str = ""


METHODS = (
    Method("raw", ("none", "uncooked", "no-cook", "chilled", "frozen")),
    Method("baked", ("oven", "oven-baked", "casserole")),
    Method("roasted", ("oven-roasted", "spit-roasted"), renders=True),
    Method("broiled", ("grilled", "barbecued", "bbq", "charbroiled"), renders=True),
    Method("toasted"),
    Method("boiled", ("boiled-drained", "drained", "parboiled"), drains=True),
    Method("blanched", ("boiled in little water",), drains=True),
    Method("simmered", ("stewed", "soup", "boiled-undrained", "slow-cooked", "water used")),
    Method("braised", ("pot-roasted", "casseroled")),
    Method("poached", drains=True),
    Method("steamed"),
    Method("sauteed", ("sautéed", "pan-fried without coating", "browned", "scrambled")),
    Method("stir-fried", ("wok-fried",)),
    Method("fried", ("pan-fried", "shallow-fried"), renders=True),
    Method("deep-fried", ("deep-fat-fried", "french-fried")),
    Method(
        "air-fried",
        renders=True,
        note="USDA's tables have no air frying; taken as roasted",
    ),
    Method(
        "microwaved",
        ("microwave",),
        note="USDA's retention table has no microwave cooking; taken as steamed or as the nearest "
        "moist heat",
    ),
    Method(
        "pressure-cooked",
        ("pressure-cooker", "instant pot"),
        note="USDA's retention table has no pressure cooking; taken as simmered with the water "
        "used, for legumes in the shortest time",
    ),
    Method("flambeed", ("flambéed", "flamed", "flambé")),
    Method("reheated", ("warmed", "heated")),
)

RAW = METHODS[0]


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


_BY_NAME = {_key(name): method for method in METHODS for name in (method.name, *method.aliases)}


def find(name: str) -> Method:
    """The method of that name or alias: "Pan-Fried", "pan fried" and "fried" are one.

    Raises ImpossibleRequest for the field "method" where no method is called so.
    """
    key = _key(name)
    found = _BY_NAME.get(key)
    if found is not None:
        return found
    known = ", ".join(method.name for method in METHODS)
    message = f"method is {name[:60]!r}; known are {known}"
    close = get_close_matches(key, _BY_NAME, n=1, cutoff=0.6)
    if close:
        message += f"; did you mean {_BY_NAME[close[0]].name!r}?"
    raise ImpossibleRequest("method", message)
