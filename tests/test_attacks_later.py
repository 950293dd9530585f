"""Attacks with what was true once: a merged ticket's address, a revoked agent's, a mail that was sent before.

And with people: whoever is named in Cc, by whomever.  The world is that of tests.test_attacks.
"""

import contextlib
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.site import keyfile
from maild.site.settings import load
from maild.ticket import token
from maild.ticket.token import Keyring, TokenKind
from tests.attackers import ANNA, BOB, EVE, PASSWORD, SUPPORT, TRUSTED, Case, World, answer, mail
from tests.running import maild, wait_for

pytestmark = pytest.mark.xdist_group("attacks later")
COPIED = "copied@example.com"  # a queue that takes people in Cc into the conversation


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.at_work(tmp_path_factory.mktemp("later")) as one:
        yield one


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


def people(case: Case) -> set[str]:
    return {row[0] for row in case.world.rows("select address from participant where ticket = ?", case.number)}


# ---- T2: strangers in Cc ----------------------------------------------------------------------------


def with_cc(raw: bytes, cc: str) -> bytes:
    return f"Cc: <{cc}>\r\n".encode() + raw


def test_t2_cc_added_by_a_stranger(world: World) -> None:
    case = world.case(COPIED)
    asked = case.mails_to(case.customer)[0]
    world.send(with_cc(mail(EVE, COPIED, "Me too!", answers=asked), "friend@evil.example"), EVE, COPIED)
    assert "friend@evil.example" not in people(case)
    answer(case, "It is on its way.")
    assert world.letters("friend@evil.example") == world.letters(EVE) == []


def test_t2_cc_added_by_a_forged_customer(world: World) -> None:
    """He knows an id of the conversation, and the customer's address; he has neither the token nor a signature."""
    case = world.case(COPIED)
    asked = case.mails_to(case.customer)[0]
    world.send(with_cc(mail(case.customer, COPIED, "Copy my wife, please.", answers=asked), EVE), EVE, COPIED)
    assert EVE not in people(case)
    answer(case, "It is on its way.")
    assert world.letters(EVE) == []


def test_t2_cc_added_by_whoever_was_passed_the_customers_address(world: World) -> None:
    case = world.case(COPIED)
    to = case.mails_to(case.customer)[0].reply_to[0].address
    world.send(with_cc(mail(EVE, to, "Hello"), "friend@evil.example"), EVE, to)
    assert "friend@evil.example" not in people(case)


def test_the_customer_himself_brings_people_in(world: World) -> None:
    case = world.case(COPIED)
    asked = case.mails_to(case.customer)[0]
    to = asked.reply_to[0].address
    world.send(with_cc(mail(case.customer, to, "And my wife.", answers=asked), "wife@home.example"), case.customer, to)
    assert "wife@home.example" in people(case)


def test_t2_a_stranger_in_cc_of_an_agents_answer_is_sent_nothing_by_us(case: Case) -> None:
    copy, to = case.copies["anna"], case.reply_to("anna")
    case.world.submit(with_cc(mail(ANNA, to, "It is on its way.", answers=copy), EVE), "anna", to)
    assert len(case.told) == 1
    assert case.world.letters(EVE) == []


# ---- T1: what proves nothing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    ["spf=pass smtp.mailfrom=anna@agents.example", "dmarc=pass header.from=agents.example", "auth=fail smtp.auth=anna"],
)
def test_t1_spf_or_dmarc_alone_is_no_proof(case: Case, result: str) -> None:
    """They hold for the envelope, or by it: a forwarder or a shared sender has them for anybody."""
    relay = "Received: from x by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    relay = f"Authentication-Results: mx.example.com; {result}\r\n{relay}"
    raw = mail(ANNA, case.reply_to("anna"), "Our bank account has changed.", relay)
    assert case.world.send(raw, ANNA, case.reply_to("anna"), TRUSTED) == "held: token alone"
    case.untouched()


