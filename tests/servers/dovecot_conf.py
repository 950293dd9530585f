"""How a Dovecot is told what it is to do: Debian 12 has 2.3, Debian 13 has 2.4, which says most in other words."""

import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "a-long-password"

COMMON = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
auth_mechanisms = {mechanisms}
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
mail_fsync = never
imap_capability = {capability}
{passdb}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
OLD = """
disable_plaintext_auth = no
mail_location = maildir:{mail}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
"""
NEW = """
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {mail}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/home
  }}
}}
"""
VERSIONS = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"  # must come first
ABILITIES = ("IMAP4rev1", "LITERAL+", "IDLE", "UIDPLUS", "MOVE", "NAMESPACE", "CHILDREN", "ENABLE")


@cache
def is_new() -> bool:
    """Tell whether the Dovecot of this machine is 2.4 or later."""
    said = subprocess.run([str(PROGRAM), "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split()[0].split(".")[:2])) >= (2, 4)


def text(without: Collection[str], **values: object) -> str:
    """Return a whole configuration.

    Args:
        without: what the server is to be unable to do, such as MOVE.
        values: what stands in the places of the texts above.
    """
    capability = " ".join(one for one in ABILITIES if one not in without)
    return (VERSIONS + COMMON + NEW if is_new() else COMMON + OLD).format(capability=capability, **values)


def user() -> str:
    """Return what stands for the user's name in a path."""
    return "%{user}" if is_new() else "%u"


def by_password() -> str:
    """Return lines by which everybody logs in with PASSWORD."""
    if is_new():
        return f"passdb static {{\n  password = {PASSWORD}\n}}"
    return f"passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}"


INTROSPECTION = """
introspection_mode = get
introspection_url = {url}/introspect?token=
username_attribute = username
active_attribute = active
active_value = true
"""


def by_token(folder: Path, url: str) -> str:
    """Return lines by which users log in with OAuth2 tokens, which a server at an URL knows; a file may be written."""
    asked = INTROSPECTION.format(url=url)
    if is_new():
        return f"oauth2 {{{asked}}}\npassdb oauth2 {{\n  mechanisms_filter = xoauth2\n}}"
    (folder / "oauth2.conf.ext").write_text(asked)
    return f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {folder}/oauth2.conf.ext\n}}"


def auth_listener(port: int) -> str:
    """Return lines by which Dovecot answers Postfix who may log in."""
    return f"service auth {{\n  inet_listener postfix {{\n    port = {port}\n  }}\n}}\n"


def with_tls(cert: Path, key: Path) -> str:
    """Return lines by which Dovecot offers TLS."""
    if is_new():
        return f"ssl = yes\nssl_server_cert_file = {cert}\nssl_server_key_file = {key}\n"
    return f"ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n"


def quota(mails: int) -> str:
    """Return lines that let no mailbox hold more mails."""
    if is_new():
        return f"mail_plugins = quota\nquota all {{\n  driver = maildir\n}}\nquota_message_count = {mails}\n"
    return f"mail_plugins = quota\nplugin {{\n  quota = maildir:all\n  quota_rule = *:messages={mails}\n}}\n"
