"""Words of recipes in other languages, by which `language` tells a line that is not English.

Compact tables: a language's code, then its words. No word here has a reading in English recipes
(so no "sauce", "paprika", "cream"); a benchmark over English lines guards that.
"""

from __future__ import annotations

from nutrition.foods.names import word_set


def _by_word(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, words in table.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), language)
    return found


# Measures, right after a number. Two letters or fewer: case as written.
AFTER_NUMBER = _by_word(
    {
        "de": (
            "EL TL msp msp. prise prisen stück stk bund bd zehe zehen dose dosen packung pck "
            "becher scheibe scheiben tasse tassen stange stangen zweig zweige blatt blätter "
            "handvoll würfel esslöffel teelöffel päckchen glas kopf knolle gramm mittelgroß "
            "mittelgross kleine großer große grosse kleiner"
        ),
        "fr": (
            "cuillère cuillères cuillere cuilleres cuil càs càc cas cac c.à.s c.à.c pincée "
            "pincées pincee gousse gousses tranche tranches verre verres boîte boîtes brin brins "
            "botte bottes feuille feuilles tasse tasses poignée noix grammes unité unités gros "
            "grosse petit petite petits jaune jaunes blanc oeuf oeufs œuf œufs"
        ),
        "es": (
            "cucharada cucharadas cucharadita cucharaditas taza tazas pizca diente dientes lata "
            "latas hoja hojas ramita ramitas rebanada rebanadas vaso vasos gramos unidad unidades "
            "puñado cda cdas cdta cdtas cucharón manojo"
        ),
        "it": (
            "cucchiaio cucchiai cucchiaino cucchiaini pizzico spicchio spicchi tazza tazze "
            "bicchiere bicchieri fetta fette foglia foglie grammi bustina scatola rametto rametti "
            "ciuffo noce"
        ),
        "pt": (
            "colher colheres xícara xícaras xicara xicaras pitada dente dentes lata latas unid "
            "unidade unidades copo copos folha folhas fatia fatias ramo gramas maço q.b c.sopa "
            "c.chá chávena"
        ),
        "nl": (
            "el tl eetlepel eetlepels theelepel theelepels teen teentje teentjes tenen snufje "
            "bosje plak plakken plakje plakjes blik blikje takje takjes kopje kopjes stuk stuks "
            "blaadje blaadjes klont klontje grote kleine rode flinke ruime halve"
        ),
        "sv": "msk tsk krm klyfta klyftor burk nypa kruka skiva skivor förp förpackning liten stor",
        "da": "spsk spiseskefuld tsk fed bundt knivspids stk dåse skive skiver håndfuld",
        "no": "ss spiseskje teskje båt neve boks pk stk",
        "fi": "rkl maustemitta ripaus kpl prk pkt tlk valkosipulinkynttä kynsi kynttä",
        "pl": (
            "łyżka łyżki łyżek łyżeczka łyżeczki łyżeczek szklanka szklanki szczypta ząbek ząbki "
            "sztuka sztuki szt opakowanie garść plastry"
        ),
        "cs": "lžíce lžic lžička lžičky hrnek špetka stroužek stroužky ks kus kusy plátek plátky",
        "hu": (
            "dkg ek tk kk evőkanál teáskanál kávéskanál csipet gerezd db fej szál csokor nagy "
            "közepes kis"
        ),
        "tr": "yemek çay tatlı su bardağı bardak kaşığı adet tutam diş demet",
        "ro": "lingură linguri linguriță lingurițe cană căni praf cățel căței",
        "id": "sdm sdt siung butir batang lembar sendok ruas",
        "vi": "muỗng thìa củ quả tép nhánh",
    }
)
# Foods and cookery words without an English reading: one is enough.
STAPLES = _by_word(
    {
        "de": (
            "rapsöl sonnenblumenöl olivenöl speisestärke puderzucker schlagsahne frischkäse "
            "schmand mozzarellakugeln hühnchen hähnchenbrust hähnchenbrustfilet rinderhack lachs "
            "garnelen paprikaschote paprikaschoten frühlingszwiebel frühlingszwiebeln salbei "
            "rosmarin thymian basilikum majoran lorbeerblatt lorbeerblätter nelken ingwer "
            "zitronensaft zitronenschale orangensaft tomatenmark gemüsebrühe sojasauce "
            "mehrkornmehl dinkelmehl haferflocken vollkornmehl gewürzt gehäuft gestrichen "
            "gestrichener gehäufter salz pfeffer mehl zucker milch eier eigelb eiweiß sahne "
            "zwiebel zwiebeln knoblauch knoblauchzehe knoblauchzehen öl wasser petersilie "
            "kartoffel kartoffeln möhre möhren karotten karotte gurke gurken hackfleisch "
            "schweinefleisch rindfleisch hähnchen käse schinken zitrone zitronen erbsen bohnen "
            "linsen reis nudeln brühe backpulver hefe vanillezucker honig senf essig schnittlauch "
            "muskatnuss zimt lauch sellerie spinat pilze äpfel erdbeeren gehackt gehackte "
            "gehackter gemahlen gemahlener gemahlene gerieben geriebene geschält frisch "
            "getrocknet getrocknete getrockneter kräuter mühle gewürfelt cayennepfeffer semmel "
            "scheiben bete tomaten datteln eiweiss mandeln walnüsse haselnüsse paprikapulver "
            "butterschmalz oliven kernlos blüten blätter hähnchenschenkel putenbrust rinderfilet "
            "kalbfleisch rosenkohl brokkoli blumenkohl rotkohl weißkohl fenchel radieschen rucola "
            "feldsalat basilikumblätter pfirsiche birnen birne pflaumen kirschen himbeeren "
            "heidelbeeren johannisbeeren zuckerrübensirup ahornsirup kuvertüre schokolade kakao "
            "nüsse rosinen kokosmilch sesam weißwein rotwein wein gewürznelken lorbeer kümmel "
            "kardamom chilischote chilipulver currypulver salatgurke römersalat mozzarellakugel "
            "parmesankäse ziegenkäse schafskäse hüttenkäse naturjoghurt buttermilch kondensmilch "
            "eiswürfel zahnstocher belieben"
        ),
        "fr": (
            "crevettes poireau poireaux navet épinards concombre poivron poivrons citrons zeste "
            "thym romarin laurier cannelle vanillé levain chapelure maïzena fécule muscade veau "
            "agneau dinde thon crevette fondu fondue ramolli température pelée pelées pelé coupé "
            "coupée coupés coupées lavé poivre farine sucre lait eau oeuf oeufs œuf œufs huile "
            "oignon oignons ail porc carottes échalote échalotes persil ciboulette levure "
            "vinaigre moutarde riz pâtes haché hachée hachés râpé râpée émincé émincée poudre "
            "fraise fraises framboises miel épaisse légumes rhubarbe cuillère cuillères séché "
            "saumon amandes myrtilles cerises pêches poires abricots pamplemousse chou-fleur "
            "épinard laitue roquette betterave betteraves piment curcuma gingembre coriandre "
            "estragon aneth clous girofle baies genièvre yaourt saucisse saucisses cabillaud "
            "huîtres câpres concassées concassés égouttés égouttée égouttées pistaches cassonade "
            "pâtissier"
        ),
        "es": (
            "pechuga pechugas pavo ternera camarones atún pescado lechuga espinacas champiñones "
            "maíz lentejas orégano comino tomillo nuez moscada naranja manzana manzanas plátano "
            "fresas cucharaditas cucharadas dientes rodajas trozos tiras pelado pelada pelados "
            "cocido cocida batidos batido azúcar agua huevo huevos mantequilla aceite cebolla "
            "cebollas ajo ajos pimienta perejil zanahoria zanahorias patata patatas cerdo jugo "
            "limón levadura vinagre picado picados rallado rallada molido molida almendras nueces "
            "miel vainilla calabacín berenjena cucharada cucharadita trigo pepino repollo "
            "coliflor brócoli espárragos alcachofas berenjenas calabacines puerro puerros apio "
            "nabo jengibre albahaca cebollino eneldo hierbabuena clavos aceitunas alcaparras "
            "tocino salchicha salchichas lomo costillas muslos merluza sardinas almejas "
            "mejillones calamares pulpo yogur requesón cuajada bicarbonato maicena azucar "
            "galletas fideos macarrones espaguetis judías guisantes habas avellanas pistachos "
            "pasas dátiles higos ciruelas melocotón melocotones peras cerezas frambuesas "
            "arándanos moras sandía"
        ),
        "it": (
            "zucchine melanzane peperone funghi piselli fagioli lenticchie manzo maiale gamberi "
            "tonno salvia rosmarino alloro cannella nocciole mandorle noci miele grattugiata "
            "tritata tagliata tagliato affettato sbucciate cucchiai cucchiaio zucchero acqua uovo "
            "uova tuorli tuorlo albumi cipolla cipolle prezzemolo carota carote patate pomodori "
            "pomodoro riso limone limoni lievito tritato grattugiato fragole bustina baccello "
            "vaniglia q.b zucca sedano finocchio finocchi cavolfiore asparagi cetriolo cetrioli "
            "basilico origano maggiorana zenzero peperoncino alici cozze merluzzo macinata "
            "macinato cioccolato fondente pangrattato maizena fecola amido mandorla nocciola "
            "pistacchi pinoli uvetta pesche pere mele ciliegie lamponi mirtilli arancia arance "
            "brodo vegetale"
        ),
        "pt": (
            "colher colheres xícara abóbora abobrinha berinjela espinafre feijão grão lentilha "
            "moída peito porco atum camarões louro noz moscada maçã laranja morango fubá maisena "
            "batatas cenouras dentes picados fatiado açúcar farinha leite água ovo ovos manteiga "
            "azeite óleo cebola cebolas alho coentro coentros salsinha cebolinha cenoura batata "
            "frango camarão queijo fermento picado ralado ralada gosto amido pimenta limão chá "
            "sopa requeijão hortelã milho palmito"
        ),
        "nl": (
            "zonnebloemolie slagroom kookroom roomboter bakpoeder gist paneermeel kipfilet "
            "gehaktballen spekjes rundergehakt garnalen zalm prei sperziebonen doperwten linzen "
            "kikkererwten rijst tijm rozemarijn basilicum bladpeterselie komijn kaneel "
            "nootmuskaat honing mosterd appel appels aardbeien amandelen walnoten geraspte "
            "geraspt fijngehakt versgemalen zout peper bloem suiker melk ei eieren boter olie "
            "olijfolie ui uien knoflook kaas kip gehakt citroen aardappelen aardappel wortel "
            "wortels tomaat tomaten azijn peterselie bieslook gesneden gehalveerd gesnipperd "
            "fijngesneden komkommer koriander kerstomaatjes gerookte gedroogde geroosterde "
            "pinda's laurierblaadjes kruidnagels zuurkool knoflookteentjes gemengde sla rundvlees "
            "varkensvlees kipdijfilet kippendijen spek garnaal kabeljauw andijvie spinazie "
            "bloemkool boerenkool venkel selderij radijsjes komkommers paprika's uitje uitjes "
            "sjalot sjalotten sjalotjes lente-ui bosui bosuitjes gember kurkuma dille rozijnen "
            "dadels hazelnoten pinda cashewnoten pijnboompitten sesamzaad sojasaus tomatenpuree "
            "kokosmelk karnemelk custardpoeder vanillesuiker poedersuiker basterdsuiker "
            "zelfrijzend bakmeel aardbei frambozen bosbessen kersen peren sinaasappel citroensap "
            "limoensap"
        ),
        "sv": (
            "matlagningsgrädde vispgrädde köttfärs nötfärs fläskfärs räkor tomatpuré krossade "
            "tomater paprikor morot purjolök timjan kanel kardemumma honung senap ättika "
            "havregryn mandel valnötter rivet smält socker vetemjöl mjöl mjölk ägg smör grädde "
            "lök vitlök peppar olja vatten ost strösocker florsocker vaniljsocker bakpulver jäst "
            "potatis morötter gul schalottenlök riven hackad finhackad skivad äpplen äpple "
            "persilja kyckling svartpeppar majonnäs surkål grönt blomkål vitkål rödkål purjo "
            "fänkål gurka sallad spenat ärtor bönor linser kycklingfilé köttbullar skinka korv "
            "torsk sej räka ägggula äggula äggvita gräddfil kvarg filmjölk mjukost fetaost "
            "krossad passerade tomatpure sirap kakao choklad hasselnötter jordnötter russin "
            "blåbär hallon jordgubbar apelsin basilika torkad torkade finrivet grovriven smulad "
            "kryddor kryddpeppar nejlikor lagerblad"
        ),
        "da": (
            "piskefløde hakkede gulerod kartoffel tomater rejer laks oksekød svinekød hakkebøf "
            "purløg timian kanel honning sennep havregryn mandler revet smeltet sukker mel "
            "hvedemel mælk æg smør fløde løg hvidløg peber olie vand ost gær kartofler gulerødder "
            "hakket friskkværnet persille kylling eddike frisk oksefars kyllingebryst torsk "
            "skinke pølse porre blomkål agurk spinat ærter bønner linser champignoner tomatpuré "
            "syrnet hvidvin rødvin flormelis rørsukker chokolade nødder hasselnødder rosiner "
            "hindbær jordbær appelsin tørret groft fintrevet"
        ),
        "no": (
            "kremfløte hakkede gulrot potet tomater reker laks kjøttdeig svinekjøtt purre timian "
            "kanel honning sennep mandler revet smeltet sukker hvetemel melk smør fløte løk "
            "hvitløk olje vann poteter gulrøtter finhakket hakket kylling"
        ),
        "fi": (
            "suolaa sokeria jauhoja vehnäjauhoja maitoa kananmuna kananmunaa voita kermaa sipuli "
            "sipulia valkosipulia pippuria öljyä vettä juustoa perunoita"
        ),
        "pl": (
            "marchew marchewki pomidory pomidor ogórek kurczak kurczaka pierś mięso mięsa szynka "
            "boczek ryż kasza natka pietruszki pietruszka koperek liść laurowy cynamon miód "
            "musztarda ocet proszek pieczenia drożdże drożdży starty starta sól cukier cukru mąka "
            "mąki mleko mleka jajko jajka jajek masło masła cebula cebuli czosnek czosnku pieprz "
            "woda wody olej oleju śmietana śmietany ziemniaki świeży posiekana"
        ),
        "cs": (
            "sůl cukr cukru mouka mouky mléko mléka vejce máslo másla cibule česnek česneku pepř "
            "vody olej oleje smetana smetany brambory sýr"
        ),
        "hu": (
            "só cukor liszt finomliszt tej tojás vaj hagyma fokhagyma vöröshagyma víz olaj "
            "olívaolaj tejföl paradicsom sárgarépa szalonna ízlés marha marhahús csirke "
            "csirkemell sertés hús sajt túró rizs burgonya krumpli uborka petrezselyem kapor "
            "babérlevél kakukkfű őrölt pirospaprika kockákra csíkokra karikákra felkarikázva "
            "alaplé vörösbor fehérbor élesztő porcukor sütőpor mandula dió méz mustár ecet "
            "citromlé narancs alma körte szilva bab borsó lencse gomba csiperkegomba"
        ),
        "tr": (
            "tuz şeker süt yumurta tereyağı soğan sarımsak karabiber zeytinyağı domates kaşığı "
            "bardağı kıyma maydanoz sıvıyağ"
        ),
        "ro": "sare zahăr făină lapte apă ouă ou unt ulei ceapă usturoi smântână",
        "id": "tepung telur bawang merah putih minyak cabai",
        "vi": "muối đường bột nước trứng tỏi hành dầu",
    }
)
# Lesser signs, and words that English has borrowed: two are needed.
FUNCTION = _by_word(
    {
        "de": (
            "und oder für aus mit zum zur vom etwas nach ohne der die das zzgl ca evtl fein grob "
            "rot rote grün grüne frische schwarzer gemischte kleine große type bio mittel wahl "
            "kühlregal champignons apfel"
        ),
        "fr": (
            "sel et ou avec pour sans à la le les du des au aux en une un soupe café fraîche "
            "rouge vert verte vin filet bien haricots lentilles canard beurre fromage poulet "
            "boeuf bœuf jambon pommes champignon tomate noisettes cornichons pois"
        ),
        "es": (
            "y con para sin el los las del al una un en fresco fresca rojo roja grande pequeño "
            "pequeña cortado cortada pollo gambas pimiento pimientos calabaza frijoles garbanzos "
            "sal harina leche papas tomate arroz picada gusto canela entera olla romero guindilla"
        ),
        "it": (
            "o con per senza il lo gli della da del alla un una fresco fresca fino intero velo "
            "fogli pollo sale burro olio aglio pepe panna latte gelatina brodo farina salsiccia "
            "salsicce cavolo carciofi capperi acciughe vongole"
        ),
        "pt": (
            "ou com para sem o os do da dos das em um uma cortada cortado grande pequena maduro "
            "branca branco vermelho verde bacalhau canela polvilho picadas tomate arroz picada "
            "pimento polpa"
        ),
        "nl": (
            "en met voor zonder het een uit fijn grof grote verse rode groene milde biologische "
            "heel dun dunne van serveren"
        ),
        "sv": "dl och eller med för till utan ca kokt färsk färska små stora grön röd rökt",
        "da": "dl og eller med til uden ca frisk friske små store rød grøn",
        "no": "dl og eller med til uten ca fersk ferske små store rød grønn",
        "pl": "i lub z do bez na ze świeża duża mała ser sera",
        "hu": "dl és vagy nagy kis vágva friss száraz bors",
        "id": "gula",
    }
)
# Letters that English never writes: a lesser sign each.
LETTERS = {
    letter: language
    for language, letters in {
        "sv": "å",
        "da": "øæ",
        "de": "ß",
        "pt": "ãõ",
        "pl": "łąęśźżćń",
        "cs": "ěřů",
        "hu": "őű",
        "tr": "ğış",
        "ro": "ășț",
    }.items()
    for letter in letters
}
# Endings of compound words, in languages that write them as one.
COMPOUNDS = tuple(
    (ending, (language,))
    for language, endings in {
        "de": (
            "mehl zucker salz pfeffer öl saft milch käse brühe fleisch pulver zwiebel zwiebeln "
            "kartoffeln gurke gurken tomaten schoten fond senf essig kerne brust beeren flocken "
            "nüsse kohl joghurt hefe schote wein brot würfel stängel form spinat sellerie "
            "kürbis keule gemüse ingwer"
        ),
        "nl": (
            "olie azijn blaadjes bessen jes pjes tjes olijven stroop suiker kaas saus tabletten "
            "stukjes stengels sap noten melk bloem kruiden koek sukade"
        ),
        "sv": (
            "mjöl socker lök sås grädde gryn pulver senap glass stång salt gurkor bröd peppar "
            "olja vitlök"
        ),
        "da": (
            "piskefløde hakkede gulerod kartoffel tomater rejer laks oksekød svinekød hakkebøf "
            "purløg timian kanel honning sennep havregryn mandler revet smeltet sukker bær olie "
            "løg fileter pulver kartofler salater smør"
        ),
        "fi": "jauhoja sokeria öljyä juustoa kastiketta",
    }.items()
    for ending in endings.split()
)
# Words that only English lines have.
ENGLISH = word_set(
    "cup cups tablespoon tablespoons teaspoon teaspoons tbsp tbsps tsp tsps ounce ounces oz pound "
    "pounds lb lbs and or with the chopped fresh freshly sliced minced ground cloves inch taste "
    "into peeled small large medium can cans tin tins package finely plus cut diced grated cooked "
    "such as from about each your white black red green dried sauce cream cheese oil"
)