def test_t1_a_forgery_in_a_closed_ticket_is_held(case: Case) -> None:
    answer(case, "#close")
    raw = mail(ANNA, case.reply_to("anna"), "Our bank account has changed.")
    assert case.world.send(raw, EVE, case.reply_to("anna")) == "held: token alone"
    assert case.told == []
    assert case.ticket()[0] == "closed"


def test_an_agents_reply_to_a_closed_ticket_goes_to_its_customer(case: Case) -> None:
    answer(case, "#close")
    assert answer(case, "One more thing.").startswith("filed")
    assert "One more thing." in case.told[-1].text


# ---- T4: replays ------------------------------------------------------------------------------------


def test_t4_replayed_under_another_message_id(case: Case) -> None:
    """Where the signature does not cover the id, whoever has the mail may send it as often as he likes."""
    covered = (b"from", b"to", b"subject", b"date")
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It is on its way."), covered)
    assert case.world.send(signed.replace(b"Message-ID: <m", b"Message-ID: <n"), EVE, case.reply_to("anna")).startswith(
        "held"
    )
    case.untouched()


def test_t4_replayed_with_a_second_message_id_on_top(case: Case) -> None:
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It is on its way."))
    case.world.send(signed, ANNA, case.reply_to("anna"))
    case.world.send(b"Message-ID: <again@evil.example>\r\n" + signed, EVE, case.reply_to("anna"))
    assert len(case.told) == 1


@pytest.mark.parametrize(
    "on_top",
    [
        "Content-Transfer-Encoding: quoted-printable",
        'Content-Type: multipart/mixed; boundary="evil"',
        "Content-Type: text/html",
    ],
)
def test_t4_replayed_with_a_field_that_makes_it_read_otherwise(case: Case, on_top: str) -> None:
    """The bytes are the agent's, and so is the signature; what nobody signed says how they are read."""
    text = "It is on its way=2E\n\n> --evil\n--evil\nContent-Type: text/plain\n\nPay to LV00EVIL.\n--evil--"
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), text))
    case.world.send(signed, ANNA, case.reply_to("anna"))
    told = len(case.told)
    field = on_top.partition(":")[0].encode()
    replaced = b"\r\n".join(line for line in signed.split(b"\r\n") if not line.startswith(field + b": text/plain;"))
    for raw in (signed, replaced):
        case.world.send(on_top.encode() + b"\r\n" + raw, EVE, case.reply_to("anna"))
    assert len(case.told) == told


def test_t4_an_old_signed_mail_with_a_new_date_on_top(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "Hello")
    date = next(line for line in raw.split(b"\r\n") if line.startswith(b"Date:"))
    old = case.world.agents.sign(raw.replace(date, b"Date: Thu, 01 Oct 2026 10:00:00 +0000"))
    assert case.world.send(date + b"\r\n" + old, EVE, case.reply_to("anna")).startswith("held")
    case.untouched()


def test_t4_replayed_after_the_ticket_was_answered_by_a_colleague(case: Case) -> None:
    raw = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It is on its way."))
    case.world.send(raw, ANNA, case.reply_to("anna"))
    answer(case, "No, it is sold out.", "bob")
    told = len(case.told)
    case.world.send(raw, EVE, case.reply_to("anna"))
    assert len(case.told) == told


# ---- T3, T9: tickets that ended in others -----------------------------------------------------------


def test_t3_an_answer_to_a_merged_tickets_old_copy_is_held(case: Case) -> None:
    """Else the other ticket's customer would be sent what was written to the one."""
    other = case.world.case()
    answer(case, f"#merge {other.number}", "bob")
    became = answer(case, "Your bill of 300 euros is paid.")
    assert became.startswith("held: ")
    assert f"#{other.number}" in became
    assert other.told == []
    assert case.told == []
    asked = case.world.letters(ANNA)[-1]
    assert other.customer in asked.text
    send = next(word for word in asked.text.split() if word.startswith("support+"))
    case.world.submit(mail(ANNA, send, ""), "anna", send)
    assert len(other.told) == 1, "whoever is told, and means it, sends it"


