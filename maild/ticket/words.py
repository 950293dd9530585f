"""What was done, in a person's words: the lines of an agent's confirmation."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from maild.ticket import change
from maild.ticket.change import Change
from maild.ticket.desk import Desk
from maild.ticket.model import ASKED, NEEDED, SNOOZED, Direction, Visibility
from maild.ticket.plan import Beside, Order, Verb

FALLBACK = "en"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "new": "the ticket is new",
        "open": "the ticket is open",
        "waiting": "we wait for the customer",
        "on_hold": "we wait for somebody else",
        "solved": "the ticket is solved",
        "closed": "the ticket is closed",
        "assign": "the ticket is with {}",
        "nobody": "the ticket is with nobody",
        "priority": "the ticket has priority {}",
        "queue": "the ticket is in the queue {}",
        "tag": "tag {} is on",
        "untag": "tag {} is off",
        "add": "{} takes part now",
        "remove": "{} takes part no longer",
        "requester": "{} is the requester now",
        "merged": "the ticket ended in #{}: its mails are there",
        "came": "{} takes part in #{} now and is sent every answer there",
        "split": "the mail is ticket #{} now",
        "begun": "your mail to {} began ticket #{}",
        "taken": "what you passed on is taken from {}, in ticket #{}; to name somebody else: #requester ADDRESS",
        "field": "{} is {}",
        "nofield": "{} is no longer kept",
        "asked": "your question is with {}: the answer comes to you, and stays inside",
        "absent": "{} is away today",
        "snoozed": "the ticket is left out of the morning mails until {}",
        "awake": "the ticket stands in the morning mails again",
        "silent": "you are sent no more mail about this ticket",
        "heard": "you are sent mail about this ticket again",
        "block": "what {} sends is put away from now on",
        "unblock": "what {} sends is read again",
        "withdrawn": "your answer was taken back before it left; it said:\n\n{}",
        "forgotten": "not carried out, for it stands below other words: {}; commands stand in the first lines",
        "signs": "what stands below was taken for your signature alone, and is not sent:\n\n{}",
        "inside": "your text is a note: the customer is not sent it",
        "cut": "this end of your mail was left out, because your last mails ended with it too; the signature of the "
        "queue stands in its place:\n\n{}",
        "left": "{} was left out, and will be from now on: your address is in it, and customers never learn that",
        "rest": "the ticket rests until {:%Y-%m-%d %H:%M}, unless somebody writes",
        "promised": "the customer is told to expect word from us by {:%Y-%m-%d %H:%M}",
        "opened": "the ticket began",
        "wrote": "wrote",
        "answered": "answered",
        "noted": "wrote a note",
        "arrived": "the answer is with {}",
        "targets": "due times are set",
        "linked": "belongs with #{}",
        "absorbed": "#{} ended in this ticket",
        "began_from": "the ticket was taken out of #{}",
        "kept": "the promise was kept",
        "broken": "the promise was not kept",
        "nothing_owed": "no answer is owed",
        "taken_back": "the answer was taken back before it left",
        "rated": "the customer rated it: {} of 5",
        "asks": "asked {}",
        "needed": "needed: {}",
        "released": "mail {} from {} is let in",
        "dropped": "mail {} from {} is put away, and so is whatever that sender writes from now on",
    },
    "lv": {
        "new": "pieteikums ir jauns",
        "open": "pieteikums ir atvērts",
        "waiting": "gaidām klientu",
        "on_hold": "gaidām ziņas no citiem",
        "solved": "pieteikums ir atrisināts",
        "closed": "pieteikums ir slēgts",
        "assign": "par pieteikumu tagad atbild {}",
        "nobody": "pieteikums tagad nevienam nav piešķirts",
        "urgent": "ļoti steidzams",
        "high": "steidzams",
        "normal": "parasts",
        "low": "nesteidzams",
        "priority": "pieteikums tagad ir {}",
        "queue": "pieteikums tagad ir rindā {}",
        "tag": "birka {} ir pielikta",
        "untag": "birka {} ir noņemta",
        "add": "{} tagad piedalās",
        "remove": "{} vairs nepiedalās",
        "requester": "pieteicējs tagad ir {}",
        "merged": "pieteikums turpinās kā #{}: vēstules ir tur",
        "came": "{} tagad piedalās pieteikumā #{} un saņem visas tā atbildes",
        "split": "vēstule tagad ir pieteikums #{}",
        "begun": "Jūsu vēstule ({}) sāka pieteikumu #{}",
        "taken": "pārsūtītā vēstule ir pieņemta no: {}, pieteikums #{}; citu nosaukt: #requester ADRESE",
        "field": "{} ir {}",
        "nofield": "{} vairs netiek glabāts",
        "asked": "jautājums nodots: {}; atbilde atnāks Jums un paliks iekšienē",
        "absent": "{} šodien ir prombūtnē",
        "snoozed": "pieteikums rīta vēstulēs netiek minēts līdz {}",
        "awake": "pieteikums rīta vēstulēs atkal tiek minēts",
        "silent": "par šo pieteikumu Jums vairs nerakstām",
        "heard": "par šo pieteikumu Jums atkal rakstām",
        "block": "ko {} sūta, turpmāk tiek nolikts malā",
        "unblock": "ko {} sūta, atkal tiek lasīts",
        "withdrawn": "Jūsu atbilde ir atsaukta, pirms tā aizgāja; tajā bija:\n\n{}",
        "forgotten": "nav izpildīts, jo ir zem cita teksta: {}; komandas raksta pirmajās rindās",
        "signs": "zemāk, šķiet, ir tikai Jūsu paraksts; tas netiek sūtīts:\n\n{}",
        "inside": "Jūsu teksts ir piezīme: klientam tas netiek sūtīts",
        "cut": "Jūsu vēstules beigas ir izlaistas, jo ar tām beidzas arī Jūsu iepriekšējās vēstules; to vietā ir "
        "rindas paraksts:\n\n{}",
        "left": "{} ir izlaists, un tā būs arī turpmāk: tur ir Jūsu adrese, ko klienti neuzzina",
        "rest": "pieteikums ir atlikts līdz {:%Y-%m-%d %H.%M}, ja vien kāds neatraksta",
        "promised": "klientam ir pateikts, ka rakstīsim līdz {:%Y-%m-%d %H.%M}",
        "opened": "pieteikums sākts",
        "wrote": "rakstīja",
        "answered": "atbildēja",
        "noted": "uzrakstīja piezīmi",
        "arrived": "atbilde nodota: {}",
        "targets": "termiņi ir noteikti",
        "linked": "saistīts ar #{}",
        "absorbed": "šeit turpinās #{}",
        "began_from": "pieteikums atdalīts no #{}",
        "kept": "solījums izpildīts",
        "broken": "solījums nav izpildīts",
        "nothing_owed": "atbilde nav jāraksta",
        "taken_back": "atbilde ir atsaukta, pirms tā aizgāja",
        "rated": "klienta vērtējums: {} no 5",
        "asks": "jautāja kolēģim: {}",
        "needed": "jāzina: {}",
        "released": "vēstule {} no {} ir ielaista",
        "dropped": "vēstule {} no {} ir nolikta malā, un tāpat viss, ko šis sūtītājs sūtīs turpmāk",
    },
}


def _words(language: str) -> Mapping[str, str]:
    return _WORDS.get(language, _WORDS[FALLBACK])


def done(changes: Iterable[Change], beside: Iterable[Beside], desk: Desk, zone: str, language: str) -> tuple[str, ...]:
    """Return what changes come to, a line each; what goes without saying is left out.

    Args:
        zone: that of the ticket's queue, and of whoever wrote "tomorrow 12:00" to it.
    """
    words = _words(language)
    changes = tuple(changes)
    merged = any(isinstance(one, change.Merged) for one in changes)  # which says that it is closed, too
    lines = [_line(one, desk, zone, words) for one in changes if not (merged and isinstance(one, change.SetStatus))]
    for other in beside:
        came = (one.person.address for one in other.plan.changes if isinstance(one, change.AddPerson))
        lines += [words["came"].format(address, other.plan.ticket) for address in came]
    return tuple(line for line in lines if line)


def inside(language: str) -> str:
    """Say that an agent's text stays inside."""
    return _words(language)["inside"]


