"""Which language a mail is written in, so that it is answered in that one.

py3langid is used where it is installed (the extra "lang"); else, and for what it is not sure of, the
alphabet and the commonest words below decide.  Latvian, Lithuanian and Estonian are often typed without their
diacritics, so the words stand here without them and the text is compared without them.
The same text always gives the same answer.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Any

AMONG = ("en", "lv", "ru", "lt", "et", "de", "pl", "fr", "es", "it", "nl", "sv", "fi", "uk")
LONGEST = 4000  # characters that are looked at
SHORT_WORDS = 8  # fewer say little: the usual language then stays unless they are telling

SURE = 0.6  # of a language of which no word stands below

SCRIPT = 3.5  # points of an alphabet: more than habit has, for nobody writes English with Cyrillic letters

_COMMON = {
    "en": "the and you your is are was were have has not with for this that please thank thanks hello hi can could "
    "would will from what when how my me we our of to it be do does did been but if on in at order help issue i am",
    "lv": "un ir nav es jus jums jusu man mums ka kas kad ar par no uz lai bet vai ja ne labdien sveiki paldies ludzu "
    "varat varu gribu vajag loti vel jau tas ta so sis si musu mana mans savu ari tikai kapec kur cik rekins rekinu "
    "pasutijums pasutijumu esmu esam bija bus nevaru nevar ludzam sodien vakar rit ciena veletos",
    "lt": "ir yra ne as jus jums jusu man mums kad kas su apie nuo iki bet ar jei laba diena sveiki aciu dekoju prasau "
    "galite noriu reikia labai dar jau tai sis mano savo taip pat tik kodel kur kiek saskaita uzsakymas nera buvo",
    "et": "ja on ei ma mina te teie mulle meile et mis kui kas koos ning aga voi tere aitah palun saate soovin vaja "
    "vaga veel juba see minu oma ka ainult miks kus palju arve tellimus olen oleme oli ole tervist lugupidamisega",
    "de": "und der die das ist sind nicht ich sie ihr ihre mir uns mit fur von zu auf aber oder wenn hallo danke bitte "
    "konnen mochte brauche sehr noch schon dies mein wir auch nur warum wo wie rechnung bestellung ein eine den dem "
    "grussen grusse freundlichen guten tag habe haben werden wird",
    "pl": "i jest nie ja pan pani mi nam ze co kiedy z o od do ale czy jesli dzien dobry dziekuje prosze moge chce "
    "potrzebuje bardzo jeszcze juz to moj tez tylko dlaczego gdzie ile faktura zamowienie sie na jak pozdrawiam",
    "fr": "et est sont pas je vous votre me nous avec pour de du des les une un mais ou si bonjour merci pouvez "
    "voudrais besoin tres encore deja ce cette mon aussi pourquoi comment facture commande que qui sur cordialement",
    "es": "y es son no yo usted su me nos con para de del los las una un pero o si hola gracias puede quiero necesito "
    "muy todavia ya este esta mi tambien solo por que donde como factura pedido el la en saludos",
    "it": "e sono non io lei suo mi ci con per di del dei gli una un ma se ciao buongiorno grazie puo vorrei bisogno "
    "molto ancora gia questo questa mio anche solo perche dove come fattura ordine il la che saluti",
    "nl": "en is zijn niet ik u uw mij ons met voor van naar op maar of als hallo dank bedankt graag kunt wil nodig "
    "zeer nog al dit mijn wij ook alleen waarom waar hoe factuur bestelling een het de groeten",
    "sv": "och ar inte jag du ni er mig oss med for fran till pa men eller om hej tack kan vill behover mycket an "
    "redan det den min vi ocksa bara varfor var hur faktura bestallning en ett som halsningar",
    "fi": "ja on ei mina te teidan minulle meille etta mika kun kanssa mutta tai jos hei kiitos voitteko haluan "
    "tarvitsen hyvin viela jo tama minun me myos vain miksi missa kuinka lasku tilaus ole olen ystavallisin terveisin",
    "ru": "и в не на я вы ваш вам мне нам что кто когда с со по от до но или если здравствуйте привет спасибо "
    "пожалуйста можете могу хочу нужно очень еще уже это этот мой мы также только почему где сколько счет заказ как из",
    "uk": "і в не на я ви ваш вам мені нам що хто коли з зі по від до але або якщо доброго дня привіт дякую будь ласка "
    "можете можу хочу потрібно дуже ще вже це цей мій ми також тільки чому де скільки рахунок замовлення як у є",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# Letters that (nearly) no other of these languages has.
_LETTERS = {
    "lv": "āēīūģķļņ",
    "lt": "ąęėįųū",
    "et": "õ",
    "de": "ß",
    "pl": "łśźżćń",
    "fr": "œçèêà",
    "es": "ñ¿¡",
    "sv": "å",
    "ru": "ыэъё",
    "uk": "іїєґ",
}
_CYRILLIC = frozenset({"ru", "uk", "bg", "sr", "be", "mk"})
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile(r"[a-z]+")  # the same where there is nothing else, in half the time
_QUOTED_OR_LINK = re.compile(r"^>.*$|https?://\S+|\S+@\S+", re.MULTILINE)


def guess(text: str, usual: str = "", among: tuple[str, ...] = AMONG) -> str:
    """Return the language of a text as one of `among`; usual (the contact's own) outweighs a short text.

    A text in another language that we know is in none of them: who writes French is not answered in whichever
    of two others looks more like it.  Then, and where nothing speaks for any, it is the usual one, "" for none.
    """
    written = text[:LONGEST]
    if any(mark in written for mark in (">", "@", "://")):
        written = _QUOTED_OR_LINK.sub(" ", written)
    words = (_ASCII_WORD if written.isascii() else _WORD).findall(written.lower())
    known = tuple(dict.fromkeys((*among, *AMONG)))
    if len(known) > len(among) and _likeliest(written, words, usual, known) not in ("", *among):
        return usual
    found = _likeliest(written, words, usual, among)
    return found if found in among else usual


def _likeliest(written: str, words: list[str], usual: str, among: tuple[str, ...]) -> str:
    points = _points(words, among)
    if usual in points:
        points[usual] += _weight_of_habit(len(words))
    best = max(points, key=lambda language: points[language], default="")
    if len(words) >= SHORT_WORDS and not _is_clear(points):
        best = _second_opinion(written, among) or best
        return best if points.get(best) else usual or best
    return best if points.get(best) else usual


def _is_clear(points: dict[str, float]) -> bool:
    first, second, *_ = (*sorted(points.values(), reverse=True), 0.0, 0.0)
    return first > 1 and first >= 1.5 * second


def _points(words: list[str], among: tuple[str, ...]) -> dict[str, float]:
    """A common word counts one, less where several languages have it; a telling letter half of that."""
    points = dict.fromkeys(among, 0.0)
    owners_of = _owners(among)
    letters = "".join(words)
    is_plain = letters.isascii()
    for word, times in Counter(words if is_plain else map(_bare, words)).items():
        owners = owners_of.get(word, ())
        for language in owners:
            points[language] += times / len(owners)
    if is_plain:
        return points
    for language in among:
        points[language] += 0.5 * sum(map(letters.count, _LETTERS.get(language, "")))
    if sum("а" <= letter <= "я" for letter in letters) * 2 > len(letters):
        for language in _CYRILLIC.intersection(among):
            points[language] += max(0.2 * len(words), SCRIPT)
    return points


@lru_cache(maxsize=8)
def _owners(among: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return which of some languages have a common word, by word."""
    words = {word for language in among for word in _WORDS.get(language, ())}
    return {word: tuple(one for one in among if word in _WORDS.get(one, ())) for word in words}


def _weight_of_habit(words: int) -> float:
    """The usual language is worth three common words, and less the more is written."""
    return 3.0 if words < SHORT_WORDS else 24.0 / words


def _bare(word: str) -> str:
    """Without diacritics, but in Cyrillic, where й and ї are letters of their own."""
    if word.isascii() or "а" <= word[0] <= "ӿ":
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _second_opinion(text: str, among: tuple[str, ...]) -> str:
    """Return which of some languages a text is in, or which other that we know no word of; "" for no idea."""
    identifier = _identifier()
    ranked = identifier.rank(text) if identifier else []
    for language, sureness in ranked[:1]:
        if language not in AMONG and sureness > SURE:
            return str(language)
    return next((str(language) for language, _ in ranked if language in among), "")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Return py3langid's identifier, or None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except (ImportError, AttributeError):  # not installed, or a version with another face
        return None
