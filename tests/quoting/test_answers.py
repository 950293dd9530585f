"""Answers to a mail of ours, by the layouts of many programs: what somebody wrote, and where, comes out whole."""

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message.model import Address, Message
from maild.quoting import body

SAID = (
    "Labdien, Anna!\n\nPaldies par ziņu. Lūdzu, pasakiet, kāds ir lampas numurs un kurā veikalā un kad to pirkāt?\n\n"
    "Vai varam atbraukt otrdien ap desmitiem no rīta?\n\nAr cieņu,\nJānis Bērziņš"
)
SENT = (
    f"{SAID}\n\n-- \nLampu nams\nhttps://lampas.example\nZemā iela 1, Rīga\n\nOn Monday Anna Liepa wrote:\n"
    "> Klienta numurs 12345, Brīvības iela 17\n>\n> Lampa nedeg jau no pirmdienas.\n>\n> Anna Liepa"
)
KNOWN = f"{SAID}\nKlienta numurs 12345, Brīvības iela 17\n\nLampa nedeg jau no pirmdienas.\n\nAnna Liepa"
REPLY = f"support+{'abcdefgh' * 5}@lampas.example"
HEAD = "Sent: Monday, May 5, 2025 10:14 AM\nTo: Anna Liepa\nSubject: Re: Lampa\n\n"
CAUTION = (
    "CAUTION: This email originated from outside of the organization. Do not click links unless you know the sender."
)


def marked(text: str, width: int = 998) -> str:
    lines = [part for line in text.split("\n") for part in (textwrap.wrap(line, width) or [""])]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def bare(text: str) -> str:
    """As Outlook has it: without marks, with links written twice, and with blanks that do not break."""
    text = text.replace("> ", "").replace(">", "").replace("\n\n", "\n\u00a0\n")
    return text.replace("https://lampas.example", "https://lampas.example<https://lampas.example>")


LAYOUTS: dict[str, Callable[[str], str]] = {
    "Gmail": lambda sent: f"On Mon, May 5, 2025 at 10:14 AM Lampu nams <{REPLY}>\nwrote:\n\n{marked(sent, 70)}",
    "Apple Mail": lambda sent: marked(f"On 5 May 2025, at 10:14, Lampu nams <{REPLY}> wrote:\n\n{sent}"),
    "Thunderbird": lambda sent: f"05.05.2025 10:14, Lampu nams rakstīja:\n{marked(sent)}",
    "Yandex": lambda sent: (
        f"Кому: Anna Liepa (anna@customer.example);\nТема: Re: Lampa;\n"
        f'05.05.2025, 10:14, "Lampu nams" <help@lampas.example>:\n{marked(sent)}'
    ),
    "Nextcloud": lambda sent: f'"Lampu nams" <help@lampas.example> – 5. Mai 2025 10:14\n{marked(sent)}',
    "Nextcloud, its HTML as text": lambda sent: f'"Lampu nams" {REPLY} – May 5,\n2025 10:14 AM\n\n{marked(sent)}',
    "Outlook": lambda sent: f"From: Lampu nams <{REPLY}>\n{HEAD}{bare(sent)}",
    "Outlook, no address": lambda sent: f"{'_' * 32}\nFrom: Lampu nams\n{HEAD}{bare(sent)}",
    "a server's warning": lambda sent: f"From: Lampu nams\n{HEAD}{CAUTION}\n\n{bare(sent)}",
    "a server's warning, marked": lambda sent: (
        f"On 5 May 2025, Lampu nams wrote:\n\n{marked(f'{CAUTION}{2 * chr(10)}{sent}')}"
    ),
    "nothing introduces it": lambda sent: bare(sent),
    "marks alone": lambda sent: marked(sent),
}
ANSWERS = [
    "Nē.",
    "17-B, pirkām maijā.",
    "Labdien!\n\nNumurs ir 17-B.\n\n- Rīga\n- maijs\n\nOtrdien der.\n\nAnna Liepa",
    "Kad?\n\nSteidzami!",
]


def cut(text: str) -> str:
    mail = Message("<q1@customer.example>", Address("Anna Liepa", "anna@customer.example"), "Re: Lampa", text, "")
    return body.cut(mail, KNOWN, ("support+", "@lampas.example>"), SENT).new_text


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_above_our_mail_is_all_that_is_new(layout: Callable[[str], str], answer: str) -> None:
    assert cut(f"{answer}\n\n{layout(SENT)}\n") == answer


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_dashes_that_he_put_apart_are_no_programs_rule(layout: Callable[[str], str]) -> None:
    assert cut(f"Spuldze, vads, slēdzis:\n- - -\n\n{layout(SENT)}\n").endswith("\n- - -")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_below_our_mail_is_kept(layout: Callable[[str], str], answer: str) -> None:
    assert cut(f"{layout(SENT)}\n\n{answer}\n").endswith(answer)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("greeting", ["", "Labdien!\n\n", "Labdien!\n\nAtbildes zemāk.\n\n"])
def test_an_answer_behind_a_question_of_ours_is_kept(layout: Callable[[str], str], answer: str, greeting: str) -> None:
    """Typed between the lines, or into one that is marked: the program marks each line of it, or none."""
    between = SENT.replace("pirkāt?", f"pirkāt?\n\n{answer}")
    kept = cut(f"{greeting}{layout(between)}\n")
    assert [line for line in answer.splitlines() if line not in kept and line not in KNOWN] == []


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("drawn", ["-- ", "---", "Sent from my iPhone\n"])
def test_who_only_greets_above_our_mail_may_answer_below_what_his_program_signs_with(
    layout: Callable[[str], str], answer: str, drawn: str
) -> None:
    assert cut(f"Labdien!\n\n{layout(SENT)}\n\n{drawn}\n{answer}\n").endswith(answer)
    assert cut(f"Labdien! Der.\n\n{layout(SENT)}\n\n{drawn}\nAnna Liepa\nSIA X\n") == "Labdien! Der."


@given(
    st.sampled_from(list(LAYOUTS.values())),
    st.lists(
        st.sampled_from(["Jā", "nē", "lampa", "17", "Rīga", "?", "\n", "\n\n", "-", "otrdien", "Vai"]),
        min_size=2,
        max_size=14,
    ),
)
@settings(max_examples=150, deadline=None)
def test_whatever_he_answers_above_and_below_comes_out_whole(layout: Callable[[str], str], words: list[str]) -> None:
    answer = " ".join(words).strip()
    wanted = "".join(answer.split())
    assert wanted in "".join(cut(f"{answer}\n\n{layout(SENT)}\n").split())
    assert wanted in "".join(cut(f"Labdien!\n\n{layout(SENT)}\n\nTātad: {answer}\n").split())
