"""Where the files are that come with maild: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """Return the folder of shipped `rules`, `templates` or `systemd`.

    Raises:
        FileNotFoundError: this maild was installed without them.
    """
    for place in (_PACKAGE / "shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(2, "this maild was installed without its shipped files", str(_PACKAGE.parent / name))
