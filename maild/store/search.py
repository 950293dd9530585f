"""Full-text search over what people wrote: FTS5 in SQLite, tsvector in PostgreSQL.

The database keeps the index itself, by triggers (migration 0002): whatever changes or removes a message changes or
removes its words.  Of each message what is new in it is found, who wrote it, and its ticket's subject, by whole words,
whatever their case and accents ("rēķins" is found by "rekins").

What a person types is taken apart here, so that no sign of his means anything to a database:
`lamp` a word, `lamp*` words that begin so, `"dark lamp"` words in a row, `-lamp` not this one.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Select, String, bindparam, column, func, literal_column, select, table

from maild.store.tables import MESSAGE

NEWEST = 5_000  # messages with the words that are looked at: "the" is in all of them
_TOKEN = re.compile(r"[^\W_]+")
_WORDS = re.compile(r'-?"[^"]*"\*?|\S+')
_INDEX = table("message_words", column("id"), column("rowid"), column("words"))


class Term(NamedTuple):
    """Words in a row, in lower case; begins: of the last one only the beginning is meant."""

    tokens: tuple[str, ...]
    begins: bool = False
    excluded: bool = False


def split(typed: str) -> tuple[str, ...]:
    """Take apart what was typed at blanks that are in no quotation marks."""
    return tuple(_WORDS.findall(typed))


def terms(words: Iterable[str]) -> tuple[Term, ...]:
    """Read words as `split` returns them; what has no letter and no digit says nothing and is left out."""
    found = []
    for word in words:
        excluded = len(word) > 1 and word.startswith("-")
        begins = word.rstrip('"').endswith("*")
        found.append(Term(tuple(_TOKEN.findall(word.lower())), begins, excluded))
    return tuple(one for one in found if one.tokens)


def tickets(connection: Connection, wanted: Iterable[Term]) -> Select[tuple[int]] | None:
    """Return the query for the tickets with a message that has all these words; None if there is no word to find."""
    sought = [one for one in wanted if not one.excluded]
    unwanted = [one for one in wanted if one.excluded]
    if not sought:
        return None
    if connection.dialect.name == "sqlite":
        expression = " AND ".join(map(_fts5, sought)) + "".join(f" NOT {_fts5(one)}" for one in unwanted)
        key = _INDEX.c.rowid
        matches = literal_column("message_words").op("match")(expression)
    else:
        expression = " & ".join([*map(_tsquery, sought), *(f"!{_tsquery(one)}" for one in unwanted)])
        key = _INDEX.c.id
        written_out = bindparam(None, expression, String, literal_execute=True)  # the plan depends on the words
        matches = _INDEX.c.words.op("@@")(func.to_tsquery(literal_column("'simple'"), written_out))
    newest = select(key).select_from(_INDEX).where(matches).order_by(key.desc()).limit(NEWEST)
    return select(MESSAGE.c.ticket).where(MESSAGE.c.id.in_(newest))


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.tokens)}"' + " *" * term.begins


def _tsquery(term: Term) -> str:
    tokens = [f"'{_folded(token)}'" for token in term.tokens]
    return "(" + " <-> ".join(tokens) + ":*" * term.begins + ")"


def _folded(token: str) -> str:
    """Return a word as PostgreSQL's function of migration 0002 knows it: FTS5's tokenizer folds by itself."""
    return "".join(one for one in unicodedata.normalize("NFD", token) if not "\u0300" <= one <= "\u036f")
