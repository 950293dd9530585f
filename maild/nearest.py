"""What somebody may have meant who wrote a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: object, known: Iterable[str]) -> str:
    """Return the known word that is most like one, in whatever case; "" where none is."""
    by_lower = {one.lower(): one for one in known}
    return next((by_lower[one] for one in get_close_matches(str(word).lower(), by_lower, n=1)), "")


def did_you_mean(word: object, known: Iterable[str], otherwise: str = "") -> str:
    """Return the remedy for a word that is not known: the nearest, else `otherwise`, else all that there are."""
    known = tuple(known)
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else otherwise or f"allowed: {', '.join(known) or 'nothing'}"
