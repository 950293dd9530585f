"""Fifteen attackers (T1 to T15) and every known trick, against a real daemon; at the end: how many got through.

An attack that gets through is a failing test.  Among them stand the honest mails that must get through:
a wall that nobody passes is easily built.
"""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest

from maild.message.model import Message
from tests.attackers import ANNA, BOB, EVE, PASSWORD, SUPPORT, TRUSTED, Case, World, answer, mail, quoted
from tests.running import maild, wait_for

pytestmark = pytest.mark.xdist_group("attacks")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.at_work(tmp_path_factory.mktemp("attacks")) as one:
        yield one


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


def question(case: Case) -> Message:
    """Return the newest mail that Anna, the agent, got."""
    return case.world.letters(ANNA)[-1]


def code_in(asked: Message) -> str:
    return asked.text.split("send ")[1][:4]


# ---- honest mails that must get through -------------------------------------------------------------


def test_an_agent_who_logged_in_answers(case: Case) -> None:
    assert answer(case, "It is on its way.").startswith("filed: token and AUTH")
    (told,) = case.told
    assert "It is on its way." in told.text


def test_an_agent_whose_domain_signs_answers(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "It is on its way.")
    became = case.world.send(case.world.agents.sign(raw), ANNA, case.reply_to("anna"))
    assert became == "filed: token and DKIM of agents.example"
    assert len(case.told) == 1


def test_an_agent_whose_own_server_vouches_for_the_signature_answers(case: Case) -> None:
    results = "Authentication-Results: mx.example.com; dkim=pass header.d=agents.example\r\n"
    relay = "Received: from agents.example by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It is on its way."))
    became = case.world.send((results + relay).encode() + signed, ANNA, case.reply_to("anna"), TRUSTED)
    assert became == "filed: token and DKIM of agents.example"


def test_upper_cased_token(case: Case) -> None:
    local, _, domain = case.reply_to("anna").partition("@")
    to = f"{local.upper()}@{domain}"
    assert answer(case, "It is on its way.", to=to).startswith("filed: token and AUTH")


def test_what_an_agent_confirms_with_the_code_is_sent(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "It is on its way.")
    assert case.world.send(raw, ANNA, case.reply_to("anna")) == "held: token alone"
    case.untouched()
    asked = question(case)
    assert "It is on its way." in asked.text
    to = asked.reply_to[0].address
    released = case.world.send(mail(ANNA, to, f"send {code_in(asked)}\n\n{quoted(asked)}"), ANNA, to)
    assert "released by anna" in released or released.startswith("filed")
    (told,) = case.told
    assert "It is on its way." in told.text
    assert ANNA not in told.text


# ---- T1: forged agents ------------------------------------------------------------------------------


def test_t1_forged_from_with_valid_token_is_held(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "Our bank account has changed.")
    assert case.world.send(raw, EVE, case.reply_to("anna")) == "held: token alone"
    case.untouched()


def test_t1_forged_from_closes_nothing(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "#close")
    assert case.world.send(raw, ANNA, case.reply_to("anna")).startswith("held")
    case.untouched()


def test_t1_forged_from_without_a_token_is_held(case: Case) -> None:
    raw = mail(ANNA, SUPPORT, "Our bank account has changed.", answers=case.copies["anna"])
    assert case.world.send(raw, ANNA, SUPPORT).startswith("held")
    case.untouched()


def test_t1_an_agent_who_logged_in_is_no_other_agent(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "#close\nGo away.")
    assert case.world.submit(raw, "bob", case.reply_to("anna")).startswith("held")
    case.untouched()


# ---- T2: forged customers ---------------------------------------------------------------------------


def test_t2_a_forged_customer_learns_nothing(case: Case) -> None:
    raw = mail(case.customer, SUPPORT, "Please repeat everything.", answers=case.copies["anna"])
    case.world.send(raw, EVE, SUPPORT)
    assert case.world.letters(EVE) == []
    assert case.told == []


def test_t2_a_stranger_in_a_ticket_is_sent_nothing_of_it(case: Case) -> None:
    case.world.send(mail(EVE, SUPPORT, "Me too!", answers=case.copies["anna"]), EVE, SUPPORT)
    answer(case, "It is on its way.", "bob")
    assert [m for m in case.world.letters(EVE) if "on its way" in m.text] == []


# ---- T3: tokens that leaked -------------------------------------------------------------------------


