"""Recognise the label that a company's program puts above or below a mail, of its secrecy ("Sensitivity: Internal").

Microsoft Purview, Titus and Boldon James write it for whoever answers or passes the mail on; nobody typed it.  A person
may write of such things, too: so it stands alone in its paragraph, and holds nothing but words of such labels.
To teach maild a language, add its words.
"""

import re

from maild.quoting.quotes import plain

LONGEST = 80  # characters

# What stands before its colon; the level follows.
NAMES = frozenset(
    "classification|data classification|message classification|information classification|document classification|"
    "security classification|email classification|e-mail classification|classified as|sensitivity|sensitivity label|"
    "sensitivity level|confidentiality|protective marking|data sensitivity|tlp|"
    "klasifikācija|informācijas klasifikācija|klasifikācijas līmenis|konfidencialitāte|"
    "классификация|гриф|klasifikacija|konfidencialumas|klassifikatsioon|salastatus|tundlikkus|"
    "klassifizierung|klassifikation|informationsklassifizierung|vertraulichkeit|vertraulichkeitsstufe|sensitivität|"
    "klasyfikacja|klasyfikacja informacji|poufność|klauzula|classification de l'information|sensibilité|"
    "confidentialité|clasificación|clasificación de la información|sensibilidad|confidencialidad|classificazione|"
    "riservatezza|sensibilità|classificatie|informatieclassificatie|gevoeligheid|vertrouwelijkheid|klassificering|"
    "informationsklassning|informationsklass|känslighet|klassifisering|følsomhed|følsomhet|luokitus|luottamuksellisuus|"
    "classificação|classificação da informação|sensibilidade|klasifikace|citlivost|klasifikácia|besorolás|clasificare|"
    "gizlilik|sınıflandırma|διαβάθμιση|密级|機密区分|기밀등급".split("|")
)
LEVELS = frozenset(
    "public internal general confidential restricted secret official unclassified sensitive personal private "
    "proprietary unrestricted open limited business company group use only all staff employees and or external partner "
    "partners data information not non highly strictly for green amber red white clear "
    "iekšēja iekšējs iekšējai lietošanai publiska publisks ierobežota konfidenciāla konfidenciāls vispārīga "
    "внутренняя внутренний внутреннее общедоступная открытая конфиденциально vidinė vieša konfidencialu "
    "avalik sisemine asutusesisene konfidentsiaalne piiratud "
    "intern interne interner internes öffentlich vertraulich streng geheim nur für den dienstgebrauch allgemein "
    "wewnętrzna wewnętrzne wewnętrzny publiczna publiczne poufne poufna jawne zastrzeżone "
    "publique publiques confidentiel confidentielle restreint restreinte diffusion limitée "
    "interna interno uso público pública confidencial restringida restringido reservado "
    "pubblico pubblica riservato riservata ad "
    "openbaar vertrouwelijk intern gebruik algemeen "
    "öppen publik begränsad konfidentiell internt offentlig fortrolig begrænset begrenset åpen "
    "julkinen sisäinen luottamuksellinen "
    "interní veřejné důvěrné interné verejné dôverné chránené chráněné "
    "belső nyilvános bizalmas intern public confidențial genel dahili gizli kurum içi hizmete özel "
    "δημόσιο εσωτερικό εμπιστευτικό 公开 内部 机密 社内限 社外秘 公開 대외비 공개".split()
)
# What such a label says without its name.
UNNAMED = frozenset(
    "internal use only|for internal use only|company internal|official: sensitive|official:sensitive|"
    "official-sensitive|nur für den internen gebrauch|nur zum internen gebrauch|uso interno|usage interne".split("|")
)
SHOUTED = frozenset(  # or between brackets
    "internal|public|internal use|official|unclassified|intern|interne|interno|interna|openbaar|internt".split("|")
)
# Words of them that follow the code of something else, too: "C1 - Business", a course; "C1 - red", a lamp.
UNCODED = frozenset(
    "business general personal private group open company allgemein algemeen green amber red white clear".split()
)
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[a-z]{0,2}\d")  # "C2 Internal"
_CODED = re.compile(r"c\d\s?[-–—|]\s?(?=\S)")  # "C1 - Public"
_AROUND = "*#=[](){}<>|~_ \t\xa0"


def label(line: str) -> bool:
    """A line that holds nothing but a company's label."""
    if not line or len(line) > LONGEST:
        return False
    said, bare = line.strip(), _bare(line)
    return named(line) or bare in UNNAMED or (bare in SHOUTED and (said[:1] in "[(*#=<" or said.isupper()))


def named(line: str) -> bool:
    """A label that says what it is, or begins with its code, whatever stands around it."""
    if not line or len(line) > LONGEST:
        return False
    bare = _bare(line)
    coded = _CODED.match(bare)
    if coded:
        return _is_level(bare[coded.end() :]) and UNCODED.isdisjoint(_WORD.findall(bare))
    name, colon, level = bare.partition(":")
    return bool(colon) and name.strip() in NAMES and _is_level(level)


def _bare(line: str) -> str:
    return plain(line).strip(_AROUND).lower().rstrip(".")


def _is_level(level: str) -> bool:
    words = _WORD.findall(level)
    return any(word in LEVELS for word in words) and all(word in LEVELS or _CODE.fullmatch(word) for word in words)
