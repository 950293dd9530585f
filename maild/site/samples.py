"""Values with which each template can be tried, the usual case first: in `maild check`, in previews and in tests."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from maild.ticket.particulars import Kept

Values = Mapping[str, object]

_ABOUT: Values = {
    "number": 7,
    "tag": "[#EX-7]",
    "ticket_subject": "Broken lamp",
    "queue": "support",
    "queue_name": "Example Support",
    "status": "open",
    "priority": "normal",
    "assignee": "",
    "assignee_name": "",
    "assignee_away": False,
    "requester_name": "Anna Liepa",
    "rating": 2,
    "fields": Kept({"order": "12345"}),
    "site_name": "Example",
    "language": "en",
    "audience": "customer",
    "marker": "##- reply above this line - EX-7 -##",
}
_PROMISE = {
    "until": "We aim to answer tomorrow, Tuesday 24 November, by 17:00 (Riga time).",
    "closed": "",
    "holidays": "",
    "usually": "",
}
_PROMISE_AFTER_HOLIDAYS = {
    "until": "We aim to answer by Thursday 26 November, 17:00 (Riga time).",
    "closed": "We are closed now and open again on Thursday 26 November at 9:00.",
    "holidays": "We are closed tomorrow, Tuesday 24, and on Wednesday 25 November.",
    "usually": "Most people get an answer within 2 working hours.",
}
_HOURS = "Our business hours: Monday–Friday 09:00–18:00."
_SENDER = {"sender_name": "Anna Liepa", "sender_address": "anna@customer.example", "text": "Hello,\n\nit is broken."}
_CLIMBED = _SENDER | {"clock_name": "first answer", "due": "today at 18:00"}
_UNSENT = {"at": "today at 18:00", "template": "acknowledge", "to": "anna@customer.example", "subject": "Broken lamp"}
_ROW: Values = {
    "number": 7,
    "tag": "[#EX-7]",
    "subject": "Broken lamp",
    "status": "open",
    "priority": "normal",
    "assignee": "",
    "requester": "Anna Liepa",
    "due": "today at 18:00",
    "late": False,
}
_QUARANTINED = {
    "mail": 17,
    "at": "today at 18:00",
    "sender": "eve@spam.example",
    "subject": "You won",
    "because": "spam",
}
_ACTION = {"word": "solve", "url": "mailto:a%2Bb@example.com?subject=solve&body=%23solve"}
_HELD = {
    "mail": 17,
    "text": "Hello",
    "sender_address": "janis@example.com",
    "send_address": "support+send@example.com",
    "drop_address": "support+drop@example.com",
}
_SAMPLES: Mapping[str, tuple[Values, ...]] = {
    "acknowledge": (
        {"authenticated": True, "promise": _PROMISE, "seen_late": "", "asks_for": (), "hours": _HOURS},
        {
            "authenticated": False,
            "promise": _PROMISE_AFTER_HOLIDAYS,
            "seen_late": "Your email arrived on Friday; we are sorry that we are only seeing it now.",
            "asks_for": (),
            "hours": _HOURS,
        },
        {"authenticated": True, "promise": None, "seen_late": "", "asks_for": ("the order number",), "hours": ""},
    ),
    "ticket": tuple(
        _SENDER
        | {
            "kind": kind,
            "banner": banner,
            "attachments_left_out": left,
            "copied": copied,
            "goes_to": to,
            "reply_to": "anna@home.example" if copied else "",
        }
        | {"first": first, "mine": mine, "follows": "[#EX-3]" if mine else "", "besides": (4, 5) if first else ()}
        | {"mentions": (3,) if first else ()}
        | {"facts": ({"name": "order", "value": "AB123456"},) if mine else (), "lacking": ("model",) if first else ()}
        for kind, banner, left, copied, to, first, mine in (
            ("human", "", (), (), (), True, False),
            ("bulk", "third_party", ("a.pdf",), (), (), False, True),
            ("human", "unauthenticated", (), ("boss@customer.example",), ("anna@customer.example",), False, False),
        )
    ),
    "answer": (
        {
            "text": "Hello,\n\na new lamp leaves tomorrow.",
            "agent_name": "Jānis",
            "signature": "Jānis\nExample Support",
            "quoted_intro": "Anna Liepa wrote on Monday 23 November 2026 at 10:00:",
            "quoted_text": "Hello,\n\nit is broken.",
            "ask_rating": False,
        },
        {
            "text": "Hello",
            "agent_name": "Jānis",
            "signature": "",
            "quoted_intro": "",
            "quoted_text": "",
            "ask_rating": True,
        },
    ),
    "colleague": ({"text": "Hello", "agent_name": "Jānis"},),
    "note": ({"text": "Hello", "agent_name": "Jānis"}, {"text": "Hello", "agent_name": ""}),
    "question": (
        {"text": "Is it still valid?", "agent_name": "Jānis", "quoted_intro": "Anna wrote:", "quoted_text": "Hi"},
        {"text": "Is it still valid?", "agent_name": "Jānis", "quoted_intro": "", "quoted_text": ""},
    ),
    "refused": ({"problem": "#slove is no command", "text": "Hello"},),
    "status": tuple(
        {"said": said, "opened": "today at 10:00", "answered": answered, "until": until, "ask_rating": said == "solved"}
        for said, answered, until in (
            ("status", "", "tomorrow at 10:00"),
            ("solved", "today at 11:00", ""),
            ("no copies", "", ""),
        )
    ),
    "done": ({"lines": ("the ticket is solved", "tag lamp is on")},),
    "help": ({"inside": True, "rows": ({"write": "#solve", "does": "the ticket is solved", "role": "lead"},)},),
    "list": (
        {"inside": True, "words": "", "rows": (_ROW,), "more": 0},
        {"inside": False, "words": "mine", "rows": (), "more": 3},
    ),
    "show": tuple(
        {"inside": True, "other": other}
        | {"mails": ({"number": 1, "out": False, "note": True, "who": "Anna", "at": "2026-11-23", "text": "Hello"},)}
        for other in (False, True)
    ),
    "history": ({"inside": True, "lines": ("2026-11-23 10:00  anna  status=solved",)},),
    "files": ({"inside": True, "names": ("a.pdf", "b.pdf")},),
    "confirm": (
        _HELD | {"code": "4821", "problems": (), "newer": ()},
        _HELD
        | {
            "code": "4821",
            "problems": ("somebody wrote after the mail that you answered",),
            "newer": ({"name": "Anna Liepa", "text": "It works again."},),
            "send_address": "",
            "drop_address": "",
        },
    ),
    "held": (
        _HELD | {"problems": ("it holds a card number",), "newer": ()},
        _HELD
        | {
            "problems": ("somebody wrote after the mail that you answered",),
            "newer": ({"name": "Anna Liepa", "text": "It works again."},),
            "send_address": "",
            "drop_address": "",
        },
    ),
    "misused": (_HELD | {"problems": ("the reply address of janis was used by eve@evil.example",)},),
    "expired": ({"mail": 17, "problem": "token alone", "text": "Hello"},),
    "undelivered": tuple(
        {"recipient": "anna@customer.example", "why": why, "permanent": gone, "in_doubt": doubt, "automatic": automatic}
        for why, gone, doubt, automatic in (
            ("550 no such user", True, False, False),
            ("550 no such user", True, False, True),
            ("451 busy", False, False, False),
            ("connection lost", True, True, False),
        )
    ),
    "told": (_SENDER,),
    "forward": (_SENDER | {"attachments_left_out": ()}, _SENDER | {"attachments_left_out": ("a.pdf",)}),
    "late": ({"promise": _PROMISE}, {"promise": None}),
    "solved": ({"days": "5 working days", "ask_rating": False}, {"days": "", "ask_rating": True}),
    "closing": ({"when": "on Monday 24 November at 18:00"},),
    "escalation": (
        _CLIMBED | {"late": True, "stage": "100%", "audience": "agent"},
        _CLIMBED | {"late": False, "stage": "75%", "audience": "operator"},
    ),
    "digest": (
        {
            "count": 1,
            "more": 0,
            "away_from": "",
            "away_to": "",
            "items": ({**_ROW, "assignee": "Jānis", "mine": True, "meanwhile": False, "actions": (_ACTION,)},),
        },
        {
            "count": 3,
            "more": 2,
            "away_from": "Monday 16 November",
            "away_to": "Friday 20 November",
            "items": (
                {**_ROW, "late": True, "mine": False, "meanwhile": True, "actions": ()},
                {**_ROW, "assignee": "Jānis", "mine": False, "meanwhile": False, "actions": ()},
            ),
        },
    ),
    "weekly": tuple(
        {
            "first": "Monday 16 November",
            "last": "Sunday 22 November",
            "queues": (
                {"name": "Example Support"}
                | {
                    name: {"now": count, "before": count + 3}
                    for count, name in enumerate(("broken", "kept", "open", "solved", "new", "rated"))
                }
                | {"stars": {"now": 4.5, "before": 4.2}},
            ),
            "agents": tuple(
                {"name": who, "solved": {"now": 3, "before": 5}, "open": {"now": 1, "before": 2}} for who, _ in waiting
            ),
            "items": tuple(
                {**_ROW, "assignee": who, "late": late, "since": "on Monday 16 November at 9:00", "mine": False}
                | {"actions": (_ACTION,)}
                for who, late in waiting
            ),
        }
        for waiting in ((("Jānis", False), ("", True)), ())
    ),
    "welcome": (
        {
            "agent_name": "Jānis",
            "addresses": ("support@example.com",),
            "rows": ({"write": "#solve", "does": "the ticket is solved", "role": "lead"},),
        },
    ),
    "stages": (
        {
            "count": 9,
            "more": 2,
            "items": ({**_ROW, "assignee": "Jānis", "late": True, "mine": False, "actions": (_ACTION,)},),
        },
    ),
    "remind": (_SENDER | {"promised": ""}, _SENDER | {"promised": "today at 18:00"}),
    "away": tuple(
        {"agent_name": "Jānis", "mine": mine, "here": here, "by_name": by, "inside": inside, "colleagues": colleagues}
        | {"first": "today, Monday 23 November", "last": last, "back": back}
        for mine, here, by, inside, colleagues, last, back in (
            (True, False, "", True, ("Zane", "Līga"), "Friday 27 November", "Monday 30 November"),
            (True, False, "Līga", False, (), "", ""),
            (False, False, "", False, ("Zane",), "", "tomorrow, Tuesday 24 November"),
            (True, True, "", False, ("Zane",), "Friday 27 November", ""),
        )
    ),
    "why": (
        {"inside": True}
        | {
            "lines": ("The first answer: time runs, 2:00 of 8:00 working hours counted", "   due: Tue 2026-11-24 12:00")
        },
    ),
    "quarantine": (
        {"count": 1, "more": 0, "by_mail": True, "items": (_QUARANTINED,)},
        {"count": 203, "more": 3, "by_mail": False, "items": (_QUARANTINED, _QUARANTINED)},
    ),
    "shadow": (
        {"count": 1, "more": 0, "items": (_UNSENT,)},
        {"count": 203, "more": 3, "items": (_UNSENT, _UNSENT)},
    ),
    "rules_refused": ({"problems": "20-rules.yaml:7:5: there is no such action", "since": "today at 10:00"},),
    "heartbeat": ({"sent": "today at 10:00"},),
    "alarm": (
        {"what": "sending stopped: 535 wrong password", "since": "today at 10:00", "recovered": False},
        {"what": "sending stopped", "since": "today at 10:00", "recovered": True},
    ),
}


# What rules may name for `answer` and `acknowledge`, shipped or the site's own, is given these.
OF_RULES = _SAMPLES["acknowledge"]


def samples(name: str) -> Iterator[Values]:
    """Return values with which a template can be tried."""
    for values in _SAMPLES.get(name, OF_RULES):
        yield {**_ABOUT, "now": datetime(2026, 11, 23, tzinfo=UTC), **values}