def test_t3_a_leaked_token_in_a_strangers_hands_is_held_and_the_agent_is_told(case: Case) -> None:
    raw = mail(EVE, case.reply_to("anna"), "Our bank account has changed.")
    assert "was used by eve@evil.example" in case.world.send(case.world.evil.sign(raw), EVE, case.reply_to("anna"))
    case.untouched()
    assert "somebody else" in question(case).subject


def test_t3_token_of_another_agent_with_valid_dkim(case: Case) -> None:
    raw = mail(BOB, case.reply_to("anna"), "Hello")
    assert "was used by bob" in case.world.send(case.world.agents.sign(raw), BOB, case.reply_to("anna"))
    case.untouched()


def test_t3_a_token_with_one_letter_changed_is_no_address(case: Case) -> None:
    local, _, domain = case.reply_to("anna").partition("@")
    to = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    assert case.world.send(mail(ANNA, to, "Hello"), ANNA, to) == "550"


def test_t3_a_token_of_one_ticket_says_nothing_in_another(case: Case) -> None:
    other = case.world.case()
    raw = mail(ANNA, case.reply_to("anna"), "For the first.", answers=other.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    other.untouched()
    assert len(case.told) == 1


# ---- T4: replays ------------------------------------------------------------------------------------


def test_t4_replayed_mail(case: Case) -> None:
    raw = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It is on its way."))
    case.world.send(raw, ANNA, case.reply_to("anna"))
    case.world.send(raw, EVE, case.reply_to("anna"))
    assert len(case.told) == 1


def test_t4_replayed_commands(case: Case) -> None:
    raw = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "#close"))
    case.world.send(raw, ANNA, case.reply_to("anna"))
    assert case.ticket()[0] == "closed"
    answer(case, "#open", "bob")
    case.world.send(raw, EVE, case.reply_to("anna"))
    assert case.ticket()[0] == "open"


def test_t4_an_old_signed_mail_to_somebody_else(case: Case) -> None:
    raw = case.world.agents.sign(mail(ANNA, "friend@shop.example", "See you at eight."))
    assert case.world.send(raw, EVE, case.reply_to("anna")) == "held: token alone"
    case.untouched()


def test_t4_a_signed_mail_to_an_address_of_his_own_that_looks_like_the_agents(case: Case) -> None:
    """He had it in his Reply-To when he wrote to the agent, who answered him; to us he brings that answer himself."""
    local = case.reply_to("anna").partition("@")[0]
    signed = case.world.agents.sign(mail(ANNA, f"{local}@evil.example", "Mr Eve, here is what you asked for."))
    assert case.world.send(signed, EVE, case.reply_to("anna")).startswith("held")
    case.untouched()


def test_t4_a_signed_mail_of_last_month(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "Hello")
    date = next(line for line in raw.split(b"\r\n") if line.startswith(b"Date:"))
    old = case.world.agents.sign(raw.replace(date, b"Date: Thu, 01 Oct 2026 10:00:00 +0000"))
    assert case.world.send(old, EVE, case.reply_to("anna")) == "held: token alone"
    case.untouched()


def test_t4_what_an_agent_passed_on_long_ago_is_not_passed_on_again(world: World) -> None:
    """To a friend, who brings it to us now: nobody else is taken for its writer, and no command in it is obeyed."""
    head = "---------- Forwarded message ---------\nFrom: Otto <otto@shop.example>\nSubject: Chair"
    text = f"#priority urgent\n\n{head}\n\nHi!"
    for days, fate in ((60, "held: refused"), (0, "filed: no key")):
        raw = mail(ANNA, SUPPORT, text, subject="Fwd: Chair")
        date = next(line for line in raw.split(b"\r\n") if line.startswith(b"Date:"))
        then = format_datetime(datetime.now(UTC) - timedelta(days=days)).encode()
        signed = world.agents.sign(raw.replace(date, b"Date: " + then))
        assert world.send(signed, EVE, SUPPORT).startswith(fate)
    passed_on = world.rows("select priority from ticket where requester_address = 'otto@shop.example'")
    assert passed_on == [("urgent",)]


def test_t4_a_code_counts_once(case: Case) -> None:
    case.world.send(mail(ANNA, case.reply_to("anna"), "Once."), ANNA, case.reply_to("anna"))
    asked = question(case)
    to = asked.reply_to[0].address
    for _ in range(2):
        case.world.send(mail(ANNA, to, f"send {code_in(asked)}"), ANNA, to)
    assert len(case.told) == 1