def test_t3_a_forgery_with_a_merged_tickets_address_is_held(case: Case) -> None:
    other = case.world.case()
    answer(case, f"#merge {other.number}", "bob")
    raw = mail(ANNA, case.reply_to("anna"), "Our bank account has changed.")
    assert case.world.send(raw, EVE, case.reply_to("anna")) == "held: token alone"
    assert other.told == []
    assert case.told == []


def test_an_answer_to_a_merged_tickets_copy_after_its_customer_wrote_again_is_held(case: Case) -> None:
    other = case.world.case()
    answer(case, f"#merge {other.number}", "bob")
    asked = case.mails_to(case.customer)[0]
    to = asked.reply_to[0].address
    case.world.send(mail(case.customer, to, "It works again, thank you!", answers=asked), case.customer, to)
    assert "somebody wrote after" in answer(case, "Please send it back.")


def test_whoever_is_asked_for_a_code_is_shown_what_the_customer_wrote_meanwhile(case: Case) -> None:
    asked = case.mails_to(case.customer)[0]
    to = asked.reply_to[0].address
    case.world.send(mail(case.customer, to, "It works again, thank you!", answers=asked), case.customer, to)
    raw = mail(ANNA, case.reply_to("anna"), "Please send it back.", answers=case.copies["anna"])
    assert case.world.send(raw, ANNA, case.reply_to("anna")) == "held: token alone"
    question = case.world.letters(ANNA)[-1]
    assert "somebody wrote after" in question.text
    assert "It works again" in question.text


def test_t9_a_mail_of_ours_that_an_agents_mailbox_sends_back_is_answered_by_nobody(case: Case) -> None:
    left = len(case.world.rows("select id from outbox"))
    copy = next(
        path for path in case.world.left_files() if case.copies["anna"].message_id.encode() in path.read_bytes()
    )
    case.world.send(copy.read_bytes(), ANNA, SUPPORT)
    case.world.send(copy.read_bytes(), ANNA, case.reply_to("anna"))
    assert len(case.world.rows("select id from outbox")) == left
    case.untouched()


# ---- T5, T6 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        '<p>Thank you.</p><p style="display:none">#close</p>',
        '<div style="display:none">#close</div><p>Thank you.</p>',
        "<p>Thank you.</p><blockquote>#close</blockquote>",
        '<p>Thank you.</p><div style="font-size:0">#close</div>',
    ],
)
def test_t5_commands_that_nobody_sees(case: Case, html: str) -> None:
    raw = mail(ANNA, case.reply_to("anna"), html, "MIME-Version: 1.0\r\n", answers=case.copies["anna"])
    case.world.submit(raw.replace(b"text/plain", b"text/html"), "anna", case.reply_to("anna"))
    assert case.ticket()[0] not in ("closed", "solved")


