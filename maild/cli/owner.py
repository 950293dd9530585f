"""Whose command this is: a site's state belongs to one user; what root wrote there would lock the daemon out."""

import contextlib
import os
import pwd
import shlex
import sys
import tomllib
from pathlib import Path

import click

from maild.site.settings import FILE


def act_as_owner(_context: click.Context, _option: click.Parameter, folder: Path) -> Path:
    """Become the owner of a site's state if we are root, or tell who we should be; return the folder."""
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):  # what is wrong there, the verb says
        var = folder / tomllib.loads((folder / FILE).read_text(encoding="utf-8-sig")).get("site", {}).get("var", "var")
        found = var.stat()
        if os.geteuid() == 0 and found.st_uid != 0:
            _become(found.st_uid, found.st_gid)
        elif os.geteuid() not in (0, found.st_uid) and not os.access(var, os.R_OK | os.W_OK | os.X_OK):
            raise click.ClickException(f"{var} belongs to {_name(found.st_uid)}; run  {_command_as(found.st_uid)}")
    return folder


def _become(uid: int, gid: int) -> None:
    """Become another user, with that user's groups and home, and never root again."""
    try:
        user = pwd.getpwuid(uid)
    except KeyError:  # of a container, say
        os.setgroups([])
        os.setresgid(gid, gid, gid)
    else:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    os.setresuid(uid, uid, uid)
    for needed in (os.__file__, __file__):
        if not os.access(needed, os.R_OK):
            raise click.ClickException(
                f"the site's state belongs to {_name(uid)}, who may not read {needed}; "
                "install maild where everybody may read it, such as /opt/maild"
            )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _command_as(uid: int) -> str:
    """Return this very command, as another user would run it."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "maild" else f"{sys.executable} -m maild"
    site = ["--site", str(Path(os.environ["MAILD_SITE"]).resolve())] if _site_is_elsewhere() else []
    return f"sudo -u {shlex.quote(_name(uid))} {program} {shlex.join([*sys.argv[1:], *site])}"


def _site_is_elsewhere() -> bool:
    """sudo passes no MAILD_SITE on."""
    return "MAILD_SITE" in os.environ and not any(one.startswith("--site") for one in sys.argv)