# ---- T5: commands that somebody else wrote ----------------------------------------------------------


def test_t5_close_in_customer_text_quoted_outlook_style(case: Case) -> None:
    copy = case.copies["anna"]
    below = f"\n\nFrom: Customer <{case.customer}>\nSent: Monday\nTo: Support\nSubject: Lamp\n\n#close\n#spam\n"
    raw = mail(ANNA, case.reply_to("anna"), "We look at it." + below, answers=copy)
    case.world.submit(raw, "anna", case.reply_to("anna"))
    assert case.ticket()[0] not in ("closed", "solved")


def test_t5_a_customers_commands_are_words(case: Case) -> None:
    acknowledged = case.mails_to(case.customer)[0]
    to = acknowledged.reply_to[0].address
    case.world.send(mail(case.customer, to, "#close\n#assign bob", answers=acknowledged), case.customer, to)
    assert case.ticket()[0] in ("new", "open")
    assert case.ticket()[1] == ""


# ---- T6: machines in an agent's name ----------------------------------------------------------------


def test_t6_agent_out_of_office(case: Case) -> None:
    raw = mail(ANNA, case.reply_to("anna"), "I am away.", "Auto-Submitted: auto-replied\r\n")
    case.world.submit(raw, "anna", case.reply_to("anna"))
    case.untouched()


def test_t6_agents_bounce(case: Case) -> None:
    raw = mail(
        "MAILER-DAEMON@agents.example", case.reply_to("anna"), "User unknown", "Auto-Submitted: auto-replied\r\n"
    )
    case.world.send(raw, "", case.reply_to("anna"))
    assert case.told == []


def test_t6_out_of_office_to_a_confirm_address_does_not_release(case: Case) -> None:
    case.world.send(mail(ANNA, case.reply_to("anna"), "Forged."), EVE, case.reply_to("anna"))
    asked = question(case)
    to = asked.reply_to[0].address
    away = mail(ANNA, to, f"I am away. send {code_in(asked)}", "Auto-Submitted: auto-replied\r\n", answers=asked)
    case.world.submit(away, "anna", to)
    plain = mail(ANNA, to, f"I am away until Monday.\n\n{quoted(asked)}", answers=asked)
    case.world.send(plain, ANNA, to)
    case.untouched()


def test_t6_a_wrong_code_does_not_release(case: Case) -> None:
    case.world.send(mail(ANNA, case.reply_to("anna"), "Forged."), EVE, case.reply_to("anna"))
    asked = question(case)
    to = asked.reply_to[0].address
    wrong = f"{(int(code_in(asked)) + 1) % 10000:04}"
    case.world.send(mail(ANNA, to, f"send {wrong}"), ANNA, to)
    case.world.send(mail(EVE, to, f"send {code_in(asked)}"), EVE, to)
    case.untouched()


# ---- T7: what is inside -----------------------------------------------------------------------------


def noted(case: Case, text: str) -> Message:
    """Write a note as bob; return the mail about it that anna got."""
    answer(case, f"#note\n{text}", "bob")
    return next(m for m in reversed(case.world.letters(ANNA)) if text in m.text)


def test_t7_note_text_quoted_under_a_reply(case: Case) -> None:
    secret = "The customer pays late and is difficult to please."
    noted(case, secret)
    raw = mail(ANNA, case.reply_to("anna"), f"As you know: {secret}", answers=case.copies["anna"])
    assert "a line of a note" in case.world.submit(raw, "anna", case.reply_to("anna"))
    assert case.told == []
    assert f">>>As you know: {secret}<<<" in question(case).text


def test_t7_what_a_field_keeps_under_a_reply(case: Case) -> None:
    answer(case, "#field about pays late and is difficult to please", "bob")
    raw = mail(ANNA, case.reply_to("anna"), "He pays late and is difficult to please.", answers=case.copies["anna"])
    assert "a line of a note or of a field" in case.world.submit(raw, "anna", case.reply_to("anna"))
    assert case.told == []


def test_t7_what_the_customer_wrote_himself_is_no_secret(case: Case) -> None:
    number = case.customer.partition("@")[0].removeprefix("customer")
    answer(case, f"#field what my lamp {number} is  broken", "bob")
    raw = mail(ANNA, case.reply_to("anna"), f"My lamp {number} is broken:\nwe read it.", answers=case.copies["anna"])
    assert case.world.submit(raw, "anna", case.reply_to("anna")).startswith("filed")
    assert len(case.told) == 1


