"""Secrets are files of the site, or what systemd hands over (`LoadCredential=`)."""

from datetime import date
from pathlib import Path

import pytest

from maild.site import keyfile, secret
from maild.site.errors import ConfigErrors
from maild.site.settings import load


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd handed over."""
    folder = tmp_path / "credentials"
    (folder / "sub").mkdir(parents=True)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_what_systemd_hands_over_goes_before_a_file_of_that_name(handed: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("of the file\n")
    assert secret.read("password", tmp_path) == "of the file"
    (handed / "password").write_text("of systemd\n")
    assert secret.read("password", tmp_path) == "of systemd"


def test_a_path_is_never_taken_for_a_credential(handed: Path, tmp_path: Path) -> None:
    (handed / "sub" / "password").write_text("of systemd")
    assert secret.path("sub/password", tmp_path) == tmp_path / "sub" / "password"


def test_a_command_reads_what_the_running_unit_was_handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`maild check --connect` could not log in anywhere; a file of the site's own is no credential of another's."""
    unit = tmp_path / "unit"
    unit.mkdir()
    (unit / "password").write_text("of systemd\n")
    monkeypatch.setattr(secret, "OF_THE_UNIT", unit)
    assert secret.read("password", tmp_path) == "of systemd"
    (tmp_path / "password").write_text("of the file\n")
    assert secret.read("password", tmp_path) == "of the file"


def test_keys_that_systemd_hands_over_are_read_and_left_alone(handed: Path, site: Path) -> None:
    found = load(site)
    own = keyfile.read(found)
    keyfile.create(handed / "site.key")
    assert keyfile.read(found) != own
    found.site.key_file.unlink()
    with pytest.raises(ConfigErrors, match="add the key where it keeps it"):
        keyfile.rotate(found, date(2026, 11, 23))


def test_as_many_keys_sign_as_addresses_can_tell_apart(site: Path) -> None:
    found = load(site)
    numbers = [keyfile.rotate(found, date(2026, 11, 23)) for _ in range(keyfile.MOST_KEYS - 1)]
    assert numbers == [*range(2, keyfile.MOST_KEYS + 1)]
    with pytest.raises(ConfigErrors, match="as many as reply addresses can tell apart"):
        keyfile.rotate(found, date(2026, 11, 23))
