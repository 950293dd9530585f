"""What was read of the rule files so far: each section's entries with their places, and what is wrong."""

from dataclasses import dataclass, field
from typing import Any

from maild.hours.holidays import RuleDays
from maild.hours.special import SpecialHours
from maild.rules.mistakes import Path
from maild.site.errors import Problem
from maild.site.rulemodels import SECTIONS
from maild.site.ruleyaml import place


@dataclass
class Read:
    """Entries by section and name; places leads from (section, name) to the file and its tree."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    entries: dict[str, dict[str, Any]] = field(default_factory=lambda: {section: {} for section in SECTIONS})
    places: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)
    rules: list[tuple[str, Any, Any]] = field(default_factory=list)  # file, tree of the rule, model
    failed: set[tuple[Any, ...]] = field(default_factory=set)  # (section, name) of entries that are wrong
    special_hours: tuple[SpecialHours, ...] = ()
    kept_days: dict[str, RuleDays] = field(default_factory=dict)  # of countries, when the rules were accepted
    broken: bool = False  # a file could not be read: names may be missing that are there

    def names(self, section: str) -> list[str]:
        """Return the names that a section gives, those of wrong entries too."""
        wrong = [str(one[1]) for one in self.failed if len(one) > 1 and one[0] == section]
        return [*self.entries.get(section, ()), *wrong]

    def wrong(self, file: str, node: Any, path: Path, what: str) -> None:
        self.problems.append(Problem(file, *place(node, path), what))

    def wrong_at(self, section: str, key: str, path: Path, what: str) -> None:
        self.problems.append(self.at(section, key, path, what))

    def at(self, section: str, key: str, path: Path, what: str) -> Problem:
        """Return a problem of an entry, at the deepest part of the path that the file has."""
        file, node = self.places[section, key]
        where = ".".join(map(str, (section, key, *path)))
        return Problem(file, *place(node, (section, key, *path)), f"{where}: {what}")