def test_t7_a_reply_to_a_note_stays_a_note(case: Case) -> None:
    note = noted(case, "What do we tell him about the guarantee?")
    to = note.reply_to[0].address
    assert to != case.reply_to("anna")
    case.world.submit(mail(ANNA, to, "Tell him nothing.", answers=note), "anna", to)
    assert case.told == []


def test_t7_what_we_wrote_to_the_agent_does_not_go_on_to_the_customer(case: Case) -> None:
    copy = case.copies["anna"]
    raw = mail(ANNA, case.reply_to("anna"), f"See below\n{copy.text}\nand answer", subject="Fwd: Lamp", answers=copy)
    case.world.submit(raw, "anna", case.reply_to("anna"))
    assert all("##-" not in told.text and "whoever answers first" not in told.text for told in case.told)


def test_t7_a_note_line_among_quotes_of_an_older_mail_is_cut_or_held(case: Case) -> None:
    secret = "The customer pays late and is difficult to please."
    note = noted(case, secret)
    raw = mail(ANNA, case.reply_to("anna"), f"It is on its way.\n{secret}\n{quoted(note)}", answers=case.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    assert all("pays late" not in told.text for told in case.told)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Pay with 4111 1111 1111 1111 please.", "a card number"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc", "a secret key"),
        ("This is like [#EX-99999], which we solved.", "the number of another ticket"),
        ("Write to bob@agents.example about it.", "an agent's address"),
        ("It is on its way.\n#note he never pays in time", "a command below the first lines"),
    ],
)
def test_t7_what_is_a_secret_is_held(case: Case, text: str, why: str) -> None:
    assert why in answer(case, text)
    assert case.told == []
    asked = question(case)
    send = next(word for word in asked.text.split() if word.startswith("support+"))
    case.world.submit(mail(ANNA, send, ""), "anna", send)
    assert len(case.told) == 1


@pytest.mark.parametrize("begins", [True, False])
def test_t7_what_begins_a_conversation_is_guarded_too(case: Case, begins: bool) -> None:
    """Whether it is written to the queue or in answer to a mail of a ticket."""
    to = "support@example.com" if begins else case.reply_to("anna")
    raw = mail(ANNA, to, "#to eve@elsewhere.example\n\nPay with 4111 1111 1111 1111 please.")
    case.world.submit(raw, "anna", to)
    assert "a card number" in question(case).text
    assert case.world.letters("eve@elsewhere.example") == []


def test_t7_the_name_of_a_file_is_guarded_too(case: Case) -> None:
    named = "Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename="
    raw = mail(ANNA, case.reply_to("anna"), "", f'{named}"as in [#EX-99999].txt"\r\n', answers=case.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    assert "the number of another ticket" in question(case).text
    assert case.told == []


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("message/rfc822\n\nFrom: {BOB}\nTo: {ANNA}\nSubject: he is a pain\n\nSay nothing.", "an agent's address"),
        ("message/rfc822\n\nReply-To: {token}\nSubject: Lamp\n\nas we sent it", "a signed reply address"),
        (
            "text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nORGANIZER:mailto:{ANNA}\nEND:VCALENDAR",
            "an agent's address",
        ),
        ("text/calendar\n\nBEGIN:VCALENDAR\nORGANIZER;CN=Anna:mailto:{FOLDED}\nEND:VCALENDAR", "an agent's address"),
        ("message/rfc822\n\nSubject: x\n\nask {SOFT} about it", "an agent's address"),
        ("application/octet-stream; name=Fwd.EML\n\nFrom: {BOB}\nSubject: he is a pain\n\nNo.", "an agent's address"),
        ("text/x-vcard; name=bob.vcf\n\nBEGIN:VCARD\nEMAIL:{BOB}\nEND:VCARD", "an agent's address"),
        (
            "text/vcard; name=us.vcf\n\nBEGIN:VCARD\nEMAIL:{ANNA}\nEND:VCARD\nBEGIN:VCARD\nEMAIL:x@y.example",
            "an agent's address",
        ),
    ],
    ids=[
        "a mail among agents",
        "our own mail",
        "an invitation",
        "folded",
        "quoted-printable",
        "a mail as a file",
        "a card",
        "two cards",
    ],
)
def test_t8_what_an_attached_mail_invitation_or_card_gives_away_is_held(case: Case, part: str, why: str) -> None:
    to = case.reply_to("anna")
    folded, soft = f"{ANNA[:-4]}\n {ANNA[-4:]}", f"{ANNA[:-4]}=\n{ANNA[-4:]}"
    part = part.format(ANNA=ANNA, BOB=BOB, token=to, FOLDED=folded, SOFT=soft).replace("\n", "\r\n")
    mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    head, _, text = mail(ANNA, to, "See there.", answers=case.copies["anna"]).partition(b"Content-Type: ")
    raw = head + f"{mixed}\r\n--b\r\nContent-Type: {text.decode()}--b\r\nContent-Type: {part}\r\n--b--\r\n".encode()
    case.world.submit(raw, "anna", to)
    assert why in question(case).text
    assert case.told == []


