"""What sections of settings are made of; addresses and languages are in the rule files, too."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError(f"{value!r} is not a mail address; write one such as postmaster@example.com")
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError(f"{value!r} is not a language; write its two letters, such as en or lv")
    return value


Address = Annotated[str, AfterValidator(_address)]
Language = Annotated[str, AfterValidator(_language)]


class Section(BaseModel):
    """A section of maild.toml: what is not said in it is no key."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, arbitrary_types_allowed=True)
