"""Find the visitor of a web form in what the form mails: labels and values, in a line, in a table, below each other.

To teach maild a language, add its words to the tables.
"""

import re
from collections.abc import Iterator

from maild.message import address
from maild.message.model import Address
from maild.quoting import forwarded, quotes
from maild.quoting.labels import KIND_OF_LABEL

MOST_LINES = 500  # of a mail that are looked at
LONGEST_LABEL = 50  # characters
LONGEST_NAME = 80
LABEL_WORDS = 5
MOST_TRIED = 10  # values that hold an "@" and no address

# What the label of an address holds …
MAIL_WORDS = tuple(
    "mail|mejl|meil|e-past|epast|el. past|e-post|epost|eposta|e-pošt|epošt|e-poczt|poczt|pašt|e-adres|e-naslov|e-mel|"
    "elektron|elettron|eletr|electr|électr|ηλεκτρον|электрон|електрон|почт|пошт|поща|имейл|имејл|courri|corre|mél|"
    "messagerie|ímél|sähköp|s-posti|surel|netfang|tölvup|メール|電子|电子|邮|郵|信箱|메일|우편|מייל|דוא|بريد|يميل|ایمیل|"
    "الکترونیک|อีเมล|thư".split("|")
)
# … and no word of it: it is another's, or of a sentence ("I cannot send mail: …").
NOT_HIS = frozenset(
    "i we ich wir je nous yo ik wij jag jeg mēs man я мы мне aš mes friend friends drauga freundes ami colleague "
    "our to recipient recipients receiver support admin administrator webmaster site store shop office is ir ist est "
    "es è är er jest mūsu uz saņēmēja saņēmējs adresāts mūsų gavėjas gavėjo kam meie saaja наш наша получатель "
    "получателя одержувач кому unser unsere empfänger an notre destinataire nuestro destinatario nostro nosso ons onze "
    "ontvanger aan nasz odbiorca vår mottagare vores modtager mottaker vastaanottaja náš příjemce címzett".split()
)
WHOLE_NAMES = frozenset(
    "name|full name|your name|your full name|contact name|contact person|customer name|client name|sender name|"
    "vārds, uzvārds|vārds uzvārds|vārds un uzvārds|jūsu vārds|kontaktpersona|имя и фамилия|фио|ф.и.о.|ваше имя|"
    "контактное лицо|ім'я та прізвище|піб|ваше ім'я|vardas, pavardė|vardas pavardė|vardas ir pavardė|jūsų vardas|"
    "nimi|ees- ja perekonnanimi|teie nimi|ihr name|vor- und nachname|ansprechpartner|nom et prénom|nom complet|"
    "votre nom|nombre completo|nombre y apellidos|su nombre|nome e cognome|nome completo|il tuo nome|seu nome|naam|"
    "volledige naam|uw naam|imię i nazwisko|namn|ditt namn|navn|dit navn|ditt navn|jméno a příjmení|vaše jméno|"
    "meno a priezvisko|név|teljes név|nume|nume și prenume|numele dvs|ad soyad|adınız|isim|ime i prezime|"
    "ime in priimek|име|име и фамилия|όνομα|ονοματεπώνυμο|氏名|お名前|姓名|이름|성함|שם|الاسم|نام|vārds/uzvārds|"
    "vārds / uzvārds|jūsu vārds, uzvārds|jūsu vārds un uzvārds|klienta vārds, uzvārds|klienta vārds|pilns vārds|"
    "kontaktpersonas vārds|sūtītājs|iesniedzējs|фамилия и имя|tu nombre|twoje imię|nume complet|vaše ime|koko nimi|"
    "adınız soyadınız|您的姓名|שם מלא|الاسم الكامل|họ và tên|nama|ชื่อ|your-name|first and last name|customer|"
    "what is your name?|what's your name?".split("|")
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

_LEADING = re.compile(r"^[\W\d_]+")  # lists, their numbers, pictures
_WORD = re.compile(r"\w+")  # "Empfänger-E-Mail", "recipient's"
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
    his = label.endswith("?") or NOT_HIS.isdisjoint(_WORD.findall(label))
    named = KIND_OF_LABEL.get(label) == "from" or label in ("reply-to", "reply to")
    return named or (his and len(label.split()) <= LABEL_WORDS and any(mail in label for mail in MAIL_WORDS))


def _mailbox(value: str) -> Address | None:
    linked = _LINKED.search(value)
    plain = (linked[1] or linked[2]) if linked else value
    found = forwarded.mailbox(plain)
    if found and _SPEC.fullmatch(found.address):
        return found
    spec = _SPEC.search(plain)
    return Address("", address.normal(spec[0])) if spec and address.normal(spec[0]) else None


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Labels in lower case with their values: on their line, else on the next one that is not empty."""
    lines = [line for line in text.split("\n")[:MOST_LINES] if any(map(str.isalnum, line))]
    for index, line in enumerate(lines):
        whole = _LEADING.sub("", quotes.plain(line[: quotes.LONGEST])).rstrip(_AROUND_VALUE)
        parted = _PARTED.search(whole)
        label = whole[: parted.start()] if parted else whole
        value = whole[parted.end() :].strip(_AROUND_VALUE) if parted else ""
        if not value and index + 1 < len(lines):
            value = quotes.plain(lines[index + 1][: quotes.LONGEST]).strip(_AROUND_VALUE)
        if len(label) <= LONGEST_LABEL and value:
            yield " ".join(_ASIDE.sub(" ", label).replace("’", "'").lower().split()).strip("*: "), value
