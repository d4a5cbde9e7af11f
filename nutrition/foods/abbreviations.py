"""USDA's abbreviations, written out: "FLR" is flour, "DRND" is drained.

Source: USDA National Nutrient Database for Standard Reference, release 28, documentation,
Appendix A ("Abbreviations Used in Short Descriptions", public domain), and the further short forms
that SR28's short descriptions use: those that stand for one and the same word of the long
description wherever they occur.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

_TABLE = """
abb=abbott abbo=abbott al=all allpurp=all-purpose appl=apple appls=apple applsauc=applesauce
approx=approximately art=artificial asprt=aspartame aus=australian babyfd=babyfood bak=baking
bbq=barbecue bev=beverage bf=beef bkd=baked bl=blade bld=boiled blde=blade bleach=bleached
bls=boneless bn=bone bne=bone bnl=boneless bnles=boneless bnless=boneless bnls=boneless
bnlss=boneless bns=bean brd=bread brding=breading brdng=breading brgr=burger brkfst=breakfast
brld=broiled brler=broiler brn=brown broilr=broiler brsd=braised brst=breast brwn=brown bsd=based
bstn=boston btld=bottled btt=butt bttm=bottom bttrmlk=buttermilk ca=calcium caf=caffeine cal=calorie
cand=candy carb=carbonated chc=choice chck=chuck chckn=chicken chic=chicken chick=chicken chk=chuck
chkn=chicken chmp=chump chnky=chunky choc=chocolate choic=choice chol=cholesterol chopd=chopped
chps=chop chs=cheese cinn=cinnamon ck=cooked ckd=cooked ckn=chicken cld=clod cmdty=commodity
cnd=canned cndmnt=condiment cntr=center cntry=country coatd=coated cocnt=coconut comm=commercial
commly=commercially comp=composite con=concentrate conc=concentrate concd=concentrated
cond=condensed condmnt=condiment crl=cereal crm=cream crmd=creamed crnkl=crinkle crst=crust
cttnsd=cottonseed dbl=double decort=decorticated dehyd=dehydrated den=denver dil=diluted dk=dark
dnuded=denuded dom=domestic drk=drink drmstk=drumstick drnd=drained drsng=dressing drumstk=drumstick
dssrt=dessert duckl=duckling eng=english enr=enriched eq=equal evap=evaporated ex=extra fd=food
fds=food filt=filet flankstk=flank-steak flav=flavored flr=flour formu=formula fort=fortified
fr=fried frch=french frm=from frnch=french froz=frozen frsh=fresh frstd=frosted frstng=frosting
frt=fruit fryrs=fryer frz=frozen ft=fat gds=grade gld=grilled gm=gram grd=grade grds=grade
grild=grilled grilld=grilled grl=grilled grld=grilled grlic=garlic grlld=grilled grn=green
grnd=ground grns=green grp=grape grpfrt=grapefruit grss=grass grvy=gravy h2o=water hi=high hr=hour
htd=heated hvy=heavy hydr=hydrogenated hydrog=hydrogenated imitn=imitation immat=immature
imp=imported inc=include incl=include indus=industrial inf=infant ing=ingredient insde=inside
inst=instant ital=italian jr=junior juc=juice jucs=juice juics=juice krnls=kernel lact=lactose
lem=lemon lg=leg liq=liquid lo=low lofat=low-fat lon=loin lrg=large lt=light lttc=lettuce
lvnd=leavened marg=margarine marshmllw=marshmallow mayo=mayonnaise med=medium mesq=mesquite
micro=microwavable min=minute mlk=milk moist=moisture mple=maple mrb=marble mshd=mashed mt=meat
mtre=mature muff=muffin mushrm=mushroom mx=mix mxd=mixed nat=natural nfdm=nonfat-dry-milk
nfdms=nonfat-dry-milk-solid nfms=nonfat-milk-solid nfs= noncarb=noncarbonated nutr=nutrition
nz=new-zealand oly=only orig=original otsde=outside outsd=outside parbld=parboiled past=pasteurized
paty=patty pd=powder pdr=powder pep=pepperoni pk=pack pln=plain plte=plate pn=pan pnappl=pineapple
pnut=peanut pnuts=peanut pow=powder prch=purchased prdct=product preckd=precooked prehtd=preheated
prem=premium prep=prepared proc=processed prot=protein prtrhs=porterhouse pstrs=pastry ptty=patty
pudd=pudding purch=purchased qkr=quaker rcip=recipe recip=recipe recon=reconstituted
refr=refrigerated reg=regular rehtd=reheated replcmnt=replacement rest=restaurant rmvd=removed
rnd=round rst=roast rstd=roasted rtb=ready-to-bake rtc=ready-to-cook rtd=ready-to-drink
rte=ready-to-eat rtf=ready-to-feed rth=ready-to-heat rtl=retail rts=ready-to-serve rtu=ready-to-use
rw=raw sau=sauce sausge=sausage scallpd=scalloped scr=score scrmbld=scrambled sd=seed sel=select
sgr=sugar shdr=shoulder shk=shank shldr=shoulder shnk=shank shred=shredded shrt=short
simmrd=simmered sirl=sirloin sirln=sirloin skn=skin sknls=skinless sknlss=skinless skrt=skirt
slce=slice sln=solution smkd=smoked sml=small smmr=summer snac=snack sndwch=sandwich snk=snack
sol=solid soln=solution soybn=soybean sp=species spl=special sprd=spread sprl=spiral srln=sirloin
ssage=sausage std=standard stek=steak stk=steak stks=stick stmd=steamed str=strained stwd=stewed
styl=style sub=substitute supp=supplement swt=sweet swtnd=sweetened swtnr=sweetener sze=size
tenln=tenderloin tmt=tomato tnderln=tenderloin tndr=tender tndrln=tenderloin todd=toddler tp=top
trky=turkey trts=tart tstd=toasted tstr=toaster unckd=uncooked uncrmd=uncreamed und=under
undil=undiluted undr=under unenr=unenriched unhtd=unheated unpr=unprepared unprep=unprepared
unprp=unprepared unspec=unspecified unswtnd=unsweetened van=vanilla var=variety veg=vegetable
vit=vitamin wgu=wagyu wh=white whl=whole wht=white whtnr=whitener whts=wheat wntr=winter xcpt=except
yel=yellow yng=young
"""
ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    short: tuple(written.split("-")) if written else ()
    for short, _, written in (entry.partition("=") for entry in _TABLE.split())
}
#: What no English text has by chance: at least three letters and no vowel among them.
PLAIN = frozenset(short for short in ABBREVIATIONS if re.fullmatch("[b-df-hj-np-tv-z]{3,}", short))
#: Short for the first only before one of those words, else for the second: "RED FAT", but
#: "ONIONS,RED"; "LN&FAT" and "75% LN MEAT", but "LN" of a cut is "separable lean only".
BESIDE: dict[str, tuple[str, frozenset[str], tuple[str, ...]]] = {
    "red": ("reduced", frozenset({"fat", "sodium", "na", "cal", "calorie", "sugar"}), ("red",)),
    "ln": ("lean", frozenset({"fat", "ft", "meat"}), ("separable", "lean", "only")),
    "part": ("part", frozenset({"skim", "skimmed"}), ("partially",)),
}
#: Short for something else where the name begins with this word: a stick of margarine; and meat
#: of a bird is "meat only" where its skin is not said to be with it.
AFTER_HEAD: dict[tuple[str, str], tuple[str, ...]] = {
    ("margarine", "stk"): ("stick",),
    ("butter", "stk"): ("stick",),
    ("chick", "meat"): ("meat", "only"),
    ("chicken", "meat"): ("meat", "only"),
    ("turkey", "meat"): ("meat", "only"),
}
WITH_MEAT = frozenset({"meat", "only", "skin", "skn", "and", "from", "type"})
# Commas with no space after them, or "WO/SALT": marks of a short description.
_SHORT_DESCRIPTION = re.compile(r"\S,[a-z]|\bwo/")
_SLASHED = frozenset({"w/", "wo/"})


def is_short_description(text: str) -> bool:
    """Whether *text*, in lower case, is worded as USDA's short descriptions are."""
    return _SHORT_DESCRIPTION.search(text) is not None


def abbreviates(text: str) -> bool:
    """Whether *text*, in lower case, is a short description beyond doubt: it holds abbreviations.

    Cooks too forget the space after a comma ("onion,chopped").
    """
    return is_short_description(text) and any(
        word in ABBREVIATIONS or word in _SLASHED for word in re.findall("wo?/|[a-z]+", text)
    )


def written_out(tokens: Sequence[str], short_description: bool) -> list[str]:
    """*tokens* with USDA's abbreviations in full.

    Outside a *short_description* only what can be no English word is: "flr", but not "can" or "lt".
    """
    found: list[str] = []
    head = tokens[0] if tokens else ""
    for token, following in zip_longest(tokens, tokens[1:], fillvalue=""):
        if not short_description:
            found.extend(ABBREVIATIONS[token] if token in PLAIN else (token,))
        elif (head, token) in AFTER_HEAD and following not in WITH_MEAT:
            found.extend(AFTER_HEAD[head, token])
        elif token in BESIDE:
            before, those, otherwise = BESIDE[token]
            found.extend((before,) if following in those else otherwise)
        else:
            found.extend(ABBREVIATIONS.get(token, (token,)))
    return found
