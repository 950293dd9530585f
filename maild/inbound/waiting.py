"""How long an SMTP client lets the server wait."""

from collections.abc import Callable


class Waiting:
    """Seconds that a client has let us wait since its last whole command, less what its data earned.

    Args:
        now: seconds of a clock that nobody sets.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: float | None = None  # None while the client waits for us
        self._before = 0.0

    @property
    def goes_on(self) -> bool:
        return self._since is not None

    @property
    def seconds(self) -> float:
        return self._before + (self._now() - self._since if self._since is not None else 0.0)

    def begin(self) -> None:
        """Begin anew: a whole command was said."""
        self._before, self._since = 0.0, self._now()

    def go_on(self) -> None:
        self._since = self._now()

    def earn(self, seconds: float) -> None:
        """Stop counting, and take off what the data that arrived has earned."""
        self._before, self._since = max(0.0, self.seconds - seconds), None

    def stop(self) -> None:
        """Stop counting: it is the client who waits for us now, without a limit."""
        self._since = None
