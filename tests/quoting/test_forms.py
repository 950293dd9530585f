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
        "Sent to: office@x.example\nOur e-mail: help@x.example\nmy colleague's e-mail is: bob@x.example\n"
        "Name: Anna Ozola\nE-mail: anna@customer.example",
    ],
)
def test_visitor_is_found(text: str) -> None:
    assert forms.visitor(text) == ANNA


@pytest.mark.parametrize(
    "text",
    [
        "",
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
