"""What a domain publishes of who may send in its name."""

import pytest

from maild.identity import policy
from maild.identity.policy import Policy


@pytest.mark.parametrize(
    ("records", "wrong"),
    [
        (["v=spf1 mx -all"], ""),
        (["google-site-verification=x", "V=SPF1 include:spf.provider.example ~all"], ""),
        (["v=spf1"], ""),
        (["v=spf10 mx -all"], ""),
        ([], ""),
        (["v=spf1 mx -all", "v=spf1 a -all"], "the DNS has 2 SPF records"),
        (["v=spf1 +all"], "it lets everybody send"),
        (["v=spf1 mx all"], "it lets everybody send"),
    ],
)
def test_spf(records: list[str], wrong: str) -> None:
    assert policy.spf(records)[1].startswith(wrong)
    assert bool(policy.spf(records)[1]) == bool(wrong)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        (["v=DMARC1; p=reject; adkim=s; aspf=r"], Policy("reject", strict_dkim=True)),
        (["v = DMARC1 ;p = none"], Policy("none")),
        (["v=DMARC1;p=quarantine;aspf=S"], Policy("quarantine", strict_spf=True)),
        (["v=spf1 -all"], None),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], None),
        ([], None),
    ],
)
def test_dmarc(records: list[str], found: Policy | None) -> None:
    assert policy.dmarc(records) == found


@pytest.mark.parametrize(
    ("domain", "other", "strict", "same"),
    [
        ("example.com", "Example.COM", True, True),
        ("support.example.com", "example.com", False, True),
        ("example.com", "mail.example.com", False, True),
        ("example.com", "mail.example.com", True, False),
        ("example.com", "badexample.com", False, False),
    ],
)
def test_domains_of_one_sender(domain: str, other: str, strict: bool, same: bool) -> None:
    assert policy.aligned(domain, other, strict) is same


def test_a_policy_may_stand_above() -> None:
    assert policy.above("a.support.example.com") == ("a.support.example.com", "support.example.com", "example.com")
    assert policy.above("localhost") == ("localhost",)
