"""Who filled in a web form, in whatever layout and language."""

import time

import pytest

from maild.quoting import forms

ANNA = ("Anna Ozola", "anna@customer.example")


@pytest.mark.parametrize(
    "text",
    [
        "From: Anna Ozola <anna@customer.example>\nSubject: Lamp\n\nMessage Body:\nIt is broken.",
        "Name: Anna Ozola\nEmail: anna@customer.example\nMessage: It is broken.",
        "Your name (required): Anna Ozola\nYour email (required): anna@customer.example",
        "First name: Anna\nLast name: Ozola\nEmail Address: anna@customer.example",
        "Name\nAnna Ozola\n\nEmail\nanna@customer.example\n\nMessage\nIt is broken.",
        "*Name*\nAnna Ozola\n*Email*\nanna@customer.example <mailto:anna@customer.example>",
        "| Name | Anna Ozola |\n| E-mail | anna@customer.example |",
        "Name\tAnna Ozola\nE-mail\tanna@customer.example",
        "name = Anna Ozola\nemail = anna@customer.example",
        "email: [anna@customer.example](mailto:anna@customer.example)\nname: Anna Ozola",
        "Vārds, uzvārds: Anna Ozola\nE-pasta adrese: anna@customer.example",
        "Vārds: Anna\nUzvārds: Ozola\nJūsu e-pasts: anna@customer.example",
        "Vorname: Anna\nNachname: Ozola\nE-Mail-Adresse: anna@customer.example\nNachricht: kaputt",
        "Prénom : Anna\nNom : Ozola\nAdresse e-mail : anna@customer.example",
        "Nombre completo: Anna Ozola\nCorreo electrónico: anna@customer.example",
        "Nome e cognome: Anna Ozola\nIndirizzo email: anna@customer.example",
        "Naam: Anna Ozola\nE-mailadres: anna@customer.example",
        "Imię i nazwisko: Anna Ozola\nAdres e-mail: anna@customer.example",
        "Nimi: Anna Ozola\nSähköposti: anna@customer.example",
        "Vardas: Anna\nPavardė: Ozola\nEl. paštas: anna@customer.example",
        "ФИО: Anna Ozola\nЭлектронная почта: anna@customer.example",
        "お名前: Anna Ozola\nメールアドレス: anna@customer.example",
        "Klienta vārds, uzvārds: Anna Ozola\nE-pasts: anna@customer.example",
        "What's your name?\nAnna Ozola\nWhat's your email?\nanna@customer.example",
        "1. Name: Anna Ozola\n2. E-mail: anna@customer.example",
        "👤 Name: Anna Ozola\n📧 Email: anna@customer.example",
        "From: Anna Ozola anna@customer.example\nSubject: Lamp\n\nMessage Body:\nIt is broken.",
        "From: Anna Ozola (anna@customer.example)\nPhone\n67000000",
        "Sent to: office@x.example\nOur e-mail: help@x.example\nmy colleague's e-mail is: bob@x.example\n"
        "Name: Anna Ozola\nE-mail: anna@customer.example",
    ],
)
def test_visitor_is_found(text: str) -> None:
    assert forms.visitor(text) == ANNA


@pytest.mark.parametrize(
    "other",
    [
        "Message: Hello,\nI cannot send mail: bob@x.example",
        "Recipient's e-mail: bob@x.example",
        "Empfänger-E-Mail: bob@x.example",
        "Support-E-Mail: help@x.example",
        "Your friend's email: bob@x.example",
    ],
)
def test_address_of_another_above_his_is_not_the_visitors(other: str) -> None:
    assert forms.visitor(f"Name: Anna Ozola\n{other}\nE-mail: anna@customer.example") == ANNA


@pytest.mark.parametrize(
    "label",
    """E-pasts saziņai|Kontaktpersonas e-pasts|Iesniedzēja e-pasts|Elektroniskā pasta adrese|Elektroniskais pasts
    Kliento el. paštas|Elektronposti aadress|Saatja e-post|Электронный адрес|E-mail для связи|Електронна адреса
    Deine E-Mail-Adresse|E-Mail des Absenders|Adres poczty elektronicznej|Adresse électronique|Votre mail|Adresse mail
    Dirección electrónica|Posta elettronica|Indirizzo di posta elettronica|Correio eletrônico|E-mail do contato
    Váš e-mail|E-mail odesílatele|Az Ön e-mail címe|Adresă de e-mail|Електронна поща|Vaša e-pošta|E-poštni naslov
    Ηλεκτρονικό ταχυδρομείο|E-posta adresiniz|Jouw e-mail|Netfang|Correu electrònic|Địa chỉ email|Alamat e-mel
    메일 주소|电子信箱|דואר אלקטרוני|بريدك الإلكتروني|ที่อยู่อีเมล|Billing email|Sender's email|What is your email?
    """.replace("\n", "|").split("|")[:-1],
)
def test_visitor_is_found_whatever_his_address_is_called(label: str) -> None:
    told = f"Name: Anna Ozola\nOur e-mail: help@x.example\nMūsu e-pasts: help@x.example\n{label.strip()}"
    assert forms.visitor(f"{told}: anna@customer.example\nMessage: It is broken.") == ANNA
    assert forms.visitor(f"{told}\nanna@customer.example\n\nMy mail is: bob@x.example") == ANNA


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Recipient e-mail: bob@x.example",
        "Saņēmēja e-pasts: bob@x.example",
        "Name: Anna Ozola",
        "E-mail: none",
        "Please write to anna@customer.example",
        "E-mail:",
        "Email to\nbob@x.example",
    ],
)
def test_who_gives_no_address_is_nobody(text: str) -> None:
    assert forms.visitor(text) is None


@pytest.mark.parametrize(
    "line", [" " * 499, "a" + " " * 497 + "b", "email:" + "[" * 400, "email: " + "a@" * 240, "\t" * 499]
)
def test_hostile_form_costs_little(line: str) -> None:
    start = time.process_time()
    forms.visitor(f"x{line}\n" * 1000)
    assert time.process_time() - start < 2
