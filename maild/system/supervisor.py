"""What systemd is told (sd_notify(3)); silent where there is none."""

import contextlib
import os
import socket
import time


def tell(state: str) -> None:
    """Say "READY=1", "WATCHDOG=1" and the like; that systemd cannot be reached ends nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), address)


def reloading() -> None:
    """Say that a reload has begun, and when: systemd tells this one's READY=1 from an older one's by it."""
    tell(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")