def test_t8_an_agents_own_card_is_left_out_and_the_answer_leaves(case: Case) -> None:
    """His program adds it to each mail: to hold them all would teach him to send whatever is held."""
    to, card = case.reply_to("anna"), f"text/vcard; name=anna.vcf\r\n\r\nBEGIN:VCARD\r\nEMAIL:{ANNA}\r\nEND:VCARD\r\n"
    mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    head, _, text = mail(ANNA, to, "It is on its way.", answers=case.copies["anna"]).partition(b"Content-Type: ")
    raw = head + f"{mixed}\r\n--b\r\nContent-Type: {text.decode()}--b\r\nContent-Type: {card}\r\n--b--\r\n".encode()
    case.world.submit(raw, "anna", to)
    (told,) = case.told
    assert "It is on its way." in told.text
    assert told.attachments == ()
    assert "anna.vcf was left out" in question(case).text


def test_t7_a_signed_address_in_the_text_is_held(case: Case) -> None:
    assert "a signed reply address" in answer(case, f"Write to {case.reply_to('bob')}")
    assert case.told == []


def test_t7_images_of_quotes_and_signatures_stay_behind(case: Case) -> None:
    page = (
        '<p>Like this: <img src="cid:new@x"></p><div class="gmail_signature"><img src="cid:logo@x"></div>'
        '<div class="gmail_quote"><blockquote><img src="cid:old@x"></blockquote></div>'
    )
    images = "".join(
        f"--b\r\nContent-Type: image/png; name={name}.png\r\nContent-ID: <{name}@x>\r\n\r\n{name}\r\n"
        for name in ("new", "logo", "old")
    )
    raw = mail(ANNA, case.reply_to("anna"), "MARK", answers=case.copies["anna"]).replace(
        b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/related; boundary=b"
    )
    whole = f"--b\r\nContent-Type: text/html\r\n\r\n{page}\r\n{images}--b--"
    case.world.submit(raw.replace(b"MARK", whole.encode()), "anna", case.reply_to("anna"))
    (told,) = case.told
    assert [one.filename for one in told.attachments] == ["new.png"]
    assert told.attachments[0].content_id == "", "mail programs write the writer's own domain there"


# ---- T8: the agent's own traces ---------------------------------------------------------------------


