"""Run maild with short leases, so that a test need not wait for those of a daemon that died."""

from datetime import timedelta

import maild.daemon
import maild.delivery
import maild.mailboxes
import maild.pipeline
import maild.store.engine
from maild.cli import main


def hurry() -> None:
    maild.pipeline.LEASE = maild.delivery.LEASE = timedelta(seconds=2)
    maild.daemon.RENEW_SECONDS = 0.5
    maild.daemon.WATCHDOG_SECONDS = 1.0
    maild.mailboxes.FIRST_PAUSE = 0.5
    maild.store.engine.LEFT["idle_in_transaction_session_timeout"] = "3s"
    maild.store.engine.SILENT_SECONDS = 2.0
    maild.store.engine.CUT_OFF["connect_timeout"] = 2


if __name__ == "__main__":
    hurry()
    main()
