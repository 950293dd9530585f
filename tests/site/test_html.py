"""The HTML that is sent: what mail clients of thirty years show, in light and in dark, with nothing from elsewhere."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest

from maild.site.samples import samples
from maild.site.templates import Rendered, Templates, shipped_names

LARGEST_BYTES = 100_000  # Gmail cuts at 102 KB
ALLOWED = {
    *("html", "head", "meta", "body", "table", "tr", "td", "p", "br", "hr", "strong", "blockquote", "a"),
    *("ul", "li"),
}
STYLES = {
    *("margin", "padding", "padding-left", "font-family", "font-size", "line-height", "max-width", "color"),
    *("overflow-wrap", "word-break", "border", "border-top", "border-left", "border-collapse", "width"),
}
ON_WHITE, ON_DARK = "#ffffff", "#1e1e1e"  # what clients put behind a mail that names no background
TEMPLATES = Templates(None)
CASES = [(name, language) for name in sorted(shipped_names()) for language in ("en", "lv")]
HOSTILE = '<script>alert(1)</script> & "quotes" <img src=x onerror=y>'


def rendered(name: str, language: str) -> Iterator[Rendered]:
    for values in samples(name):
        yield TEMPLATES.render(name, language, values)


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._text = ""
        self.feed(text)

    @property
    def words(self) -> list[str]:
        return words(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._text += "" if tag in ("strong", "a") else "\n"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._text += data

    def styles(self) -> Iterator[tuple[str, str]]:
        for _, attributes in self.elements:
            for rule in filter(None, attributes.get("style", "").split(";")):
                name, _, value = rule.partition(":")
                yield name.strip(), value.strip()


def words(text: str) -> list[str]:
    """Return a text's words, without what plain text sets before quotes, items and signatures, and behind links."""
    plain = re.sub(r"^(> ?|-- |[*-] )|: mailto:\S+$", "", unescape(text), flags=re.MULTILINE)
    return [word for word in re.split(r"[\s<>]+", plain) if word]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_only_plain_elements_and_inline_styles(name: str, language: str) -> None:
    for one in rendered(name, language):
        page = Page(one.html)
        assert {tag for tag, _ in page.elements} <= ALLOWED
        assert {style for style, _ in page.styles()} <= STYLES
        assert ("table", "presentation") in {(tag, attributes.get("role")) for tag, attributes in page.elements}


@pytest.mark.parametrize(("name", "language"), CASES)
def test_nothing_is_fetched_and_nothing_is_run(name: str, language: str) -> None:
    for one in rendered(name, language):
        for tag, attributes in Page(one.html).elements:
            names = set(attributes)
            assert attributes.get("href", "mailto:").startswith("mailto:"), "no page that nobody wrote of"
            assert names <= {
                "href",
                "lang",
                "style",
                "role",
                "width",
                "cellpadding",
                "cellspacing",
                "charset",
                "name",
                "content",
                "type",
            }
            assert "url(" not in attributes.get("style", ""), tag


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("see https://shop.example/a?b=1&c=<2>.", ["https://shop.example/a?b=1&c="]),
        (
            "(see http://shop.example/x_(y), or HTTPS://SHOP.EXAMPLE)",
            ["http://shop.example/x_(y)", "HTTPS://SHOP.EXAMPLE"],
        ),
        ("two:\nhttps://a.example/,\nhttps://b.example/ä!", ["https://a.example/", "https://b.example/ä"]),
        ('"https://a.example/"onclick="x()"', ["https://a.example/"]),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ("javascript:alert(1) ftp://a.example data:text/html,x https:// http://.", []),
        ("https://" + "(" * 50_000 + "." * 50_000, []),
    ],
)
def test_a_web_address_that_was_typed_can_be_clicked(typed: str, links: list[str]) -> None:
    alone = {"text": typed, "signature": "", "quoted_text": "", "ask_rating": False}
    for values in samples("answer"):
        made = TEMPLATES.render("answer", "en", {**values, **alone}).html
        assert [attributes["href"] for tag, attributes in Page(made).elements if tag == "a"] == links
        assert Page(made).words == words(typed)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_it_says_in_which_language_it_is_written(name: str, language: str) -> None:
    """Who cannot see has it read aloud in that language, and nobody is offered a translation."""
    for one in rendered(name, language):
        assert [given["lang"] for tag, given in Page(one.html).elements if tag == "html"] == [language]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_it_is_small_and_tells_its_charset(name: str, language: str) -> None:
    for one in rendered(name, language):
        assert len(one.html.encode()) < LARGEST_BYTES
        assert '<meta charset="utf-8">' in one.html


@pytest.mark.parametrize(("name", "language"), CASES)
def test_its_colours_can_be_read_on_white_and_on_dark(name: str, language: str) -> None:
    """No background is set, so that a client may turn it dark; WCAG 2 wants 4.5 for text, 3 for lines."""
    for one in rendered(name, language):
        assert '<meta name="color-scheme" content="light dark">' in one.html
        for style, value in Page(one.html).styles():
            for colour in re.findall(r"#[0-9a-fA-F]{3,8}", value):
                wanted = 4.5 if style == "color" else 2.5
                assert contrast(colour, ON_WHITE) >= wanted
                assert contrast(colour, ON_DARK) >= min(wanted, 3.5)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 counts it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_the_text_part_says_the_same(name: str, language: str) -> None:
    for one in rendered(name, language):
        assert Page(one.html).words == words(one.text)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_what_a_customer_wrote_is_never_html(name: str, language: str) -> None:
    for values in samples(name):
        hostile = {
            key: HOSTILE if key in ("text", "sender_name", "requester_name") else value for key, value in values.items()
        }
        made = TEMPLATES.render(name, language, hostile)
        assert {tag for tag, _ in Page(made.html).elements} <= ALLOWED


@pytest.mark.parametrize(("name", "language"), CASES)
def test_each_is_written_in_its_own_language(name: str, language: str) -> None:
    assert language in TEMPLATES.languages_of(name)
    subjects = {one.subject for one in rendered(name, language)}
    assert all(subjects)
    assert all(len(subject) <= 78 for subject in subjects)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_long_word_breaks_where_a_telephone_ends(name: str, language: str) -> None:
    for one in rendered(name, language):
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in one.html
        assert ("overflow-wrap", "anywhere") in Page(one.html).styles()


@pytest.mark.parametrize(("name", "language"), CASES)
def test_what_is_a_list_is_one_for_who_has_it_read_aloud(name: str, language: str) -> None:
    """An asterisk would be read out as one, and nobody would hear how many items follow."""
    for one in rendered(name, language):
        items = re.findall(r"^[*-] ", one.text, re.MULTILINE)
        assert len(items) == sum(tag == "li" for tag, _ in Page(one.html).elements)


def test_an_address_of_hundreds_of_characters_stands_behind_a_word() -> None:
    for one in (*rendered("digest", "en"), *rendered("stages", "en")):
        assert "mailto:" not in "".join(Page(one.html).words)


def test_a_table_that_was_typed_keeps_its_columns() -> None:
    typed = "  Lamp    2\n\tBulb  10\n last"
    (made,) = [TEMPLATES.render("note", "en", {**values, "text": typed}).html for values in samples("note")][:1]
    assert "&nbsp; Lamp&nbsp;&nbsp;&nbsp; 2<br>" in made
    assert "&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; Bulb&nbsp; 10<br>" in made
    assert "<br>\n&nbsp;last" in made
