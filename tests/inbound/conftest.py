from pathlib import Path

import pytest

from tests.inbound import certificate


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate.write(tmp_path_factory.mktemp("tls"))