def signs(signature: str, language: str) -> str:
    """Say what below an agent's commands was taken for a signature and nothing else."""
    return _words(language)["signs"].format(signature)


def forgotten(commands: Iterable[str], language: str) -> str:
    """Say which commands in a note are too far below to be carried out."""
    return _words(language)["forgotten"].format(", ".join(f"#{one}" for one in dict.fromkeys(commands)))


def cut(ending: str, language: str) -> str:
    """Say which end of an agent's mail was taken for his signature."""
    return _words(language)["cut"].format(ending)


def left(names: Iterable[str], language: str) -> str:
    """Say what of the files in an agent's mail was left out, for it names him."""
    return _words(language)["left"].format(", ".join(names))


def ordered(orders: Iterable[Order], senders: Mapping[int, str], language: str) -> tuple[str, ...]:
    """Return what orders on held mails come to, a line each."""
    words = _words(language)
    kinds = {Verb.RELEASE: "released", Verb.BLOCK: "dropped"}
    return tuple(words[kinds[one.verb]].format(one.mail, senders[one.mail] or "<>") for one in orders)


def happened(one: Change, desk: Desk, zone: str, language: str) -> str:
    """Return a change as a ticket's history tells it, beside its maker's name; where words lack, as it is kept."""
    words = _words(language)
    told = "" if isinstance(one, change.Silenced) else _unconfirmed(one, desk, words) or _line(one, desk, zone, words)
    return told or str(one)


