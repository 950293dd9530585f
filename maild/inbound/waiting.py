"""How long a client lets us wait."""

from collections.abc import Callable


class Waiting:
    """Seconds that a client has let us wait since his last whole command, less what his data earned.

    Args:
        now: seconds of a clock that nobody sets.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: float | None = None  # None while it is he who waits
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
        """Stop, and forgive him some: he sent so much."""
        self._before, self._since = max(0.0, self.seconds - seconds), None

    def stop(self) -> None:
        """Let him wait for us, without a limit."""
        self._since = None
