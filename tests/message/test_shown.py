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
    ],
)
def test_text_with_a_wrong_label_is_read(label: str, codec: str, text: str) -> None:
    head = f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert parse(HEAD + head.encode() + text.encode(codec)).text.strip() == text


def test_page_that_claims_to_be_plain_text_is_read_and_a_question_about_html_is_kept() -> None:
    page = b"<!DOCTYPE html>\r\n<html><head><title>x</title></head><body><p>It works.</p></body></html>\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + page).text == "It works.\n"
    question = b"<html> is what I see. Why?\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + question).text == "<html> is what I see. Why?\n"
