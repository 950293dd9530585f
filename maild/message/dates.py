"""Read the instant that a field claims: as RFC 5322 section 3.3 has it, or as programs write it besides.

None for what is not a date, or none that anybody could have meant.  mail-parser reads what is not plain.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailparser.dates import parse_mail_date

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9998, 12, 31, tzinfo=UTC)  # arithmetic with it must not overflow


_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_PLAIN_DATE = re.compile(
    rf"(?:[A-Z][a-z][a-z], )?(\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}}) "
    r"(\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)(?: \([A-Z]+\))?",
    re.ASCII,
)


def instant(value: str) -> datetime | None:
    """Return the instant that a date names, with its offset."""
    return plain(value) or lenient(value)


def plain(value: str) -> datetime | None:
    """Read a date just as RFC 5322 section 3.3 writes it, as nearly all are; None for any other."""
    found = _PLAIN_DATE.fullmatch(value.strip())
    if not found:
        return None
    day, month, year, hour, minute, second, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(hours[0] + minutes))
    try:
        local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    return _plausible(local, offset, local=True)


def lenient(value: str) -> datetime | None:
    """Read a date however it is written; None for what is none."""
    if _ISO_DATE.match(value):
        return _iso_instant(value)
    read = parse_mail_date(value)
    if read.value is not None:
        return _plausible(read.value, timedelta(hours=float(read.timezone)))
    loose = parsedate_tz(value[:200])
    try:
        return (
            _plausible(datetime(*loose[:6], tzinfo=UTC), timedelta(seconds=loose[9] or 0), local=True)
            if loose
            else None
        )
    except (ValueError, OverflowError):
        return None


_ISO_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]\d", re.ASCII)


def _iso_instant(value: str) -> datetime | None:
    """ISO 8601, as scripts write; a clock without an offset is read as UTC, as in RFC 5322 section 4.3."""
    try:
        found = datetime.fromisoformat(" ".join(value.split()))
        return _plausible(found.replace(tzinfo=None).replace(tzinfo=UTC), found.utcoffset() or timedelta(), local=True)
    except (ValueError, OverflowError):
        return None


def _plausible(instant: datetime, offset: timedelta, *, local: bool = False) -> datetime | None:
    if not _EARLIEST < instant < _LATEST or abs(offset) >= timedelta(hours=24):
        return None
    zone = timezone(offset)
    return instant.replace(tzinfo=zone) if local else instant.astimezone(zone)
