"""What text/enriched (RFC 1896) and its forerunner text/richtext (RFC 1341 section 7.1.3) say, as plain text.

Linear in the length of the text; what is no command of theirs stays as it is.
"""

import re

_TOKEN = re.compile(r"<<|<(/?)([A-Za-z0-9-]{1,60})>|\n+|[^<\n]+|<")
_BREAKS = {"nl": "\n", "np": "\n", "paragraph": "\n"}  # of text/richtext
_UNSAID = frozenset({"param", "comment"})
MOST_OPEN = 100  # quotes within quotes


def to_text(source: str, *, is_rich: bool) -> str:
    """Return the words, with ">" before what is quoted.

    Args:
        is_rich: it is text/richtext, where no line end is one, and "<lt>" stands for "<".
    """
    said: list[str] = []
    unsaid, quoted, verbatim = 0, 0, 0
    for token in _TOKEN.finditer(source):
        text, name = token[0], (token[2] or "").lower()
        step = -1 if token[1] else 1
        if name in _UNSAID:
            unsaid = max(unsaid + step, 0)
        elif name in ("excerpt", "nofill"):
            said.append("\n" if said and not said[-1].endswith("\n") else "")
            quoted = min(max(quoted + (step if name == "excerpt" else 0), 0), MOST_OPEN)
            verbatim = max(verbatim + (step if name == "nofill" else 0), 0)
        elif unsaid:
            continue
        elif name:
            text = {"lt": "<", **_BREAKS}.get(name, "") if is_rich and not token[1] else ""
            said.append(text)
        else:
            said.append(_words(text, is_rich=is_rich, verbatim=bool(verbatim)))
        if quoted and said and said[-1].endswith("\n"):
            said.append("> " * quoted)
    return "".join(said)


def _words(text: str, *, is_rich: bool, verbatim: bool) -> str:
    if text == "<<" and not is_rich:
        return "<"
    if text[0] != "\n" or verbatim:
        return text
    return " " if is_rich or len(text) == 1 else text[1:]
