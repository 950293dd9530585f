"""Find the visitor of a web form in what the form mails: labels and values, in a line, in a table, below each other.

To teach maild a language, add its words to the tables.
"""

import re
from collections.abc import Iterator

from maild.message import address
from maild.message.model import Address
from maild.quoting import quotes
from maild.quoting.labels import KIND_OF_LABEL

MOST_LINES = 500  # of a mail that are looked at
LONGEST_LABEL = 50  # characters
LONGEST_NAME = 80
LABEL_WORDS = 5
MOST_TRIED = 10  # values that hold an "@" and no address

# What the label of an address holds in one of its words …
MAIL_WORDS = tuple(
    "email|e-mail|courriel|correo|e-past|epast|e-post|epost|sähköposti|paštas|pašto|почта|почты|почту|пошта|пошти|"
    "имейл|имейла|poczt|mejl|ímél|eposta|メール|邮箱|郵箱|电子邮件|電子郵件|이메일|דוא|بريد|البريد|ایمیل|mailadres".split(
        "|"
    )
)
# … and what the others of its words may be; any other word is a sentence's ("my colleague's e-mail is").
BESIDE_MAIL = frozenset(
    "mail your my contact customer client sender visitor person business work personal private address addr id from "
    "confirm adresse adresa adrese adres adress adresas aadress indirizzo dirección endereço osoite cím el el. эл эл. "
    "elektronisk elektroniskā elektroninio elektroninis elektroniczna elektronická elektronska электронная электронной "
    "электронный электронна електронна електронної адрес адреса electrónico electrónica eletrônico elettronico "
    "électronique ihre ihr votre su tu il tuo la tua seu uw je twój din dit ditt teie jūsų jūsu ваш ваша ваше de du di "
    "da do für des kontakt klients klienta клиента アドレス 地址 주소".split()
)
WHOLE_NAMES = frozenset(
    "name|full name|your name|your full name|contact name|contact person|customer name|client name|sender name|"
    "vārds, uzvārds|vārds uzvārds|vārds un uzvārds|jūsu vārds|kontaktpersona|имя и фамилия|фио|ф.и.о.|ваше имя|"
    "контактное лицо|ім'я та прізвище|піб|ваше ім'я|vardas, pavardė|vardas pavardė|vardas ir pavardė|jūsų vardas|"
    "nimi|ees- ja perekonnanimi|teie nimi|ihr name|vor- und nachname|ansprechpartner|nom et prénom|nom complet|"
    "votre nom|nombre completo|nombre y apellidos|su nombre|nome e cognome|nome completo|il tuo nome|seu nome|naam|"
    "volledige naam|uw naam|imię i nazwisko|namn|ditt namn|navn|dit navn|ditt navn|jméno a příjmení|vaše jméno|"
    "meno a priezvisko|név|teljes név|nume|nume și prenume|numele dvs|ad soyad|adınız|isim|ime i prezime|"
    "ime in priimek|име|име и фамилия|όνομα|ονοματεπώνυμο|氏名|お名前|姓名|이름|성함|שם|الاسم|نام".split("|")
)
GIVEN_NAMES = frozenset(
    "first name|given name|vārds|имя|ім'я|vardas|eesnimi|vorname|prénom|nombre|nome|voornaam|imię|förnamn|fornavn|"
    "etunimi|jméno|krstné meno|meno|keresztnév|prenume|ad|ime|primeiro nome|име|名".split("|")
)
FAMILY_NAMES = frozenset(
    "last name|surname|family name|uzvārds|фамилия|прізвище|pavardė|perekonnanimi|nachname|familienname|nom|"
    "nom de famille|apellido|apellidos|cognome|sobrenome|apelido|achternaam|nazwisko|efternamn|etternavn|efternavn|"
    "sukunimi|příjmení|priezvisko|vezetéknév|soyad|prezime|priimek|姓".split("|")
)

_MARKS = '*_|#•·>-–— \t"'
_AROUND_VALUE = "*_| \t"
_ASIDE = re.compile(r"\([^()]{0,40}\)|\[[^\[\]]{0,40}\](?!\()")
_LINKED = re.compile(r"\[([^\[\]\s]{1,200})\]\(mailto:[^()\s]{1,200}\)|<?mailto:([^<>\s]{1,200})>?")
_PARTED = re.compile(r"[:：=|]|\t+")
_SPEC = re.compile(r"[^\s<>\"(),;:\[\]|]{1,64}@[^\s<>\"(),;:\[\]|]{1,200}\.[^\W\d_]{2,63}")
_KIND_OF_NAME = {
    label: kind
    for kind, labels in (("family", FAMILY_NAMES), ("given", GIVEN_NAMES), ("whole", WHOLE_NAMES))
    for label in labels
}


def visitor(text: str) -> Address | None:
    """Return who filled in a form, None where it does not say so; a name without an address names nobody."""
    found: Address | None = None
    tried = 0
    names: dict[str, str] = {}
    for label, value in _fields(text):
        if found is None and tried < MOST_TRIED and "@" in value and _asks_for_address(label):
            found = _mailbox(value)
            tried += 1
        elif len(value) <= LONGEST_NAME and "@" not in value:
            names.setdefault(_KIND_OF_NAME.get(label, ""), value)
    return Address(found.name or _name(names), found.address) if found else None


def _name(names: dict[str, str]) -> str:
    both = " ".join(names[part] for part in ("given", "family") if part in names)
    return names.get("whole") or both


def _asks_for_address(label: str) -> bool:
    if KIND_OF_LABEL.get(label) == "from" or label in ("mail", "reply-to", "e mail", "mail address"):
        return True
    beside = [word for word in label.split() if not any(mail in word for mail in MAIL_WORDS)]
    return len(beside) < len(label.split()) <= LABEL_WORDS and BESIDE_MAIL.issuperset(beside)


def _mailbox(value: str) -> Address | None:
    linked = _LINKED.search(value)
    plain = (linked[1] or linked[2]) if linked else value
    mailbox = next((one for one in address.parse_list(plain) if _SPEC.fullmatch(one.address)), None)
    spec = _SPEC.search(plain)
    return mailbox or (Address("", address.normal(spec[0])) if spec and address.normal(spec[0]) else None)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Labels in lower case with their values: on their line, else on the next one that is not empty."""
    lines = [line for line in text.split("\n")[:MOST_LINES] if line.strip(_MARKS)]
    for index, line in enumerate(lines):
        whole = quotes.plain(line[: quotes.LONGEST]).lstrip(_MARKS).rstrip(_AROUND_VALUE)
        parted = _PARTED.search(whole)
        label = whole[: parted.start()] if parted else whole
        value = whole[parted.end() :].strip(_AROUND_VALUE) if parted else ""
        if not value and index + 1 < len(lines):
            value = quotes.plain(lines[index + 1][: quotes.LONGEST]).strip(_AROUND_VALUE)
        if len(label) <= LONGEST_LABEL and value:
            yield " ".join(_ASIDE.sub(" ", label).replace("’", "'").lower().split()).strip("*: "), value
