"""What a condition captured, put into a text: `{1}` or `{name}`."""

import re

from maild.rules.case import Case, Values, one_line

CAPTURE = re.compile(r"\{(\d{1,2}|[A-Za-z_]\w{0,31})\}")


def fill(text: str, case: Case) -> str:
    """Put what was captured into a text; a customer's words are cut and made one line."""

    def one(found: re.Match[str]) -> str:
        name = found[1]
        if name.isdecimal():
            value = case.captures[int(name) - 1] if 0 < int(name) <= len(case.captures) else ""
        else:
            value = case.named.get(name, "")
        return one_line(value)

    return CAPTURE.sub(one, text).strip()


def filled(tags: Values, case: Case) -> Values:
    """Return tags with what was captured in them; one of which nothing is left is left out."""
    return tuple(filter(None, (_as_tag(fill(one, case)) for one in tags)))


def _as_tag(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text.lower()).strip("-._")[:40]
