"""What a subject is about, and our tags in it."""

import time

import pytest

from maild.message.subject import Base, base, tags


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Printer", Base("Printer", reply=False, forward=False)),
        ("Re: Printer", Base("Printer", reply=True, forward=False)),
        ("RE : Printer", Base("Printer", reply=True, forward=False)),
        ("Re[2]: Printer", Base("Printer", reply=True, forward=False)),
        ("Re(3): Printer", Base("Printer", reply=True, forward=False)),
        ("Re: Re: Fwd: Printer", Base("Printer", reply=True, forward=False)),
        ("Fwd: Re: Printer", Base("Printer", reply=False, forward=True)),
        ("[Fwd: Printer]", Base("Printer", reply=False, forward=True)),
        ("Printer (fwd)", Base("Printer", reply=False, forward=True)),
        ("Antwoord: Printer", Base("Printer", reply=True, forward=False)),
        ("RÉP : Printer", Base("Printer", reply=True, forward=False)),
        ("答复: [外部邮件] Printer", Base("Printer", reply=True, forward=False)),
        ("[External Sender] Re: Printer", Base("Printer", reply=True, forward=False)),
        ("Chuyển tiếp: Printer", Base("Printer", reply=False, forward=True)),
        ("Atb: Printeris", Base("Printeris", reply=True, forward=False)),
        ("PĀRS: Printeris", Base("Printeris", reply=False, forward=True)),
        ("Одг: Принтер", Base("Принтер", reply=True, forward=False)),
        ("На: Принтер", Base("Принтер", reply=True, forward=False)),
        ("Ответ: Принтер", Base("Принтер", reply=True, forward=False)),
        ("AW: WG: Drucker", Base("Drucker", reply=True, forward=False)),
        ("SV: VS: Skrivare", Base("Skrivare", reply=True, forward=False)),
        ("回复：打印机", Base("打印机", reply=True, forward=False)),
        ("[EXTERNAL] Re: Printer", Base("Printer", reply=True, forward=False)),
        ("Re: [EXT] Printer", Base("Printer", reply=True, forward=False)),
        ("***SPAM*** Printer", Base("Printer", reply=False, forward=False)),
        ("Re: [#EX-1234] Printer", Base("Printer", reply=True, forward=False)),
        ("EXTERNAL: Odp.: Printer", Base("Printer", reply=True, forward=False)),
        ("Re: Printer (fwd)", Base("Printer", reply=True, forward=False)),
        ("İLT: Printer", Base("Printer", reply=False, forward=True)),
        ("Trả lời: Printer", Base("Printer", reply=True, forward=False)),
        ("Přep: Printer", Base("Printer", reply=False, forward=True)),
        ("Printer re: paper", Base("Printer re: paper", reply=False, forward=False)),
        ("[list] Printer", Base("[list] Printer", reply=False, forward=False)),
        ("Order: 12", Base("Order: 12", reply=False, forward=False)),
        ("Re:", Base("", reply=True, forward=False)),
        ("", Base("", reply=False, forward=False)),
    ],
)
def test_base_subject(subject: str, expected: Base) -> None:
    """RFC 5256 section 2.1, and the prefixes of other languages."""
    assert base(subject) == expected


def test_tags_are_found_in_any_case_and_number() -> None:
    assert tags("Re: [#EX-1234] and [#lv-7]") == (("EX", 1234), ("LV", 7))


@pytest.mark.parametrize("subject", ["[EX-1234]", "#EX-1234", "[#EX-]", "[#-1]", f"[#EX-{'9' * 400}]"])
def test_what_only_looks_like_a_tag_is_none(subject: str) -> None:
    assert tags(subject) == ()


def test_long_subjects_take_linear_time() -> None:
    start = time.process_time()
    for piece in ("Re: ", "[Fwd: ", " ", "[#A-1", "(fwd) ", "["):
        base(piece * 50_000)
        tags(piece * 50_000)
    assert time.process_time() - start < 1
