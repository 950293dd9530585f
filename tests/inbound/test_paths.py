import pytest

from maild.inbound import paths

GOOD = {
    "FROM:<>": "",
    "FROM:<anna@customer.example>": "anna@customer.example",
    "from: <Anna.B+x=y@Customer.Example> ": "Anna.B+x=y@Customer.Example",
    'FROM:<"a b\\"@"@customer.example>': '"a b\\"@"@customer.example',
    'FROM:<"support"@example.com>': "support@example.com",
    r'FROM:<"sup\port+x"@example.com>': "support+x@example.com",
    'FROM:<"a..b"@example.com>': '"a..b"@example.com',
    'FROM:<""@example.com>': '""@example.com',
    "FROM:<a@[192.0.2.1]>": "a@[192.0.2.1]",
    "FROM:<a@[IPv6:2001:db8::1]>": "a@[IPv6:2001:db8::1]",
    "FROM:<@relay.example:a@b.example>": "a@b.example",
    "FROM:<POSTMASTER>": "POSTMASTER",
    "FROM:<jānis@dōmēns.example>": "jānis@dōmēns.example",
    "FROM:<a@localhost>": "a@localhost",
}
BAD = (
    "FROM:",
    "FROM:a@b.example",
    "FROM:<a@b.example",
    "FROM:<<a@b.example>>",
    "FROM:<a@b@c.example>",
    "FROM:<a.@b.example>",
    "FROM:<.a@b.example>",
    "FROM:<a..b@c.example>",
    "FROM:<a b@c.example>",
    "FROM:<a@b_.example>",
    "FROM:<a@-b.example>",
    "FROM:<a@b.example.>",
    "FROM:<a\x00@b.example>",
    "FROM:<a\udcff@b.example>",
    "FROM:<(comment)a@b.example>",
    "FROM:<abuse>",
    'FROM:<"a"b@c.example>',
    f"FROM:<{'a' * 65}@b.example>",
    f"FROM:<a@{'b' * 253}>",
)


@pytest.mark.parametrize(("argument", "address"), GOOD.items())
def test_a_path_is_taken_as_it_is_written(argument: str, address: str) -> None:
    path = paths.parse(argument, "FROM:")
    assert path is not None
    assert path.address == address


@pytest.mark.parametrize("argument", BAD)
def test_a_malformed_path_is_no_path(argument: str) -> None:
    assert paths.parse(argument, "FROM:") is None


def test_parameters_have_upper_case_keys() -> None:
    path = paths.parse("TO:<a@b.example>  size=12 SMTPUTF8", "TO:")
    assert path is not None
    assert path.parameters == {"SIZE": "12", "SMTPUTF8": ""}


@pytest.mark.parametrize("argument", ["FROM:<a@b.example> =x", "FROM:<a@b.example> A=1 a=2", "<a@b.example>", ""])
def test_what_is_no_parameter_is_an_error(argument: str) -> None:
    with pytest.raises(ValueError, match="no "):
        paths.parse(argument, "FROM:")
