"""A Decision while the rules make it: the first word on each matter stands, tags and notes add up."""

from dataclasses import dataclass, field
from typing import Any

from maild.rules import people
from maild.rules.case import Case
from maild.ticket.facts import Decision, Wanted
from maild.ticket.model import NEEDED


@dataclass
class Draft:
    """What was decided so far; ended says that no further rule is asked."""

    once: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    tell: list[str] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    ended: bool = False

    def set(self, name: str, value: Any) -> str:
        """Decide what can be decided once; return why not, or ""."""
        if name in self.once:
            return f"{self.once[name] or 'none'} was decided already"
        self.once[name] = value
        return ""

    def end(self, how: str, reason: str) -> str:
        """Decide that the mail is not dealt with: discarded or held, whichever was said first."""
        if "discard" in self.once or "hold" in self.once:
            return "the mail's end was decided already"
        self.ended = True
        return self.set(how, reason or "no reason was captured")

    def add(self, name: str, value: str) -> str:
        """Decide on one more value of several; return "", for nothing speaks against it."""
        kept = self.lists.setdefault(name, [])
        if value not in kept:
            kept.append(value)
        return ""

    def decision(self, case: Case) -> Decision:
        """Return all that was decided, with the people named by `tell`."""
        said: dict[str, Any] = {**self.once, **{name: tuple(values) for name, values in self.lists.items()}}
        told = tuple(dict.fromkeys(filter(None, people.told(self.tell, case))))
        return Decision(
            **said,
            tell=told,
            fields={**self.fields, **self._needed(case)},
            asks_for=tuple(one for one in self.wanted.values() if one.name in case.missing),
            because=tuple(dict.fromkeys(self.because)),
        )

    def _needed(self, case: Case) -> dict[str, str]:
        """Return the field that says which facts the ticket needs, where it needs more than before."""
        if not self.wanted:
            return {}
        before = case.ticket.needed if case.ticket else ()
        now = dict.fromkeys((*before, *self.wanted))
        return {NEEDED: " ".join(now)} if len(now) > len(before) else {}
