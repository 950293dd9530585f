"""What mail programs mark as quoted in their HTML."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import html, rendered
from maild.quoting import marked


@pytest.mark.parametrize(
    ("source", "new", "quoted", "marker"),
    [
        (
            '<div>New</div><div class="gmail_quote"><div class="gmail_attr">On Monday, A wrote:</div>'
            '<blockquote class="gmail_quote">old</blockquote></div>',
            "New\n",
            "On Monday, A wrote:\n> old\n",
            "gmail_quote",
        ),
        (
            '<div>New</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> A</div><div>old</div>',
            "New\n",
            f"{'_' * 32}\nFrom: A\nold\n",
            "appendonsend",
        ),
        (
            '<p>New</p><hr><div id="divRplyFwdMsg">From: A</div><div class="gmail_quote">older</div>',
            "New\n",
            f"{'_' * 32}\nFrom: A\nolder\n",
            "divRplyFwdMsg",
        ),
        (
            '<p>New</p><div class="moz-cite-prefix">On Monday, A wrote:</div><blockquote type="cite">old</blockquote>',
            "New\n",
            "On Monday, A wrote:\n> old\n",
            "moz-cite-prefix",
        ),
        (
            'New<br><blockquote type="cite"><div>On Monday, A wrote:</div>old</blockquote>',
            "New\n",
            "> On Monday, A wrote:\n> old\n",
            "blockquote cite",
        ),
        (
            'One<blockquote type="cite">a?</blockquote>yes<blockquote type="cite">b?</blockquote>no',
            "One\nyes\nno\n",
            "> a?\n\n> b?\n",
            "blockquote cite",
        ),
        (
            '<p>New</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>Da: a@x.it</p></div><p>old</p>',
            "New\n",
            "Da: a@x.it\n\nold\n",
            "outlook line",
        ),
        (
            '<p>New</p><div style="border-top:1px solid #c0c0c0">Room: 1</div>And more',
            "New\n\nRoom: 1\nAnd more\n",
            "",
            "",
        ),
        ('New<div class="yahoo_quoted">old</div>', "New\n", "old\n", "yahoo_quoted"),
        ('New<div id="ydp1yahoo_quoted_2" class="ydp1yahoo_quoted">old</div>', "New\n", "old\n", "yahoo_quoted"),
        ('New<div class="ms-outlook-mobile-reference-message">old</div>', "New\n", "old\n", "mail-editor-reference"),
        ('New<div class="missive_quote">old</div>', "New\n", "old\n", "missive"),
        ('New<blockquote id="isReplyContent">old</blockquote>', "New\n", "> old\n", "netease"),
        ('New<div class="J-reply ntes-mailmaster-quote">old</div>', "New\n", "old\n", "netease"),
        ('New<hr id="replySplit"><div>old</div>', "New\n", f"{rendered.RULE}\nold\n", "139.com"),
        ('New<blockquote class="iosymail">old</blockquote>', "New\n", "> old\n", "yahoo ios"),
        ('New<div class="ik_mail_quote answer">old</div>', "New\n", "old\n", "infomaniak"),
        ('New<div class="protonmail_quote">old</div>', "New\n", "old\n", "protonmail_quote"),
        ('New<div class="OutlookMessageHeader">From: A</div>old', "New\n", "From: A\nold\n", "OutlookMessageHeader"),
        ('New<hr id="zwchr"><div>old</div>', "New\n", f"{'_' * 32}\nold\n", "zimbra"),
        ("<p>Nothing <blockquote>quoted</blockquote></p>", "Nothing\n\n> quoted\n", "", ""),
    ],
)
def test_quote_begins_where_the_program_says(source: str, new: str, quoted: str, marker: str) -> None:
    assert marked.quoted(source) == (quoted, marker)
    document = html.document(source)
    assert document is not None
    marked.take_quote(document)
    assert rendered.render(document.root) == new


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<!--", "<a ", "<", "<p>a", "<table><tr><td>", "<blockquote>", "&#"])
def test_hostile_html_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    marked.quoted(piece * 15_000)
    assert time.process_time() - start < 3


@given(st.text(alphabet="<>/=\"' abdivpru\n&;!-", max_size=200))
@settings(max_examples=150, deadline=None)
def test_where_no_program_marked_anything_nothing_is_taken_out(source: str) -> None:
    document = html.document(source)
    assert document is not None
    taken, marker = marked.take_quote(document)
    assert (taken, marker) == ("", "") or all((taken, marker))
    assert marker or rendered.render(document.root) == html.to_text(source)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ('<p>So: <img src="cid:a@x"></p>', {"a@x"}),
        ('<p>So</p><div class="gmail_signature"><div><img src="cid:a@x"></div></div>', set()),
        (
            '<p><img src="cid:a@x"></p><div class="gmail_quote"><blockquote><img src="cid:b@x"></blockquote></div>',
            {"a@x"},
        ),
        (
            '<p><img src="cid:a@x"></p><div id="Signature"><img src="cid:b@x"></div>'
            '<hr><div id="divRplyFwdMsg">From: x</div><img src="cid:c@x">',
            {"a@x"},
        ),
    ],
)
def test_the_images_of_new_words_are_told_from_those_of_signatures_and_quotes(page: str, shown: set[str]) -> None:
    assert marked.own_content_ids(page) == shown
