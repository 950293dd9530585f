"""docs/mailboxes.md: what it tells to write into maild.toml is taken as it stands there."""

import re
from pathlib import Path

import pytest

from maild.site import settings

PAGE = Path(__file__).parents[2] / "docs" / "mailboxes.md"
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_mailbox_is_fetched_and_sent_through_with_what_the_manual_shows(tmp_path: Path, block: str) -> None:
    (tmp_path / "maild.toml").write_text(
        f'[site]\nname = "Support"\ndomain = "example.com"\n\n{block}', encoding="utf-8"
    )
    found = settings.load(tmp_path)
    (mailbox,) = found.imap
    assert mailbox.user == "support@example.com"
    assert found.outgoing.url.startswith("smtp+starttls://support@example.com@")
    assert (mailbox.oauth is None) == (found.outgoing.oauth is None) == bool(mailbox.password_file)