def test_t8_nothing_of_the_agent_leaves(case: Case) -> None:
    more = "X-Originating-IP: 192.0.2.7\r\nX-Mailer: AnnaMail 7\r\nUser-Agent: AnnaMail\r\n"
    text = f"It is on its way, write to {ANNA}.\n\n-- \nAnna Ozola, +371 20000000"
    raw = mail(f"Anna <{ANNA}>", case.reply_to("anna"), text, more, answers=case.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    (told,) = case.told
    whole = told.text + str(told.headers)
    for trace in (ANNA, "20000000", "192.0.2.7", "AnnaMail", "127.0.0.1"):
        assert trace not in whole


def test_t8_letters_that_grow_when_they_are_made_small_hide_no_address(case: Case) -> None:
    """In small letters "İ" is two characters: whoever counts them there cuts elsewhere."""
    text = f"{'İ' * 40} write to {ANNA.upper()} or {ANNA}, please."
    raw = mail(f"Anna <{ANNA}>", case.reply_to("anna"), text, answers=case.copies["anna"])
    case.world.submit(raw, "anna", case.reply_to("anna"))
    (told,) = case.told
    assert f"{'İ' * 40} write to support@example.com or support@example.com, please." in told.text


# ---- T10, T11: guesses ------------------------------------------------------------------------------


def test_t10_a_forged_sender_gets_nothing_of_his_words_back(world: World) -> None:
    victim = "victim@elsewhere.example"
    world.send(mail(victim, SUPPORT, "Buy at http://evil.example", subject="Buy at evil.example"), EVE, SUPPORT)
    assert all("evil.example" not in one.text + one.subject for one in world.letters(victim))


def test_t10_a_mailbox_is_not_filled_with_acknowledgements_under_many_names(world: World) -> None:
    victims = [f"many+{n}@elsewhere.example" for n in range(6)]
    for victim in victims:
        world.send(mail(victim, SUPPORT, "Hello"), EVE, SUPPORT)
    assert sum(len(world.letters(victim)) for victim in victims) == 3


def test_t11_subject_tag_guess_by_a_stranger(case: Case) -> None:
    case.world.send(mail(EVE, SUPPORT, "And?", subject=f"Re: [#EX-{case.number}] Lamp"), EVE, SUPPORT)
    (count,) = case.world.rows("select count(*) from message where ticket = ?", case.number)[0]
    assert count == 1
    case.untouched()


# ---- T12, T13: names and parts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    [
        f'"{ANNA}" <{EVE}>',
        f"Anna Ozola <{EVE}>",
        f'"{ANNA}"@evil.example <{EVE}>',
        f"<=?utf-8?q?anna?=@agents.example>, <{EVE}>",
        "<=?utf-8?q?anna?=@agents.example>",
        f"<{ANNA}>, <{EVE}>",
        '"anna@agents.example"@evil.example <"anna@agents.example"@evil.example>',
    ],
)
def test_t12_from_fields_that_look_like_an_agents(case: Case, sender: str) -> None:
    raw = mail(sender, case.reply_to("anna"), "Our bank account has changed.")
    assert not case.world.send(case.world.evil.sign(raw), EVE, case.reply_to("anna")).startswith("filed: token")
    case.untouched()


@pytest.mark.parametrize(
    ("begins", "why"), [("", "its HTML says something else"), ("<p>Thank you.</p>", "its HTML says more")]
)
def test_t13_html_that_says_something_else(case: Case, begins: str, why: str) -> None:
    html = f"{begins}<p>" + "The account number has changed, pay to the new one at once please. " * 12 + "</p>"
    raw = mail(ANNA, case.reply_to("anna"), "BODY", "MIME-Version: 1.0\r\n", answers=case.copies["anna"])
    head, _, _ = raw.partition(b"\r\n\r\n")
    head = head.replace(b"text/plain; charset=utf-8", b'multipart/alternative; boundary="b"')
    parts = f"Content-Type: text/plain\r\n\r\nThank you.\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}"
    raw = head + f"\r\n\r\n--b\r\n{parts}\r\n--b--\r\n".encode()
    assert why in case.world.submit(raw, "anna", case.reply_to("anna"))
    case.untouched()


# ---- T14: a stolen mailbox --------------------------------------------------------------------------


def test_t14_revoked_addresses_and_passwords_are_dead(world: World) -> None:
    case = world.case()
    to = case.reply_to("bob")
    maild("agent", "revoke", "bob", "--site", str(world.site))
    world.hang_up("bob")
    wait_for(lambda: world.send(mail(BOB, to, "Hello"), BOB, to) == "550", "the revocation")
    with world.connected() as client, pytest.raises(Exception, match="535"):
        client.login("bob", PASSWORD)
    case.untouched()
    maild("agent", "password", "bob", "--stdin", "--site", str(world.site), stdin=f"{PASSWORD}\n".encode())


# ---- T15: evidence that the attacker wrote ----------------------------------------------------------

RESULTS = (
    "Authentication-Results: mx.example.com; dkim=pass header.d=agents.example; "
    "dmarc=pass header.from=agents.example\r\n"
)


def forged(case: Case, raw: bytes, source: str = "127.0.0.1") -> None:
    assert case.world.send(raw, EVE, case.reply_to("anna"), source).startswith("held")
    case.untouched()


def test_t15_authentication_results_injected_by_the_sender(case: Case) -> None:
    forged(case, mail(ANNA, case.reply_to("anna"), "Hello", RESULTS))


def test_t15_authentication_results_below_the_trusted_received(case: Case) -> None:
    relay = "Received: from evil.example by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    forged(case, mail(ANNA, case.reply_to("anna"), "Hello", relay + RESULTS), TRUSTED)


