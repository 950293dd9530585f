"""Which language a mail is answered in."""

import builtins
from typing import Any

import pytest

from maild.message import language

TEXTS = [
    ("en", "Hello, I have a problem with my order. Could you please help?"),
    ("lv", "Labdien! Lūdzu palīdziet ar rēķinu, nevaru to apmaksāt. Paldies!"),
    ("lv", "Labdien! Ludzu palidziet ar rekinu, nevaru to apmaksat. Paldies!"),
    ("lv", "Kur ir mans pasutijums, kad tas bus?"),
    ("ru", "Здравствуйте, где мой заказ? Спасибо."),
    ("ru", "Добрый день, не могу войти в личный кабинет, помогите пожалуйста"),
    ("lt", "Laba diena, norėčiau sužinoti, kada bus mano užsakymas. Ačiū"),
    ("lt", "Laba diena, kodel negaliu prisijungti prie savo paskyros? Aciu"),
    ("et", "Tere, kus on minu tellimus? Palun saatke arve uuesti."),
    ("de", "Guten Tag, ich habe die Rechnung nicht bekommen. Vielen Dank"),
    ("uk", "Доброго дня, де моє замовлення? Дякую."),
]


@pytest.mark.parametrize(("expected", "text"), TEXTS)
def test_language_is_found(expected: str, text: str) -> None:
    assert language.guess(text) == expected


@pytest.mark.parametrize(("expected", "text"), TEXTS)
def test_language_is_found_without_py3langid(expected: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional: the tables alone know the languages of our customers."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("py3langid"):
            raise ImportError(name)
        return real(name, *rest)

    language._identifier.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    assert language.guess(text) == expected
    language._identifier.cache_clear()


def test_short_text_does_not_change_the_usual_language() -> None:
    assert language.guess("ok thanks", usual="lv") == "lv"
    assert language.guess("", usual="lv") == "lv"


def test_whole_sentences_do() -> None:
    assert language.guess("Hello, I would like to know when my order will be sent to me", usual="lv") == "en"


def test_another_alphabet_is_another_language_however_short_the_text() -> None:
    assert language.guess("Принтер не печатает", usual="lv") == "ru"


def test_quotes_links_and_addresses_say_nothing() -> None:
    text = (
        "Labdien, paldies!\n> Hello, this is the answer to your question from the support\nhttps://the.and.example/of"
    )
    assert language.guess(text) == "lv"


def test_only_languages_that_are_answered_are_given() -> None:
    assert language.guess("Здравствуйте, где мой заказ?", among=("en", "lv"), usual="en") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Lampe en panne\nBonjour,\n\nma lampe ne marche pas. Que faire ?\n\nJean",
        "Lampa\nDzień dobry,\n\nmoja lampa nie działa. Co mam zrobić?\n\nJan",
        "Lámpara\nHola,\n\nmi lámpara no funciona. ¿Qué puedo hacer?\n\nPablo",
        "Katkine lamp\nTere!\n\nMinu lamp ei tööta. Mida teha?\n\nMari",
        "Лампа\nЗдравствуйте!\n\nМоя лампа не работает. Что делать?\n\nИван",
    ],
)
def test_a_foreign_text_is_in_none_of_two_languages(text: str) -> None:
    """The customer of an English desk who writes French was answered in Latvian, which looks more like it."""
    assert language.guess(text, among=("en", "lv")) == ""
    assert language.guess(text, among=("en", "lv"), usual="lv") == "lv"


@pytest.mark.parametrize(
    "text",
    [
        "Merhaba, dün sipariş ettiğim lamba hâlâ gelmedi. Ne zaman elime ulaşacağını bana söyler misiniz?",
        "Selamat pagi, lampu yang saya pesan kemarin belum juga sampai. Kapan barangnya akan dikirim?",
        "Habari, taa niliyoagiza jana haijafika bado. Je, itafika lini? Tafadhali nijulishe haraka iwezekanavyo.",
        "Magandang araw po, ang lampara na inorder ko kahapon ay hindi pa dumarating. Kailan ko ito matatanggap?",
        "مرحبا، المصباح الذي طلبته أمس لم يصل بعد. متى سأستلمه؟ شكرا جزيلا لكم على الرد.",
    ],
)
def test_a_text_in_a_language_that_we_know_no_word_of_is_in_none_of_ours(text: str) -> None:
    """Whoever wrote Indonesian was answered in English, on a desk whose language is another."""
    for among in (("en", "lv"), language.AMONG):
        assert language.guess(text, among=among) == ""
        assert language.guess(text, among=among, usual="lv") == "lv"


def test_what_no_common_word_shows_is_still_in_one_of_ours() -> None:
    assert language.guess("VPN disconnects every 5 minutes, Cisco AnyConnect 4.10, user jsmith, laptop 42") == "en"
    assert language.guess("Nestrada printeris treshaja stava, steidzami vajadzigs meistars, zvanit tagad") == "lv"


def test_nothing_gives_nothing() -> None:
    assert language.guess("") == ""
