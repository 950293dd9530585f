"""A mail's bytes, read: what they say, and who or what wrote it."""

import time

from maild.machines import classify, report
from maild.message import parse
from maild.message.model import Envelope, Kind, Reading


def read_mail(raw: bytes, envelope: Envelope) -> Reading:
    """Say what a mail's bytes say, who or what wrote it, and how many seconds it took to find out."""
    began = time.perf_counter()
    message = parse.parse(raw)
    classified = classify.classify(message, envelope)
    found = report.read(message, envelope) if classified.kind is Kind.BOUNCE else None
    return Reading(message, classified, found, time.perf_counter() - began)
