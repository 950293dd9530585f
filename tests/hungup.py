"""Run maild so that a SIGHUP comes while it starts."""

import os
import signal
from datetime import datetime

from maild.cli import main
from maild.clock import Clock

_begin = Clock.begin


def begin(self: Clock, now: datetime) -> None:
    os.kill(os.getpid(), signal.SIGHUP)
    _begin(self, now)


if __name__ == "__main__":
    Clock.begin = begin  # type: ignore[method-assign]
    main()
