"""Facts that a kind of inquiry needs (`ask_for`): what a mail says of them is kept, and what is missing is asked for.

The acknowledgement asks, and nothing else ever does.  Which facts a ticket needs is kept with it; how each is known
is in the rules that are in force, so that what a later mail of the customer's says is found, too.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from maild.message import subject
from maild.message.letters import composed
from maild.rules import conditions
from maild.rules.case import Case, one_line
from maild.rules.draft import Draft
from maild.rules.fields import FIELDS, NAME
from maild.rules.mistakes import is_list, shown
from maild.ticket.facts import Wanted

MATCHES = "matches"
EXAMPLE = "{order: {matches: '[A-Z]{2}[0-9]{6}', en: the order number}}"
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Need:
    """How a fact is known in a mail, and how a customer is asked for it; a test names it alone."""

    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    pattern: Any = field(default=None, compare=False)


def read(value: object) -> Mapping[str, Need]:
    """Return the facts that an action names, in a test by their names alone.

    Raises:
        ValueError: they cannot be meant.
    """
    if isinstance(value, str) or (is_list(value) and value):
        names = [value] if isinstance(value, str) else value
        return {_name(one): Need() for one in names}
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"write facts here, such as {EXAMPLE}; found {shown(value)}")
    return {_name(name): _need(str(name), one) for name, one in value.items()}


def _name(written: object) -> str:
    if not NAME.fullmatch(str(written)):
        raise ValueError(f"a fact's name has letters, digits, - and _ only; found {shown(written)}")
    return str(written)


def _need(name: str, said: object) -> Need:
    if not isinstance(said, Mapping) or MATCHES not in said:
        raise ValueError(f"{name}: say by which regular expression it is known, and how it is asked for: {EXAMPLE}")
    words = {str(key): one for key, one in said.items() if key != MATCHES}
    for language, text in words.items():
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(
                f"{name}: {language!r} is not a language; beside matches stand words, as in en: the order number"
            )
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name}: {language}: write text here; found {shown(text)}")
    if not words:
        raise ValueError(f"{name}: say how a customer is asked for it, in his language: en: the order number")
    pattern = conditions.pattern(said[MATCHES])
    if pattern.search(b"") is not None:
        raise ValueError(f"{name}: {shown(said[MATCHES])} finds something in every mail")
    return Need(words, pattern)


def unmeant(value: Mapping[str, Need]) -> str:
    """Return what a rule, which must say how a fact is known, says too little of; "" for nothing."""
    bare = [name for name, need in value.items() if need.pattern is None]
    return f"{bare[0]}: say how it is known and asked for: {EXAMPLE}" if bare else ""


def unsaid(value: Mapping[str, Need], languages: Collection[str]) -> Iterator[tuple[str, str]]:
    """Return for each fact the languages in which customers are written to and in which it has no words."""
    for name, need in value.items():
        lacking = ", ".join(one for one in languages if one not in need.words)
        if lacking:
            yield name, lacking


def keep(value: Mapping[str, Need], case: Case, draft: Draft) -> list[str]:
    """Keep what a mail says about facts that nobody has said yet, and return their names."""
    found = {name: _find(need, case) for name, need in value.items() if not case.fields.get(name)}
    said = {name: one for name, one in found.items() if one}
    draft.fields |= said
    case.keep(said)
    return list(said)


def want(value: Mapping[str, Need], case: Case, draft: Draft) -> None:
    """Let the ticket remember that it needs these facts; those that are missing are asked for."""
    draft.wanted |= {name: Wanted(name, need.words) for name, need in value.items() if name not in draft.wanted}
    case.miss(name for name in value if not case.fields.get(name))


def _find(need: Need, case: Case) -> str:
    """Return what a mail says about a fact, "" for nothing; an example of ours that is quoted back says nothing."""
    examples = {value for words in need.words.values() for value in _values(need, words)}
    said = (subject.untagged(case.facts.message.subject), *case.raw("text", FIELDS["text"].read))
    return next((value for text in said for value in _values(need, text) if value not in examples), "")


def _values(need: Need, text: str) -> Iterator[str]:
    """Return what an expression finds in a text: what its first parentheses hold that hold anything, or all of it."""
    for found in need.pattern.finditer(composed(text).encode("utf-8", "replace")):
        value: bytes = next((group for group in found.groups() if group), found.group())
        if one := one_line(value.decode("utf-8", "replace")):
            yield one
