"""A wire between a daemon and its database, which a test may cut: nothing comes through, and nobody is told."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator


class Wire:
    """Listens on a port of its own and hands everything on."""

    def __init__(self, to_port: int) -> None:
        self._to = ("127.0.0.1", to_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._whole = threading.Event()
        self._whole.set()

    @classmethod
    @contextlib.contextmanager
    def laid(cls, to_port: int) -> Iterator["Wire"]:
        wire = cls(to_port)
        threading.Thread(target=wire._accept, daemon=True).start()
        try:
            yield wire
        finally:
            wire._listener.close()
            wire.mend()

    def cut(self) -> None:
        """Let nothing through any more."""
        self._whole.clear()

    def mend(self) -> None:
        """End what was cut, as a firewall does that knows it no more; what is begun now comes through."""
        for one in [one for pair in self._pairs for one in pair]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()
        self._whole.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                near, _ = self._listener.accept()
                self._whole.wait()
                far = socket.create_connection(self._to)
                self._pairs.append((near, far))
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in ready.select():
                    self._whole.wait()
                    assert isinstance(key.fileobj, socket.socket)
                    if not (piece := key.fileobj.recv(65536)):
                        return
                    key.data.sendall(piece)
