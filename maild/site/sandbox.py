"""The sandbox of templates: plain values, no code, an end in time and a cap on what is made.

A template that loops, calls itself or multiplies texts is stopped; the daemon goes on.
"""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, BytecodeCache, StrictUndefined, TemplateError, nodes, select_autoescape
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

SECONDS = 2.0
LARGEST_CHARACTERS = 2_000_000
LARGEST_NUMBER = 100_000  # as an argument, a factor or a width
_WIDTH = re.compile(r"\d{4,}")


class TooMuch(TemplateError):
    """A template made more than a mail should hold, or worked longer than a mail may take."""


class _Deadline(threading.local):
    at = float("inf")

    def check(self) -> None:
        if time.monotonic() > self.at:
            raise TooMuch(f"works longer than {SECONDS:g} seconds")


_deadline = _Deadline()


class _Compiled(BytecodeCache):
    """What templates became in this process: all are read anew at a reload, and few of them are others by then."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}  # of each file only as it was last

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key] = (bucket.checksum, bucket.code)


_compiled = _Compiled()


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's own sandbox, with limits of time and size."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html", "html.j2"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_compiled,
        )
        for name in ("format", "center", "indent", "random", "pprint"):
            del self.filters[name]
        self.filters["watched"] = _watched

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Let every loop look at the clock."""
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "watched", [], [], None, None, lineno=loop.lineno)
        return tree

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        _deadline.check()
        for value in (*args, *kwargs.values()):
            _small(value)
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str) and _WIDTH.search(left):
            raise TooMuch("asks for a text of a width that no mail has")
        if operator != "%":
            for value in (left, right):
                _small(value)
        return super().call_binop(context, operator, left, right)


def _small(value: object) -> None:
    if isinstance(value, int | float) and abs(value) > LARGEST_NUMBER:
        raise TooMuch(f"counts beyond {LARGEST_NUMBER}")
    if isinstance(value, str | Sequence) and len(value) > LARGEST_CHARACTERS:
        raise TooMuch(f"makes more than {LARGEST_CHARACTERS} characters")


def _watched(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        _deadline.check()
        yield item


def made(pieces: Iterator[str]) -> str:
    """Join what a template makes.

    Raises:
        TooMuch: it is too much, or takes too long.
    """
    parts: list[str] = []
    size = 0
    _deadline.at = time.monotonic() + SECONDS
    try:
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size > LARGEST_CHARACTERS:
                raise TooMuch(f"makes more than {LARGEST_CHARACTERS} characters")
    except (RecursionError, MemoryError) as error:
        raise TooMuch(f"never ends: {type(error).__name__}") from None
    finally:
        _deadline.at = float("inf")
    return "".join(parts)
