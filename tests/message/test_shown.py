"""The text that a reader is shown, whatever the label says."""

import pytest

from maild.message.parse import parse

HEAD = b"From: Anna <anna@x.example>\r\nMIME-Version: 1.0\r\n"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-1", "cp1251", "Здравствуйте, принтер сломан и не печатает"),
        ("iso-8859-1", "gb18030", "您好，我们的打印机坏了，请你来看一下，谢谢"),
        ("iso-8859-1", "cp1251", "Здравствуйте"),
        ("utf-16", "utf-8", "Sveiki, drukātava nedarbojas."),
        ("utf-16", "utf-16", "Sveiki, drukātava"),
        ("utf-16-be", "utf-16-be", "子个为为有大电收来"),
        ("utf-16-le", "utf-16-le", "けこけつしたはひ"),
        ("iso-8859-1", "cp932", "プリンターが動きません。"),
        ("us-ascii", "cp932", "ピーター・ジョーンズ (Riga)"),
        ("iso-8859-1", "cp1252", "ÄÖÜ: Größe, façade, crème brûlée, ÅÄÖ"),
        ("iso-8859-1", "cp1252", "ÄäÖöÜü" * 5),
        ("utf-8", "cp1252", "crème brûlée, déjà vu"),
        ("utf-8", "cp1250", "žluťoučký kůň pěl ďábelské ódy"),
        ("us-ascii", "iso2022_jp", "電球が切れました。"),
        ("utf-8", "iso2022_jp", "電球が切れました。"),
        ("big5", "utf-8", "燈泡壞了！"),
        ("big5", "big5hkscs", "盞燈壞咗，唔該嚟睇吓"),
        ("euc-jp", "euc_jis_2004", "電球①が切れました。"),
        ("utf-16", "utf-16-be", "The lamp is out."),
        ("utf-16", "utf-16-le", "The lamp is out."),
    ],
)
def test_text_with_a_wrong_label_is_read(label: str, codec: str, text: str) -> None:
    head = f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert parse(HEAD + head.encode() + text.encode(codec)).text.strip() == text


def test_marks_that_a_program_took_for_controls_are_read() -> None:
    """Who takes windows-1252 for latin-1, and makes UTF-8 of it, writes U+0092 for an apostrophe."""
    said = "It’s “out” – 5 €"
    wrong = said.encode("cp1252").decode("latin-1").encode()
    message = parse(HEAD + b"Subject: " + wrong + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + wrong)
    assert (message.subject, message.text) == (said, said)


def test_page_that_claims_to_be_plain_text_is_read_and_a_question_about_html_is_kept() -> None:
    page = b"<!DOCTYPE html>\r\n<html><head><title>x</title></head><body><p>It works.</p></body></html>\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + page).text == "It works.\n"
    question = b"<html> is what I see. Why?\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + question).text == "<html> is what I see. Why?\n"


def faces(plain: str, rich: str) -> str:
    parts = (("plain", plain), ("vnd.google.email-reaction+json", '{"emoji": "x"}'), ("html", rich))
    body = "".join(f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n" for kind, text in parts)
    return parse(HEAD + f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{body}--b--\r\n".encode()).text.strip()


QUOTE = '<div>On 5 May 2025 at 10:14 Bob wrote:</div><blockquote type="cite">Is it on?<br>Really?</blockquote>'


@pytest.mark.parametrize(
    "above", ["", "On 5 May 2025 at 10:14 Bob wrote:\r\n", "On 5 May 2025\r\nat 10:14 Bob wrote:\r\n\r\n"]
)
def test_answer_that_stands_in_the_html_alone_is_read_there(above: str) -> None:
    """Some programs put nothing but the quote into the plain text."""
    assert faces(f"{above}> Is it on?\r\n> Really?", f"<p>Yes, of course.</p>{QUOTE}").startswith("Yes, of course.")
    quote = f"{above}> Is it on?\r\n> Really?"
    if above:
        assert faces(quote, QUOTE) == quote.replace("\r\n", "\n"), "who says nothing in both is left as he is"


def test_line_ends_that_the_plain_text_lost_are_those_of_the_html() -> None:
    said = "Yes, it is on, and it has been on for the whole of the last week, day and night, as everybody can tell you."
    glued = f"{said}AnnaOn 5 May 2025 at 10:14 Bob wrote:Is it on?Really?"
    assert faces(glued, f"<div>{said}</div><div>Anna</div>{QUOTE}").startswith(f"{said}\nAnna\n")
    other = "<div>One</div><div>Two</div><div>Three</div><div>Four</div>"
    assert faces(glued, other) == glued, "another text is no better one"


@pytest.mark.parametrize(
    "stub",
    [
        "This message requires an HTML viewer.",
        "View this mail in your browser: https://x.example/a",
        "Diese Nachricht ist HTML-formatiert.",
        "Открыть письмо в браузере",
        "Your mail program shows no pictures.\r\nLook here instead:\r\nhttps://x.example/a",
        "Ihr E-Mail-Programm zeigt diese Nachricht nicht an.",
        "Votre messagerie ne montre pas ce message.",
        "Jūsu pasta programma šo vēstuli nerāda.",
        "お使いのメールソフトでは表示できません。",
    ],
)
def test_short_answer_below_words_that_only_say_that_there_is_html_is_read(stub: str) -> None:
    assert faces(stub, "<p>Works.</p>").endswith("Works.")
    assert faces("No, my browser shows it as HTML.", "<p>No, my browser shows it as HTML.</p>") == (
        "No, my browser shows it as HTML."
    )


@pytest.mark.parametrize("plain", ["Nothing to be seen here.", "(empty)", "[image: lamp.png]", "Sent from my lamp"])
def test_html_that_says_something_else_than_a_short_text_beside_it_is_read_too(plain: str) -> None:
    said = "The third lamp on the left is out of order."
    assert faces(plain, f"<p>{said}</p><p>Please come.</p>") == f"{plain}\n{said}\n\nPlease come."
    assert faces("*Come* here!", "<p><b>Come</b> here!</p><p>Twice.</p>") == "*Come* here!"
    assert faces("Спасибо!", "<p>&#1057;&#1087;&#1072;&#1089;&#1080;&#1073;&#1086;!</p>") == "Спасибо!"


def test_words_that_a_list_put_below_base64_leave_it_readable() -> None:
    """Some list servers add their footer to the bytes as they come."""
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    said = b"TGFicsSrdCwgZHJ1a8SBdGF2YSB2xJNsIG5lc3RyxIFkxIEuCg==\r\n\r\n"
    footer = b"-- \r\nTo leave the list of the lamps: https://x.example\r\n"
    shown = "Labrīt, drukātava vēl nestrādā.\n\n-- \nTo leave the list of the lamps: https://x.example\n"
    assert parse(head + said + footer).text == shown
    lie = b"Dear\r\n\r\nthe lamp is out of order and it smokes\r\n"
    assert parse(head + lie).text == "Dear\n\nthe lamp is out of order and it smokes\n"


def test_sign_of_a_reaction_is_read_and_what_programs_read_of_it_is_not() -> None:
    assert faces("👍", "<div>👍</div>") == "👍"
