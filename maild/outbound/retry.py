"""When a mail that could not be sent is tried again (RFC 5321 section 4.5.4.1)."""

from datetime import datetime, timedelta

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120))
LAST_DELAY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
FEWEST_ATTEMPTS = 6  # in two hours, for what could not leave until now: a desk was closed for a week, or maild was down
GIVE_UP_EARLY_AFTER = timedelta(hours=24)  # an acknowledgement of last week helps nobody
ATTEMPTS_AFTER_DOUBT = 2  # cut off after the final dot, a server may still be at work on the mail: wait as after two
LONGEST_AWAY = timedelta(minutes=15)  # until a mail is tried again that no next server was there for
SPREAD = 0.1


def delay_before(attempts: int) -> timedelta:
    """Return how long to wait after that many failed attempts (at least 1), without jitter."""
    return DELAYS[attempts - 1] if 1 <= attempts <= len(DELAYS) else LAST_DELAY


def next_attempt(
    queued_at: datetime, attempts: int, now: datetime, patient: bool, jitter: float = 0.5
) -> datetime | None:
    """Return when to try again, or None to give up and tell a person.

    The delays grow from a minute to four hours.  RFC 5321 asks for four or five days of patience; what customers
    are told by a machine is given up after one; nothing else is before it was tried some times, however old it is.

    Args:
        queued_at: when the mail entered the outbox; aware, UTC.
        attempts: failed attempts so far, at least 1.
        now: the present; aware, UTC.
        patient: whether it is worth something for days.
        jitter: a number from 0 to 1 that spreads the delay by 10 % to either side.
    """
    again = now + delay_before(attempts) * (1 + SPREAD * (2 * jitter - 1))
    patience = GIVE_UP_AFTER if patient else GIVE_UP_EARLY_AFTER
    hardly_tried = patient and attempts < FEWEST_ATTEMPTS
    return again if hardly_tried or again < queued_at + patience else None
