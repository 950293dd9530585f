"""The words with which an agent steers a ticket: `#solve`, `#assign anna` …

One literal table: mails, `maild do`, the help and the manual are made from it.  Commands are in the
first lines of an agent's new text and end at the first other line; an unknown or impossible one changes
nothing and sends nothing.  What several come to together: `orders`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from maild.agents import absence, aside, deeds, merging, views
from maild.agents.model import Command, Deed, View, Where
from maild.agents.syntax import CommandError, Given, anywhere, hint, ticket_named
from maild.ticket.desk import Desk
from maild.ticket.facts import Want
from maild.ticket.reason import said

MOST_WANTED = 10
_NOT_OF_A_WORD = re.compile(r"[^a-z0-9]")


def wants(text: str, desk: Desk) -> tuple[Want, ...]:
    """Return what must be asked of the store before the commands that are in a text can be carried out."""
    found: list[Want] = []
    for one in anywhere(text):
        command = _BY_WORD.get(_plain(one.word))
        if command is not None and command.wants:
            other = ticket_named(one.rest)
            names_one = command.wants == "ticket" or (command.others and other)
            which = deeds.with_agents(desk, one.rest) if command.wants == "list" else one.rest
            found.append(Want("ticket", other) if names_one else Want(command.wants, which))
    return tuple(dict.fromkeys(found))[:MOST_WANTED]


def opens(given: Iterable[Given]) -> bool:
    """Tell whether one of the commands may open a ticket."""
    commands = (_BY_WORD.get(_plain(one.word)) for one in given)
    return any(command.opens for command in commands if command is not None)


def is_one(word: str) -> bool:
    return _plain(word) in _BY_WORD


def find(word: str) -> Command:
    """Return the command of a word.

    Raises:
        CommandError: there is none; the nearest is named.
    """
    plain = _plain(word)
    if plain in _BY_WORD:
        return _BY_WORD[plain]
    raise CommandError("#{} is no command{}", word, hint(f"#{plain}", [f"#{one}" for one in _BY_WORD]))


def _plain(word: str) -> str:
    """Return a word as the table would have it: small letters and digits, nothing else."""
    return _NOT_OF_A_WORD.sub("", word.lower())


def _help(where: Where, rest: str) -> Sequence[Deed]:
    return [View("help", {"rows": manual(where.language)})]


ROLE_NAMES = {"agent": "", "lead": "a lead", "manager": "a manager", "admin": "an admin"}
_PLACE = re.compile(r"[A-Z]{2,}")
_PLACES = {
    "lv": {
        "WHEN": "KAD",
        "WHO": "KAM",
        "NAME": "NOSAUKUMS",
        "ADDRESS": "ADRESE",
        "NUMBER": "NUMURS",
        "TEXT": "TEKSTS",
        "WORD": "VĀRDS",
        "VALUE": "VĒRTĪBA",
        "DAYS": "DIENAS",
        "COLLEAGUE": "KOLĒĢIS",
    }
}


def _place(language: str, found: re.Match[str]) -> str:
    return _PLACES.get(language, {}).get(found[0], found[0])


def manual(language: str) -> tuple[dict[str, str], ...]:
    """Return the table for people: what to write, and what it does."""
    return tuple(
        {
            "write": f"#{row.word} {_PLACE.sub(partial(_place, language), row.takes)}".strip(),
            "does": row.lv if language == "lv" and row.lv else row.does,
            "role": said(ROLE_NAMES[row.role], language),
        }
        for row in COMMANDS
    )


COMMANDS = (
    Command(
        "solve",
        "",
        "the ticket is solved; a reply from the customer opens it again",
        deeds.solve,
        lv="pieteikums ir atrisināts; klienta atbilde to atver no jauna",
    ),
    Command("close", "", "the ticket is closed", deeds.close, lv="pieteikums ir slēgts"),
    Command("open", "", "the ticket is open again", deeds.open_, lv="pieteikums atkal ir atvērts"),
    Command(
        "wait",
        "[WHEN | customer]",
        "we wait for the customer, until WHEN at most: then you are reminded, and the ticket is open again",
        deeds.wait,
        lv="gaidām klientu, ilgākais līdz KAD: tad Jums atgādinām, un pieteikums atkal ir atvērts",
    ),
    Command(
        "hold",
        "[WHEN]",
        "we wait for somebody else, until WHEN at most",
        deeds.hold,
        lv="gaidām ziņas no citiem, ilgākais līdz KAD",
    ),
    Command(
        "promise",
        "WHEN",
        "your answer tells the customer by when to expect word from us; you are reminded an hour before",
        deeds.promise,
        lv="atbilde pasaka klientam, līdz kuram laikam rakstīsim; stundu pirms tam Jums atgādinām",
    ),
    Command(
        "queue",
        "NAME",
        "move the ticket to another queue",
        deeds.queue,
        wants="newest files",
        lv="pārcelt pieteikumu uz citu rindu",
    ),
    Command(
        "assign",
        "WHO | me | nobody",
        "give the ticket to an agent, or to nobody",
        deeds.assign,
        wants="newest files",
        lv="nodot pieteikumu kolēģim vai nevienam",
    ),
    Command(
        "stop",
        "",
        "take back an answer of yours that has not left yet; a mail that says only stop does the same",
        deeds.stop,
        only=True,
        lv="atsaukt savu atbildi, kas vēl nav aizgājusi; to pašu dara vēstule, kurā ir tikai stop",
    ),
    Command("take", "", "the ticket is mine", deeds.take, lv="pieteikums ir mans"),
    Command(
        "priority",
        "urgent | high | normal | low",
        "how urgent it is",
        deeds.priority,
        wants="history",
        lv="cik tas ir steidzams",
    ),
    Command("tag", "WORD… | -WORD", "add tags; -WORD removes one", deeds.tag, lv="pielikt vai noņemt birkas"),
    Command(
        "field",
        "NAME VALUE | -NAME",
        "keep something with the ticket, such as an order number; -NAME removes it",
        deeds.field,
        lv="glabāt pieteikumā kādu vērtību, piemēram, pasūtījuma numuru; -NOSAUKUMS to noņem",
    ),
    Command(
        "note",
        "[TEXT]",
        "what you write here stays inside",
        deeds.note,
        note=True,
        lv="šeit rakstītais paliek iekšienē",
    ),
    Command(
        "ask",
        "WHO TEXT",
        "ask a colleague, of any team, this and what stands below; the answer comes to you as a note",
        aside.ask,
        note=True,
        lv="pajautāt šo un zemāk rakstīto kolēģim no jebkuras komandas; atbilde pienāk Jums kā piezīme",
    ),
    Command(
        "use",
        "NAME",
        "put the ready answer of that name into your answer",
        deeds.use,
        lv="ielikt atbildē sagatavoto tekstu ar šo nosaukumu",
    ),
    Command(
        "add",
        "ADDRESS… | -ADDRESS",
        "somebody takes part and is sent every answer; -ADDRESS ends that",
        deeds.add,
        lv="kāds piedalās un saņem visas atbildes; -ADRESE to beidz",
    ),
    Command(
        "requester",
        "ADDRESS",
        "somebody else is the requester; the former one still takes part",
        deeds.requester,
        proved=True,
        lv="pieteicējs ir kāds cits; iepriekšējais turpina piedalīties",
    ),
    Command(
        "to",
        "ADDRESS",
        "your text begins a new conversation with somebody outside",
        deeds.to,
        opens=True,
        lv="Jūsu teksts sāk jaunu sarunu ar kādu ārpusē",
    ),
    Command(
        "merge",
        "NUMBER",
        "this ticket becomes part of that one: its mails and people move there",
        merging.merge,
        wants="ticket",
        others=True,
        proved=True,
        only=True,
        lv="šis pieteikums turpinās tajā: vēstules un cilvēki pāriet turp",
    ),
    Command(
        "split",
        "[NUMBER]",
        "the newest mail from outside, or the one with that number in #show, becomes a ticket of its own",
        merging.split,
        wants="conversation",
        proved=True,
        opens=True,
        lv="jaunākā vēstule no ārpuses vai tā, kurai #show ir šis numurs, kļūst par atsevišķu pieteikumu",
    ),
    Command(
        "spam",
        "",
        "the ticket is spam: it is closed, and nobody is written to",
        deeds.spam,
        proved=True,
        lv="pieteikums ir mēstule: slēgts, un nevienam nekas netiek rakstīts",
    ),
    Command(
        "block",
        "[ADDRESS | -ADDRESS]",
        "whatever the sender, or that address, writes from now on is put away; -ADDRESS ends that",
        deeds.block,
        proved=True,
        role="lead",
        lv="viss, ko sūtītājs vai šī adrese turpmāk raksta, tiek nolikts malā; -ADRESE to beidz",
    ),
    Command(
        "snooze",
        "[DAYS | off]",
        "leave the ticket out of my morning mails for 3 days, or as many as I say; off ends that",
        deeds.snooze,
        lv="neminēt pieteikumu manās rīta vēstulēs 3 dienas vai tik, cik norādīts; off to beidz",
    ),
    Command(
        "mute",
        "[off]",
        "send me no more mail about this ticket; off ends that",
        deeds.mute,
        lv="par šo pieteikumu man vairs nerakstīt; off to beidz",
    ),
    Command(
        "show",
        "[NUMBER]",
        "send me the whole conversation, with its mails attached; or that of the ticket of this number",
        views.show,
        wants="mails",
        others=True,
        lv="atsūtīt man visu saraksti ar pievienotām vēstulēm; vai tā pieteikuma, kuram ir šis numurs",
    ),
    Command(
        "files",
        "",
        "send me all files of the ticket",
        views.files,
        wants="files",
        lv="atsūtīt man visus pieteikuma failus",
    ),
    Command(
        "history",
        "",
        "send me everything that has happened to the ticket",
        views.history,
        wants="history",
        lv="atsūtīt man visu, kas ar pieteikumu noticis",
    ),
    Command(
        "why",
        "",
        "explain to me how the ticket's due times came about",
        views.why,
        wants="history",
        lv="atsūtīt man, kā radušies pieteikuma termiņi",
    ),
    Command(
        "list",
        "[mine] [overdue] [unassigned] [customer:X] [WORD…]",
        "send me the open tickets that match all the words, or any whose mails contain them; the first due on top",
        views.list_,
        wants="list",
        alone=True,
        lv="atsūtīt man atvērtos pieteikumus pēc vārdiem, vai jebkuru, kura vēstulēs tie ir; steidzamākie augšā",
    ),
    Command(
        "away",
        "[COLLEAGUE] [WHEN]",
        "I am away, today or on those days; a lead may say it for a colleague",
        absence.away,
        alone=True,
        lv="esmu prombūtnē, šodien vai tajās dienās; vadītājs to var teikt par kolēģi",
    ),
    Command(
        "back",
        "[COLLEAGUE] [WHEN]",
        "I am back, from now on or from that day",
        absence.back,
        alone=True,
        lv="esmu atpakaļ, no šī brīža vai no tās dienas",
    ),
    Command("help", "", "send me this table", _help, alone=True, lv="atsūtīt man šo tabulu"),
)
_BY_WORD = {command.word: command for command in COMMANDS}