def test_t5_commands_in_a_subject_are_a_subject(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "Thank you.", subject="#close", answers=case.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    assert case.ticket()[0] == "waiting"


def test_t6_a_read_receipt_is_no_answer(case: Case) -> None:
    to = case.reply_to("anna")
    raw = mail(ANNA, to, "BODY", "MIME-Version: 1.0\r\n", subject="Read: Lamp", answers=case.copies["anna"])
    head, _, _ = raw.partition(b"\r\n\r\n")
    kind = b'multipart/report; report-type=disposition-notification; boundary="b"'
    parts = (
        "Content-Type: text/plain\r\n\r\nYour message was read.\r\n--b\r\n"
        "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;anna@agents.example\r\n"
        "Disposition: manual-action/MDN-sent-automatically; displayed\r\n"
    )
    raw = head.replace(b"text/plain; charset=utf-8", kind) + f"\r\n\r\n--b\r\n{parts}\r\n--b--\r\n".encode()
    case.world.submit(raw, "anna", to)
    case.untouched()


# ---- T8: the agent's own traces ---------------------------------------------------------------------


def test_t8_a_signature_that_nothing_marks(world: World) -> None:
    """Three mails show that it is one; from the fourth on it stays here, and he is told once."""
    signature = "Kind regards,\nAnna Ozola\nHome: +371 20000000"
    for n in range(1, 4):
        answer(world.case(), f"Number {n} is on its way.\n\n{signature}")
    told = len(world.letters(ANNA))
    case = world.case()
    answer(case, f"Number 4 is on its way.\n\n{signature}")
    assert "Number 4 is on its way." in case.told[0].text
    assert "20000000" not in case.told[0].text
    (confirmed,) = [one for one in world.letters(ANNA)[told:] if "20000000" in one.text]
    assert "signature" in confirmed.text
    case = world.case()
    answer(case, f"Number 5 is on its way.\n\n{signature}")
    assert "20000000" not in case.told[0].text
    assert "20000000" not in world.letters(ANNA)[-1].text


# ---- T12, T15: fields that two programs read differently --------------------------------------------


@pytest.mark.parametrize("name", ["To ", "TO", "to\t"])
def test_t15_a_to_field_on_top_written_oddly(case: Case, name: str) -> None:
    signed = case.world.agents.sign(mail(ANNA, "friend@shop.example", "Hello"))
    raw = f"{name}: <{case.reply_to('anna')}>\r\n".encode() + signed
    assert case.world.send(raw, EVE, case.reply_to("anna")).startswith("held")
    case.untouched()


@pytest.mark.parametrize("name", ["From ", "FROM", "from\t"])
def test_t15_a_from_field_on_top_written_oddly(case: Case, name: str) -> None:
    signed = case.world.evil.sign(mail(EVE, case.reply_to("anna"), "Hello"))
    assert case.world.send(f"{name}: <{ANNA}>\r\n".encode() + signed, EVE, case.reply_to("anna")).startswith("held")
    case.untouched()


@pytest.mark.parametrize(
    ("on_top", "above"),
    [
        (b"", b"X-Long: " + b"y" * 300_000 + b"\r\n"),  # more of a head than is read, and the signed From below it
        (b"", b"X-Long: y\r\n" * 30_000),
        (b"X-Blank: y\r\n" + b" \r\n" * 150, b""),  # more lines that go on than are read
    ],
)
def test_t15_a_colleagues_signed_mail_with_the_agents_name_above_it(case: Case, on_top: bytes, above: bytes) -> None:
    """The library that verifies takes "From :" for no field, and reads further than we do: it finds one From alone."""
    to = case.reply_to("anna")
    signed = case.world.agents.sign(mail("mallory@agents.example", to, "Hello"))
    (author,) = (line for line in signed.splitlines(keepends=True) if line.startswith(b"From:"))
    raw = f"From : <{ANNA}>\r\n".encode() + on_top + signed.replace(author, b"")
    raw = raw.replace(b"\r\n\r\n", b"\r\n" + above + author + b"\r\n", 1)
    assert not case.world.send(raw, EVE, to).startswith("filed")
    case.untouched()


def test_t15_results_of_another_server_by_the_trusted_relay(case: Case) -> None:
    told = "Authentication-Results: mx.example.com.evil.example; dkim=pass header.d=agents.example\r\n"
    raw = mail(ANNA, case.reply_to("anna"), "Hello", told)
    assert case.world.send(raw, EVE, case.reply_to("anna"), TRUSTED) == "held: token alone"
    case.untouched()


# ---- T14: a stolen mailbox --------------------------------------------------------------------------


def revoke(world: World, agent: str, address: str) -> None:
    """Revoke, wait until the daemon knows, and give him a password again for whoever comes after."""
    maild("agent", "revoke", agent, "--site", str(world.site))
    world.hang_up(agent)
    wait_for(lambda: world.send(mail(EVE, address, "Hello"), EVE, address) == "550", "the revocation")


def test_t14_every_kind_of_address_of_a_revoked_agent_is_dead(world: World) -> None:
    case = world.case()
    world.send(mail(BOB, case.reply_to("bob"), "Waits for a word."), BOB, case.reply_to("bob"))
    asked = world.letters(BOB)[-1]
    named = [word.strip("<>.,") for word in asked.text.split() if word.startswith("support+")]
    addresses = [case.reply_to("bob"), asked.reply_to[0].address, *named]
    revoke(world, "bob", case.reply_to("bob"))
    for one in addresses:
        assert world.send(mail(BOB, one, "send"), BOB, one) == "550"
    case.untouched()
    maild("agent", "password", "bob", "--stdin", "--site", str(world.site), stdin=f"{PASSWORD}\n".encode())


def test_t14_a_session_that_was_logged_in_before_is_no_log_in_any_more(world: World) -> None:
    case = world.case()
    with world.connected() as thief:
        thief.login("bob", PASSWORD)
        revoke(world, "bob", case.reply_to("bob"))
        with contextlib.suppress(smtplib.SMTPException):
            thief.sendmail(
                BOB, [SUPPORT], mail(BOB, SUPPORT, "Our bank account has changed.", answers=case.copies["bob"])
            )
        world.settle()
    case.untouched()
    maild("agent", "password", "bob", "--stdin", "--site", str(world.site), stdin=f"{PASSWORD}\n".encode())


def test_t14_a_revoked_agents_old_copy_without_its_address_is_held(world: World) -> None:
    case = world.case()
    revoke(world, "bob", case.reply_to("bob"))
    raw = world.agents.sign(mail(BOB, SUPPORT, "Our bank account has changed.", answers=case.copies["bob"]))
    assert world.send(raw, BOB, SUPPORT).startswith("held")
    case.untouched()
    maild("agent", "password", "bob", "--stdin", "--site", str(world.site), stdin=f"{PASSWORD}\n".encode())


def test_t14_a_stolen_key_makes_no_address_once_it_was_replaced(tmp_path: Path) -> None:
    """It still reads what was sent before; whoever has it cannot write himself another one of today."""
    with World.at_work(tmp_path) as world:
        case = world.case()
        stolen, copied = keys_of(world), case.reply_to("anna")
        maild("keys", "rotate", "--site", str(world.site))
        key_file = world.site / "var" / "site.key"
        today = datetime.now(UTC).date()
        key_file.write_text(key_file.read_text().replace(f"since {today}", f"since {today - timedelta(days=3)}"))
        maild("reload", "--site", str(world.site))
        wait_for(lambda: "reloaded" in world.daemon.log_text(), "the reload")
        seen = token.check(stolen, token.find(copied), lambda *_: 0)
        assert seen
        forged = copied.replace(seen.text, token.mint(stolen, TokenKind.AGENT, seen.handle, seen.party, today))
        assert world.send(mail(ANNA, forged, "#close"), EVE, forged) == "550"
        case.untouched()
        last_week = token.mint(stolen, TokenKind.AGENT, seen.handle, seen.party, today - timedelta(days=7))
        to = copied.replace(seen.text, last_week)
        assert world.send(mail(ANNA, to, "It is on its way."), ANNA, to).startswith("held: token alone"), (
            "good, and no proof"
        )
        newest = token.find(case.mails_to(ANNA)[-1].reply_to[0].address)
        assert token.check(stolen, newest, lambda *_: 0) is None
        assert token.check(keys_of(world), newest, lambda *_: 0)


def test_a_visitor_who_gives_an_agents_address_to_a_form_of_the_agents_own_domain_is_no_agent(world: World) -> None:
    """What the domain signed speaks for its form; whoever fills that in may call himself anything."""
    filled = mail("www@agents.example", SUPPORT, "#to victim@bank.example\n\nPlease pay to our new account.")
    filled = filled.replace(b"Subject:", b"Reply-To: anna@agents.example\r\nSubject:", 1)
    assert world.send(world.agents.sign(filled), "www@agents.example", SUPPORT).startswith("held")
    assert not world.letters("victim@bank.example")
    honest = mail("www@agents.example", SUPPORT, "Where is my order?")
    honest = honest.replace(b"Subject:", b"Reply-To: visitor@shop.example\r\nSubject:", 1)
    assert world.send(world.agents.sign(honest), "www@agents.example", SUPPORT).startswith("filed")


def keys_of(world: World) -> Keyring:
    return keyfile.read(load(world.site))
