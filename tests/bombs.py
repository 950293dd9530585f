"""Mails made to hurt whoever reads them, each as large as its maker says; for the tests and for the benchmark."""

import base64
from collections.abc import Callable, Mapping

HEAD = (
    b"From: Mallory <mallory@flood.example>\r\nTo: support@example.com\r\nSubject: bomb\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
)
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
LINE = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\r\n"


def parts(count: int) -> bytes:
    one = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + one * count + b"--b--\r\n"


def files(count: int) -> bytes:
    """Attachments of the same name."""
    one = b'--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment\r\n\r\nx\r\n'
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + one * count + b"--b--\r\n"


def nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + opened + b"\r\nHello\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(depth)))


def forwarded(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"\r\nHello\r\n"


def alike_boundaries(count: int) -> bytes:
    """Lines that begin like the delimiter and are none."""
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\r\n" * count + b"--b--\r\n"


def sections(count: int) -> bytes:
    """RFC 2231: a file name in very many pieces, the last one first."""
    named = b"".join(b";\r\n name*%d*=%%41" % n for n in reversed(range(count)))
    return HEAD + b"Content-Type: application/pdf" + named + b"\r\nContent-Disposition: attachment\r\n\r\nx\r\n"


def huge_section() -> bytes:
    """RFC 2231: pieces 0 and 999999999, for who makes a list of all in between."""
    return HEAD + b"Content-Type: application/pdf; name*0=a; name*999999999=b\r\n\r\nx\r\n"


def words(count: int) -> bytes:
    """RFC 2047: a subject of encoded words that must be joined."""
    return HEAD.replace(b"bomb", b"\r\n ".join([b"=?utf-8?q?=41?="] * count)) + PLAIN + b"\r\nHello\r\n"


def open_words(count: int) -> bytes:
    """Encoded words that begin and never end, for who looks for the end of each."""
    return HEAD.replace(b"bomb", b"=?utf-8?q?a" * count) + PLAIN + b"\r\nHello\r\n"


def base64_growth(size: int) -> bytes:
    """A text of base64 within base64: it shrinks when it is read, whatever it claims."""
    inner = base64.b64encode(b"A" * size)
    return (
        HEAD + PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(inner).replace(b"\n", b"\r\n")
    )


def charsets(count: int) -> bytes:
    """Each part in another charset that nobody knows."""
    one = b"--b\r\nContent-Type: text/plain; charset=x-no-such-%d\r\n\r\n\xe4\xf6\r\n"
    made = b"".join(one % number for number in range(count))
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + made + b"--b--\r\n"


def utf7(size: int) -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+AEE-" * (size // 5) + b"\r\n"


def headers(count: int) -> bytes:
    return HEAD + b"".join(b"X-Flood-%d: y\r\n" % n for n in range(count)) + PLAIN + b"\r\nHello\r\n"


def one_header(size: int) -> bytes:
    return HEAD + b"X-Flood: " + b"y" * size + b"\r\n" + PLAIN + b"\r\nHello\r\n"


def folded_header(size: int) -> bytes:
    return HEAD + b"References: " + b"<a@b.example>\r\n " * (size // 16) + b"\r\n" + PLAIN + b"\r\nHello\r\n"


def addresses(count: int) -> bytes:
    """Very many recipients, and a From of groups and comments."""
    to = b",\r\n ".join(b"a%d@flood.example" % n for n in range(count))
    return b"Cc: " + to + b"\r\n" + HEAD.replace(b"Mallory ", b"(" * 5000) + PLAIN + b"\r\nHello\r\n"


def one_line(size: int) -> bytes:
    return HEAD + PLAIN + b"\r\n" + b"x" * size + b"\r\n"


def quotes(levels: int) -> bytes:
    """A line quoted so many times over."""
    return HEAD + PLAIN + b"\r\nHello\r\n\r\n" + b"> " * levels + b"old\r\n"


def quote_marks(size: int) -> bytes:
    return HEAD + PLAIN + b"\r\nHello\r\n\r\n" + b">" * size + b"\r\n"


def quote_stairs(levels: int) -> bytes:
    """Each line quoted once more than the one above."""
    return HEAD + PLAIN + b"\r\n" + b"".join(b">" * n + b" x\r\n" for n in range(levels))


def attributions(count: int) -> bytes:
    return (
        HEAD + PLAIN + b"\r\nHello\r\n" + b"On Mon, 23 Nov 2026 at 10:00, Anna <a@b.example> wrote:\r\n> x\r\n" * count
    )


def blank_lines(count: int) -> bytes:
    return HEAD + PLAIN + b"\r\nHello" + b"\r\n" * count + b"end\r\n"


def blanks(size: int) -> bytes:
    return HEAD + PLAIN + b"\r\nHello" + b" " * size + b"x\r\n" + b"\t" * size + b"\r\n"


def deep_html(depth: int) -> bytes:
    return HEAD + HTML + b"\r\n" + b"<div>" * depth + b"Hello" + b"</div>" * depth + b"\r\n"


def deep_quotes(depth: int) -> bytes:
    return HEAD + HTML + b"\r\n<p>Hello</p>" + b"<blockquote>" * depth + b"old\r\n"


def deep_tables(depth: int) -> bytes:
    return HEAD + HTML + b"\r\n" + b"<table><tr><td>" * depth + b"Hello\r\n"


def tags(count: int) -> bytes:
    return HEAD + HTML + b"\r\n" + b"<p><b>x</b><a href='https://x.example/'>y</a></p>\r\n" * count


def open_tags(count: int) -> bytes:
    return HEAD + HTML + b"\r\n" + b"<a href=" * count + b"\r\n"


def formatting(count: int) -> bytes:
    """Formatting that is never closed, which HTML opens again in every paragraph."""
    return HEAD + HTML + b"\r\n" + b"<b><i><u><font>" * count + b"<p>x" * count + b"\r\n"


def attributes(count: int) -> bytes:
    return HEAD + HTML + b"\r\n<p " + b" ".join(b"a%d=1" % n for n in range(count)) + b">Hello</p>\r\n"


def styles(count: int) -> bytes:
    rules = b"".join(b".c%d{color:red;background:url(x)}" % n for n in range(count))
    inline = b"<p style='" + b"color:red;" * count + b"'>Hello</p>"
    return HEAD + HTML + b"\r\n<style>" + rules + b"</style>" + inline + b"\r\n"


def options(count: int) -> bytes:
    """A menu, of whose entries each is compared with all before it."""
    return HEAD + HTML + b"\r\n<select>" + b"<option>x" * count + b"</select>\r\n"


def entities(count: int) -> bytes:
    return HEAD + HTML + b"\r\n<p>" + b"&CounterClockwiseContourIntegral;" * count + b"</p>\r\n"


def commands(count: int) -> bytes:
    return HEAD + PLAIN + b"\r\n" + b"#tag flood\r\n" * count


def uuencoded(count: int) -> bytes:
    return HEAD + PLAIN + b"\r\n" + b"begin 644 x\r\n#86)C\r\n`\r\nend\r\n" * count


def blank_style(size: int) -> bytes:
    """A style that says hardly anything, for who tries each blank as the end of it."""
    return HEAD + HTML + b'\r\n<p style="font-size:0' + b" " * size + b'x">Hello</p>\r\n'


def labels(count: int) -> bytes:
    """Heads of quoted mails that begin and have no value, for who looks below each for the rest."""
    return HEAD + PLAIN + b"\r\n" + b"To:\r\nSubject:\r\nDate:\r\nFrom:\r\n" * count


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "10,000 parts": lambda: parts(10_000),
    "a style of a megabyte of blanks": lambda: blank_style(1_000_000),
    "5,000 parts": lambda: parts(4_999),
    "5,000 files of one name": lambda: files(4_990),
    "nested 1,000 deep": lambda: nested(1_000),
    "forwarded 1,000 times": lambda: forwarded(1_000),
    "200,000 lines like a boundary": lambda: alike_boundaries(200_000),
    "10,000 pieces of a file name": lambda: sections(10_000),
    "piece 999,999,999 of a file name": huge_section,
    "10,000 encoded words": lambda: words(10_000),
    "50,000 open encoded words": lambda: open_words(50_000),
    "20 MB of base64 in base64": lambda: base64_growth(10_000_000),
    "5,000 unknown charsets": lambda: charsets(4_990),
    "20 MB of UTF-7": lambda: utf7(20_000_000),
    "100,000 headers": lambda: headers(100_000),
    "a header of 10 MB": lambda: one_header(10_000_000),
    "a folded header of 10 MB": lambda: folded_header(10_000_000),
    "20,000 recipients": lambda: addresses(20_000),
    "a line of 30 MB": lambda: one_line(30_000_000),
    "200,000 levels of quotes": lambda: quotes(200_000),
    "1 MB of >": lambda: quote_marks(1_000_000),
    "a stair of 3,000 quotes": lambda: quote_stairs(3_000),
    "50,000 attributions": lambda: attributions(50_000),
    "700,000 labels": lambda: labels(175_000),
    "1,000,000 empty lines": lambda: blank_lines(1_000_000),
    "2 MB of blanks": lambda: blanks(1_000_000),
    "HTML 100,000 deep": lambda: deep_html(100_000),
    "100,000 blockquotes": lambda: deep_quotes(100_000),
    "20,000 tables in tables": lambda: deep_tables(20_000),
    "100,000 tags": lambda: tags(33_000),
    "100,000 open tags": lambda: open_tags(100_000),
    "formatting opened 5,000 times": lambda: formatting(5_000),
    "100,000 attributes": lambda: attributes(100_000),
    "100,000 styles": lambda: styles(100_000),
    "100,000 options": lambda: options(100_000),
    "100,000 entities": lambda: entities(100_000),
    "10,000 commands": lambda: commands(10_000),
    "10,000 uuencoded files": lambda: uuencoded(10_000),
}
