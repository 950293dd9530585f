"""HTML as people read it, as it may go out, and parted at the mark of the program that quoted."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>two</p>", "One\n\ntwo\n"),
        ("One<br>two<br><br>three", "One\ntwo\n\nthree\n"),
        ("<div>One</div><div><br></div><div>two</div>", "One\n\ntwo\n"),
        ("<p class=MsoNormal>One</p><p class=MsoNormal>two</p>", "One\ntwo\n"),
        ("  much \n <b> white</b>space ", "much whitespace\n"),
        ("a&nbsp;&lt;b&gt; &amp; c", "a <b> & c\n"),
        ("<ul><li>one<li>two<ol><li>deep</ol></ul>", "- one\n- two\n  1. deep\n"),
        (
            "<ol><li>one</ol>Yes.<ol start=2><li>two<li value=7>seven<li>eight</ol>",
            "1. one\n\nYes.\n\n2. two\n7. seven\n8. eight\n",
        ),
        ("<ol start=-1><li>one<li value=x>two</ol>", "1. one\n2. two\n"),
        (
            "<table><tr><td><p>a</p></td><td> <p>b</p> </td></tr><tr><td><p>c</p><td><div>d</div></table>",
            "a  b\nc  d\n",
        ),
        ("<table><tr><td>a<br></td><td>b<br> </td></tr><tr><td>c<br>e</td><td>d</td></tr></table>", "a  b\nc\ne  d\n"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\n\nb\n\nc\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a  b\nc  d\n"),
        ("<p>Hi</p><blockquote>old<blockquote>older</blockquote></blockquote>new", "Hi\n\n> old\n>> older\n\nnew\n"),
        ('<blockquote style="margin:0 0 0 40px;border:none">indented</blockquote>', "indented\n"),
        ("<pre>a\n  b\n</pre>", "a\n  b\n"),
        ('<a href="https://shop.example/x">the shop</a>', "the shop <https://shop.example/x>\n"),
        ('<a href="https://shop.example/">shop.example</a>', "shop.example\n"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example\n"),
        ('<a href="javascript:alert(1)">click</a>', "click\n"),
        ('<a href="https://t.example"><img src="x.gif"></a>', ""),
        ('<img alt="Logo" src="x.gif">', "[Logo]\n"),
        ("a<hr>b", f"a\n{'_' * 32}\nb\n"),
        ("<style>p{}</style><script>x</script><title>t</title>text", "text\n"),
        ('<div style="display:none">pre</div><span style="font-size:0px">header</span>text', "text\n"),
        ('<span style="font-size:0.9em">small</span>', "small\n"),
        ("<div hidden>x</div>text", "text\n"),
        ("<!-- comment -->text<![if !x]>", "text\n"),
        ("", ""),
        ('Thanks <img alt="😊" src="x"> <img alt="Logo" src="y">', "Thanks 😊 [Logo]\n"),
    ],
)
def test_html_reads_like_the_plain_part(source: str, text: str) -> None:
    assert html.to_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        '<img src="https://track.example/pixel.gif">',
        '<a href="javascript:alert(1)">x</a>',
        "<iframe src='data:text/html,x'></iframe>",
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<p onclick="x()" style="background:url(https://track.example)">x</p>',
        "<svg onload=alert(1)>",
    ],
)
def test_cleaned_html_does_nothing(source: str) -> None:
    """Nothing runs, and no image tells its sender that the mail was read."""
    cleaned = html.clean(source)
    assert not any(
        word in cleaned for word in ("script", "track.example", "evil.example", "onclick", "data:", "onload")
    )


def test_cleaned_html_keeps_its_own_images() -> None:
    assert 'src="cid:logo@x"' in html.clean('<img src="cid:logo@x">')


def test_content_ids_are_found() -> None:
    assert html.content_ids("<img src=\"cid:a@x\"><td background='CID:b%40x'>") == {"a@x", "b@x"}


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<!--", "<a ", "<", "<p>a", "<table><tr><td>", "<blockquote>", "&#"])
def test_hostile_html_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    source = piece * 15_000
    html.to_text(source)
    html.clean(source)
    assert time.process_time() - start < 3


@given(st.text(alphabet="<>/=\"' abdivpru\n&;!-", max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_html_has_a_text(source: str) -> None:
    html.to_text(source)


@pytest.mark.parametrize(
    ("opened", "line"), [("<ol><li>x", "<li>y"), ("<ul><li>x", "<li>y"), ("<blockquote>", "y<br>")]
)
def test_how_deep_lines_stand_does_not_make_of_each_a_long_one(opened: str, line: str) -> None:
    page = opened * 1_000 + line * 2_000
    assert len(html.to_text(page)) < 20 * len(page)
    assert html.to_text(page).count("y\n") == 2_000
