"""Runs a program under the filter of system calls that our unit sets: `python -m tests.sandbox maild serve …`.

What a filter forbids fails with EPERM, on the day on which it is needed; a test that is run without one never sees it.
"""

import ctypes
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

UNIT = Path(__file__).parents[1] / "systemd" / "maild.service"
LIBRARY = "libseccomp.so.2"  # it comes with systemd
ALLOW, FORBID_WITH_EPERM = 0x7FFF0000, 0x00050001  # seccomp.h


def allowed() -> set[str]:
    """Return the system calls that the unit allows; of its lines, each adds or takes away (systemd.exec(5))."""
    names: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.MULTILINE):
        of_line = {name for word in line.removeprefix("~").split() for name in calls(word)}
        names = names - of_line if line.startswith("~") else names | of_line
    return names | set(calls("@default"))


@cache
def calls(word: str) -> tuple[str, ...]:
    """Return the system calls of a name, or of a set of them."""
    return tuple(_members(word)) if word.startswith("@") else (word,)


def _members(group: str) -> Iterator[str]:
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    for line in said.stdout.splitlines()[1:]:
        if not line.lstrip().startswith("#"):
            yield from calls(line.strip())


def lock_in(names: set[str]) -> None:
    """Allow this process, and those that it begins, these system calls and no others."""
    library = ctypes.CDLL(LIBRARY)
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(FORBID_WITH_EPERM)))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # else another architecture's
            assert library.seccomp_rule_add(rules, ctypes.c_uint32(ALLOW), number, 0) == 0, name
    assert library.seccomp_load(rules) == 0


if __name__ == "__main__":
    lock_in(allowed())
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
