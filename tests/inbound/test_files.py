"""Mails from files of other programs."""

from pathlib import Path

import pytest

from maild.inbound import files

FIRST = "From anna@x.example Mon Nov 23 10:00:00 2026\nSubject: one\n\nGood morning,\n\n"


@pytest.mark.parametrize(
    "begins",
    [
        "From - Mon Nov 23 11:00:00 2026\nSubject: two",
        "From 17000000000@xxx Mon Nov 23 11:00:00 +0000 2026\nSubject: two",
        "From MAILER-DAEMON Mon Nov 23 11:00:00 2026\n\tgoes on from nothing\nSubject: two",
        "From \nSubject: two",
        "From b@x.example\r\nX-Mozilla-Status: 0001\r\nSubject: two",
    ],
)
def test_a_mail_of_an_mbox_begins_where_its_program_began_it(begins: str, tmp_path: Path) -> None:
    (tmp_path / "old.mbox").write_bytes(f"{FIRST}{begins}\n\ny\n".encode())
    assert [found.raw.count(b"Subject:") for found in files.mails(tmp_path / "old.mbox")] == [1, 1]


@pytest.mark.parametrize("line", ["From Monday on we are closed.", "From 10:30 on, every Monday", ">From here on"])
def test_a_text_that_was_not_quoted_is_one_mail(line: str, tmp_path: Path) -> None:
    """Not every program puts ">" before it: the mail ended there, and its rest was a ticket of nobody's."""
    (tmp_path / "old.mbox").write_text(f"{FIRST}{line}\nand so it goes on.\n")
    (found,) = files.mails(tmp_path / "old.mbox")
    assert found.raw.decode().endswith(f"{line.removeprefix('>')}\nand so it goes on.\n")


def test_the_oldest_mail_of_all_paths_is_next_and_no_file_is_read_before_its_turn(tmp_path: Path) -> None:
    """A shell names each of a hundred thousand files, and their mails would be in memory together."""

    def dated(minute: int) -> str:
        return (
            f"From x Mon Nov 23 10:00:00 2026\nDate: Mon, 23 Nov 2026 10:{minute:02} +0000\nSubject: {minute}\n\nx\n\n"
        )

    first, last = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_text(dated(2).partition("\n")[2])
    last.write_text(dated(5).partition("\n")[2])
    inbox, sent = tmp_path / "inbox", tmp_path / "sent"
    inbox.write_text(dated(1) + dated(4))
    sent.write_text(dated(3))
    found = files.in_order([first, sent, last, inbox])
    subjects = [next(found).raw.partition(b"Subject: ")[2][:1] for _ in range(2)]
    last.unlink()
    assert subjects == [b"1", b"2"]
    with pytest.raises(FileNotFoundError):
        list(found)
