"""What a mail server puts above a mail from outside: no word of its writer's."""

import time

import pytest

from maild.message.model import Address, Message
from maild.quoting import banner, body

SAID = "Labdien! Lampa nedeg.\n\nAnna"


def cut(text: str) -> str:
    return body.cut(
        Message("<b1@customer.example>", Address("Anna", "anna@customer.example"), "Lampa", text, "")
    ).new_text


@pytest.mark.parametrize(
    "above",
    [
        "CAUTION: This email was sent from outside of Example Ltd. Do not click links or open attachments.\n\n",
        "CAUTION: This email was sent from outside of Example Ltd. Do not click links or\n"
        "open attachments unless you know who sent them and expect what they hold, and\ntell the help desk.\n\n",
        "EXTERNAL EMAIL: Be careful with links and attachments\n",
        "[EXTERNAL]\n",
        "*** External e-mail ***\n\n",
        "[EXTERNAL EMAIL]\nDo not click links unless you trust them.\n\n",
        "[You don't often get email from a@x.example. Learn why at https://aka.ms/LearnAboutSenderIdentification ]\n\n"
        "External email: use caution with links\n\n\n",
        "Sie erhalten selten Post von a@x.example. Warum?<https://aka.ms/LearnAboutSenderIdentification>\n\n",
        "!------------------|\n   This Message Is From an External Sender\n"
        "   This message came from outside your organization.\n|------------------!\n\n",
        f"{banner.START}\n\nThis Message Is From an Untrusted Sender\n\nReport it\n\n{banner.END}\n",
        f"Labdien! Lampa ne\u200adeg. Anna... {banner.START}\nFrom outside the Laboratory\n{banner.END}\n",
        "CAUTION: This email originated from outside of the organization.\n\n",
        "WARNUNG: Diese E-Mail stammt von einem externen Absender.\n\n",
        "Attention : ce message provient d'un expéditeur externe.\n\n",
        "UZMANĪBU! Šis e-pasts ir no ārēja sūtītāja.\n\n",
        "ВНИМАНИЕ! Письмо от внешнего отправителя.\n\n",
        "ACHTUNG: Diese E-Mail kommt von extern. Bitte klicken Sie nicht auf Links.\n\n",
        "ATTENTION : ce courriel vient de l'extérieur. Ne cliquez sur aucun lien.\n\n",
        "UZMANĪBU! Šī vēstule nākusi no ārpuses, no ārēja sūtītāja. Neatveriet pielikumus.\n\n",
        "Внимание! Письмо от внешнего отправителя. Не открывайте вложения.\n\n",
        "UWAGA: wiadomość spoza firmy. Nie klikaj w linki.\n\n",
        "Precaución: este correo viene de fuera de la empresa. No abra archivos adjuntos.\n\n",
        "LET OP: dit bericht komt van buiten onze organisatie. Klik niet op links.\n\n",
        "【社外メール】添付ファイルにご注意ください。\n\n",
        "注意：此邮件来自外部，请勿点击链接。\n\n",
    ],
)
def test_warning_of_a_server_is_no_word_of_the_writer(above: str) -> None:
    assert cut(above + SAID) == SAID
    assert banner.below(above + SAID).strip() == SAID
    assert cut(above) == above.strip(), "nothing is cut to empty"


@pytest.mark.parametrize(
    "words",
    [
        "This email from an external sender has an attachment that does not open.",
        "This message came from outside your company, should I be careful? Do not open it yet.",
        "Caution: this email originated from outside the organization and nobody answers.",
        "Question: this email originated from outside the organization.",
        "Warning: we get an external email every day, so be careful.",
        "Caution: the lamp outside gets hot. Do not open the box.",
        "External email does not arrive here. What can be done?",
        "Vorsicht, externe E-Mails kommen nicht an!",
        "External\nand internal doors do not close.",
        "Important: mail from me to external addresses bounces, and caution is in order.",
        "Uzmanību! Lifts ārpus ēkas nedarbojas, esiet uzmanīgi.",
        "Внимание: внешняя дверь открыта, будьте осторожны.",
        "Hinweis: Externe E-Mails kommen nicht an, wir bitten um Vorsicht.",
        "Labdien!\nCAUTION: This email was sent from outside of Example Ltd. Do not click links.\nKas tas ir?",
        f"Your mail begins so:\n\n{banner.START}\nThis Message Is From an External Sender\n{banner.END}\n\nWhy?",
    ],
)
def test_a_persons_own_warning_is_kept(words: str) -> None:
    assert cut(f"{words}\n\nAnna") == f"{words}\n\nAnna"


@pytest.mark.parametrize(
    "text",
    [
        "CAUTION external mail " * 50_000,
        "CAUTION: external mail\n" * 50_000,
        "*" * 1_000_000,
        "ZjQcmQRYFpfptBannerStart\n" * 50_000,
    ],
    ids=["one line", "banners", "stars", "marks"],
)
def test_hostile_banners_cost_little(text: str) -> None:
    lines = text.split("\n")
    before = time.perf_counter()
    banner.end(lines)
    assert time.perf_counter() - before < 0.1