def _unconfirmed(one: Change, desk: Desk, words: Mapping[str, str]) -> str:
    """Return what no confirmation tells, or tells to one person."""
    match one:
        case change.AddMessage(direction=Direction.OUT, visibility=Visibility.NOTE):
            return words["noted"]
        case change.AddMessage(direction=Direction.OUT):
            return words["answered"]
        case change.AddMessage():
            return words["wrote"]
        case change.OpenTicket():
            return words["opened"]
        case change.Delivered(recipient=whom):
            return words["arrived"].format(whom)
        case change.ClockSet():
            return words["targets"]
        case change.Link(other=number):
            return words["linked"].format(number)
        case change.Absorbed(other=number):
            return words["absorbed"].format(number)
        case change.SplitFrom(other=number):
            return words["began_from"].format(number)
        case change.PromiseJudged(kept=kept):
            return words["kept" if kept else "broken"]
        case change.NothingOwed():
            return words["nothing_owed"]
        case change.Withdrawn():
            return words["taken_back"]
        case change.SetField(name=name) if name.startswith(ASKED):
            return words["asks"].format(desk.name_of(name.removeprefix(ASKED)))
        case change.SetField(name=name, value=names) if name == NEEDED:
            return words["needed"].format(", ".join(names.split()))
        case change.Rated(rating=rating):
            return words["rated"].format(rating)
        case _:
            return ""


def _line(one: Change, desk: Desk, zone: str, words: Mapping[str, str]) -> str:
    match one:
        case change.SetStatus(status=status):
            return words[str(status)]
        case change.Assign(agent=key):
            return words["assign"].format(desk.name_of(key)) if key else words["nobody"]
        case change.SetPriority(priority=what):
            return words["priority"].format(words.get(str(what), what))
        case change.SetQueue(queue=what):
            return words["queue"].format(what)
        case change.AddTag(tag=what):
            return words["tag"].format(what)
        case change.RemoveTag(tag=what):
            return words["untag"].format(what)
        case change.AddPerson(person=person):
            return words["add"].format(person.address)
        case change.RemovePerson(address=address):
            return words["remove"].format(address)
        case change.SetRequester(person=person):
            return words["requester"].format(person.address)
        case change.Merged(into=number):
            return words["merged"].format(number)
        case change.SplitOff(into=number):
            return words["split"].format(number)
        case change.SetField(name=name) if name.startswith(ASKED):
            return words["asked"].format(desk.name_of(name.removeprefix(ASKED)))
        case change.SetField(name=name, value=day) if name.startswith(SNOOZED):
            return words["snoozed" if day else "awake"].format(day)
        case change.SetField(name=name, value=value):
            return words["field" if value else "nofield"].format(name, value)
        case change.Silenced(silent=silent):
            return words["silent" if silent else "heard"]
        case change.Blocked(address=address, blocked=blocked):
            return words["block" if blocked else "unblock"].format(address)
        case change.WakeAt(until=until):
            return words["rest"].format(until.astimezone(ZoneInfo(zone)))
        case change.Promised(until=until):
            return words["promised"].format(until.astimezone(ZoneInfo(zone)))
        case change.Withdrawn(text=text):
            return words["withdrawn"].format(text)
        case _:
            return ""


def begun(number: int, address: str, language: str) -> str:
    return _words(language)["begun"].format(address, number)


def absent(name: str, language: str) -> str:
    """Say that an agent who was asked, or given a ticket, is away."""
    return _words(language)["absent"].format(name)


def taken(number: int, address: str, name: str, language: str) -> str:
    who = f"{name} <{address}>" if name else address
    return _words(language)["taken"].format(who, number)
