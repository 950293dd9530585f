"""Who says that he answered within what he quotes is read whole: often nothing but a colour tells his answers."""

import pytest

from maild.message.model import Address, Attachment, Message
from maild.quoting import body, pointer

HEAD = "From: Printer Ltd <help@x.example>\nSent: Monday, May 5, 2025 10:14 AM\nTo: Anna\nSubject: Printer"
ATTRIBUTION = "On Mon, May 5, 2025 at 10:14 AM Printer Ltd <help@x.example> wrote:"


def cut(text: str) -> str:
    sender = Address("Anna Ozola", "anna@customer.example")
    return body.cut(Message("<p1@customer.example>", sender, "Re: Printer", text, "")).new_text


@pytest.mark.parametrize(
    "said",
    [
        "please see my comments below",
        "Answers in line.",
        "I have replied below in CAPS",
        "I answered under each question.",
        "Thanks Bob! My responses are in bold.",
        "inline:",
        "Antworten in rot.",
        "siehe meine Kommentare unten",
        "mes réponses en rouge ci-dessous",
        "je vous réponds dans le corps du message",
        "mis respuestas en rojo",
        "rispondo sotto",
        "zie hieronder mijn antwoorden",
        "mina svar i rött",
        "mine svar med rødt",
        "vastaukset punaisella",
        "respostas em azul",
        "odpovědi červeně",
        "odpowiedzi na czerwono",
        "ответы в тексте",
        "ответила красным",
        "відповіді червоним",
        "Atbildes tekstā sarkanā krāsā.",
        "atsakymai raudonai",
        "vastused punasega",
        "válaszaim pirossal",
        "cevaplarım kırmızı renkte",
        "回答见红字",
        "赤字で回答します",
        "빨간색으로 답변드립니다",
    ],
)
def test_answers_that_stand_where_their_writer_says_are_kept(said: str) -> None:
    assert cut(f"Hello,\n\n{said}\n\nAnna\n\n{HEAD}\n\nIs it on? Yes.\nNumber? 17").endswith("Number? 17")
    marked = f"Hello,\n\n{said}\n\nAnna\n\n{ATTRIBUTION}\n> Is it on? Yes.\n> Number? 17"
    assert cut(marked).endswith("Number? 17"), "typed into a quoted line, an answer gets its mark, too"


@pytest.mark.parametrize(
    "said",
    [
        "In reply to your mail below: yes.",
        "Thank you for your answer. The lamp below the desk is red.",
        "The answer is yes, and the red lamp is on.",
        "W odpowiedzi na wiadomość poniżej: działa.",
        "Der Techniker hat geantwortet, die rote Lampe sei defekt.",
        "Мастер ответил, что синхронизация не работает.",
        "Gaidu atbildi, sarkanā lampa deg.",
        "Odpověděl, že přijde v červenci.",
        "",
    ],
)
def test_who_speaks_of_an_answer_or_of_a_colour_points_at_nothing(said: str) -> None:
    assert cut(f"Hello,\n\n{said}\n\nAnna\n\n{HEAD}\n\nIs it on?\nNumber?").endswith("Anna")


def test_answers_that_stand_between_or_below_quoted_lines_are_kept_without_the_rest() -> None:
    above = f"Please see my answers below.\n\n{ATTRIBUTION}\n"
    assert cut(f"{above}> Is it on?\nYes.\n> Number?\n17\n> Regards").endswith("> Number?\n17")
    assert cut(f"{above}> Is it on?\n> Number?\n\nYes, 17.") == "Please see my answers below.\n\n\nYes, 17."


@pytest.mark.parametrize(
    "above",
    [
        "Hello Bob,\n\nBest regards,\nAnna",
        "Sehr geehrte Damen und Herren,\n\nMit freundlichen Grüßen\nAnna Ozola\nLampen GmbH",
        "Labdien!\n\nAr cieņu,\nAnna Ozola",
        "-- \nAnna Ozola\n+371 20000000",
        "Hello Bob,",
        "Labdien!",
    ],
)
def test_who_only_greets_and_signs_above_the_quote_wrote_within_it(above: str) -> None:
    """Often nothing but a colour tells his words from ours, and of our mail nothing is known."""
    text = f"{above}\n\n{HEAD}\n\nIs it on? Yes.\nNumber? 17"
    assert cut(text) == text


@pytest.mark.parametrize(
    "above", ["Hello", "Thanks,\nAnna", "Labdien! Jā.\n\n-- \nAnna", "Hi, it works\n\nBr\nAnna", "Ok\n\n-- \nAnna"]
)
def test_whoever_says_a_word_above_the_quote_answers_there(above: str) -> None:
    assert cut(f"{above}\n\n{HEAD}\n\nIs it on?\nNumber?") == above


def test_a_file_may_be_all_that_a_mail_is_for() -> None:
    photo = Attachment(0, "lamp.jpg", "image/jpeg", 17)
    text = f"Hello Bob,\n\nRegards\nAnna\n\n{HEAD}\n\nCan we see it?"
    sender = Address("Anna Ozola", "anna@customer.example")
    found = body.cut(Message("<p1@customer.example>", sender, "Re: Printer", text, "", attachments=(photo,)))
    assert found.new_text == "Hello Bob,\n\nRegards\nAnna"


def test_a_long_text_points_at_nothing() -> None:
    assert not pointer.points(["Please see my answers below.", "x" * pointer.LONGEST])


@pytest.mark.parametrize(
    "answers",
    [
        "Is it on?\n[Anna Ozola] Yes.\nNumber? [Anna Ozola] 17",
        "Is it on?\nAO: Yes.\nNumber?\nAO: 17",
        "Is it on?\n[AO] Yes.\nNumber?\n[AO] 17",
        "Is it on?\nAnna: Yes.\nNumber?\nAnna: 17",
    ],
)
def test_answers_below_their_writers_name_are_kept(answers: str) -> None:
    """Outlook writes it in brackets where its user wishes so; "Regards" below them is quoted."""
    found = cut(f"Hello Bob,\n\n{HEAD}\n\n{answers}\n\nRegards\nBob")
    assert found.endswith("17")
    assert "Is it on?" in found


@pytest.mark.parametrize("line", ["Anna: thank you for your mail.", "Dear Anna Ozola,", "[cid:image001.png]", "AO: 17"])
def test_a_line_that_names_the_writer_once_is_quoted(line: str) -> None:
    assert cut(f"Yes.\n\n{HEAD}\n\n{line}\nIs it on?") == "Yes."


def test_what_he_answered_so_in_an_earlier_mail_is_quoted() -> None:
    said = "Is it on?\n[Anna Ozola] Yes.\n\nThank you, and its number?"
    message = Message("<p1@customer.example>", Address("Anna Ozola", "a@c.example"), "Re: Printer", f"17\n\n{said}", "")
    assert body.cut(message, said, sent=said).new_text == "17"