def test_t15_authentication_results_of_a_log_in_injected_by_the_sender(case: Case) -> None:
    told = "Authentication-Results: mx.example.com; auth=pass smtp.auth=anna\r\n"
    forged(case, mail(ANNA, case.reply_to("anna"), "Hello", told))


def test_t15_second_from_header(case: Case) -> None:
    signed = case.world.evil.sign(mail(EVE, case.reply_to("anna"), "Hello"))
    forged(case, f"From: <{ANNA}>\r\n".encode() + signed)
    own = case.world.agents.sign(mail(ANNA, "x@shop.example", "Hello"))
    forged(case, f"From: <{ANNA}>\r\n".encode() + own)


def test_t15_l_append(case: Case) -> None:
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "Hello"), length=True)
    forged(case, signed + b"and our bank account has changed\r\n")


def test_t15_to_not_covered(case: Case) -> None:
    covered = (b"from", b"subject", b"date", b"message-id")
    forged(case, case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "Hello"), covered))


def test_t15_second_to_on_top_of_the_signed_one(case: Case) -> None:
    signed = case.world.agents.sign(mail(ANNA, "friend@shop.example", "Hello"))
    forged(case, f"To: <{case.reply_to('anna')}>\r\n".encode() + signed)


def test_t15_signature_of_another_domain(case: Case) -> None:
    forged(case, case.world.evil.sign(mail(ANNA, case.reply_to("anna"), "Hello")))


def test_t15_changed_after_it_was_signed(case: Case) -> None:
    signed = case.world.agents.sign(mail(ANNA, case.reply_to("anna"), "It costs 10 euros."))
    forged(case, signed.replace(b"10 euros", b"99 euros"))


# ---- passwords --------------------------------------------------------------------------------------


def test_a_password_in_clear_text_is_not_taken(world: World) -> None:
    with smtplib.SMTP("127.0.0.1", world.submission, timeout=20) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGFubmEAcHc=")[0] == 538
        assert client.mail("anna@agents.example")[0] == 530


def test_a_log_in_relays_nothing_outwards(world: World) -> None:
    with world.connected() as client:
        client.login("anna", PASSWORD)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(ANNA, ["friend@elsewhere.example"], b"Subject: x\r\n\r\nx\r\n")


# ---- collision --------------------------------------------------------------------------------------


def test_an_answer_to_an_old_copy_is_held_with_the_newer_text(case: Case) -> None:
    acknowledged = case.mails_to(case.customer)[0]
    to = acknowledged.reply_to[0].address
    for text in ("It works again, thank you!", "No, it does not."):
        case.world.send(mail(case.customer, to, text, answers=acknowledged), case.customer, to)
    assert "somebody wrote after" in answer(case, "Please send it back.")
    assert case.told == []
    asked = question(case)
    assert 0 < asked.text.index("It works again") < asked.text.index("No, it does not"), "as they were written"
    send, drop = (word for word in asked.text.split() if word.startswith("support+"))
    case.world.submit(mail(ANNA, drop, ""), "anna", drop)
    case.world.submit(mail(ANNA, send, ""), "anna", send)
    assert case.told == [], "what was dropped is not sent any more"


def test_an_answer_after_a_colleagues_is_held_and_sent_anyway_if_he_says_so(case: Case) -> None:
    answer(case, "It is on its way.", "bob")
    assert "somebody wrote after" in answer(case, "I send another one.")
    assert len(case.told) == 1
    send = next(word for word in question(case).text.split() if word.startswith("support+"))
    case.world.submit(mail(ANNA, send, ""), "anna", send)
    assert ["on its way" in case.told[0].text, "another one" in case.told[1].text] == [True, True]


# ---- the operator -----------------------------------------------------------------------------------


def test_held_mails_are_listed_released_and_dropped_at_the_terminal(case: Case) -> None:
    on_site = partial(maild, "held")
    site = ("--site", str(case.world.site))
    for text in ("First.", "Second."):
        case.world.send(mail(ANNA, case.reply_to("anna"), text), ANNA, case.reply_to("anna"))
    listed = [line.split()[0] for line in on_site("list", *site).stdout.decode().splitlines()[:2]]
    second, first = listed
    assert "First." in on_site("show", first, *site).stdout.decode()
    on_site("drop", second, *site)
    on_site("release", first, *site)
    wait_for(lambda: len(case.told) == 1, "the answer")
    assert "First." in case.told[0].text
    assert on_site("release", first, *site, check=False).returncode == 1
