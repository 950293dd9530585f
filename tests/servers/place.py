"""Where a test's servers stand, until it ends."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.conftest import missing
from tests.running import free_port
from tests.servers import dovecot, dovecot_conf
from tests.servers.company import Company, company
from tests.servers.dovecot import Dovecot
from tests.servers.milter import filtering
from tests.servers.postfix import Postfix


class Place:
    """Runs servers until the test ends, in folders that their users may enter: pytest's own are root's alone."""

    def __init__(self, folder: Path, tests: Path, stack: ExitStack) -> None:
        self.folder, self._tests, self._stack = folder, tests, stack

    def company(self, **how: object) -> Company:
        return self._stack.enter_context(company(self._new("company"), self._tests, **how))  # type: ignore[arg-type]

    def elsewhere(self, *mailboxes: str) -> Postfix:
        """Run the Postfix of somebody else, with some mailboxes."""
        return self._stack.enter_context(Postfix.started(self._new("elsewhere"), mailboxes=mailboxes))

    def log_ins(self, tokens: str = "") -> int:
        """Run a Dovecot that tells Postfix who may log in, and return its port.

        Args:
            tokens: the URL of the server that knows OAuth2 tokens, if users log in by them and not by password.
        """
        port, folder = free_port(), self._new("dovecot")
        more = dovecot_conf.auth_listener(port)
        if tokens:
            passdb = dovecot_conf.by_token(folder, tokens)
            self._dovecot(Dovecot.started(folder, passdb=passdb, mechanisms="xoauth2", more=more))
        else:
            self._dovecot(Dovecot.started(folder, more=more))
        return port

    def dovecot(self, mail: str, cert: Path, key: Path) -> Dovecot:
        """Run a Dovecot with TLS, whose users' mail is where another server delivers it."""
        return self._dovecot(Dovecot.started(self._new("mailboxes"), mail=mail, more=dovecot_conf.with_tls(cert, key)))

    def _dovecot(self, server: AbstractContextManager[Dovecot]) -> Dovecot:
        try:
            return self._stack.enter_context(server)
        except dovecot.Missing as why:
            missing(str(why))
            raise

    def filter(self, keys: dict[str, str]) -> int:
        return self._stack.enter_context(filtering(keys))

    def _new(self, name: str) -> Path:
        (self.folder / name).mkdir(mode=0o755)
        return self.folder / name
