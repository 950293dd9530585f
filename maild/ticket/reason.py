"""Why something was not done, in the language of the agent who is told: English, Latvian.

A Reason is its English text, so the log and the history read the same for everybody; what it was made of stays beside
it, for `said` to put into other words.
"""

from collections.abc import Mapping


class Reason(str):
    """A sentence in English.

    Args:
        words: the sentence, with a place for each value, as in "there is no queue {!r}".
        values: what is in these places; one that is a Reason, or a sentence of the table below, is told alike.
    """

    words: str
    values: tuple[object, ...]

    def __new__(cls, words: str, *values: object) -> "Reason":
        made = super().__new__(cls, words.format(*values) if values else words)
        made.words, made.values = words, values
        return made


def said(reason: object, language: str) -> str:
    """Return a reason in a language, in English where the table has no other words."""
    words, values = (reason.words, reason.values) if isinstance(reason, Reason) else (str(reason), ())
    others = LATVIAN.get(words) if language == "lv" else None
    if others is None:
        return str(reason)
    told = [said(value, language) if isinstance(value, str) else value for value in values]
    return others.format(*told) if told else others


LATVIAN: Mapping[str, str] = {
    # commands that cannot be carried out
    "#{} is no command{}": "#{} nav komanda{}",
    "; did you mean {}?": "; vai domājāt {}?",
    "; there are {}": "; ir {}",
    "#{} comes alone: send it by itself, then the rest in another mail": (
        "#{} raksta atsevišķi: sūtiet to vienu pašu, pārējo citā vēstulē"
    ),
    "#{} is for {}: ask one, or write #note to him": "#{} drīkst tikai {}: lūdziet viņam vai uzrakstiet #note",
    "#{} cannot be undone by mail, and {}": "#{} pa pastu nevar atsaukt, un {}",
    "nothing but the reply address shows that it is you: send it through our submission server, or from a mailbox "
    "whose mails are signed": (
        "tikai atbildes adrese liecina, ka rakstāt Jūs: sūtiet caur mūsu sūtīšanas serveri vai no pastkastes, kuras "
        "vēstules tiek parakstītas"
    ),
    "nothing but the From field shows that this mail is yours: send it through our submission server, or answer a mail "
    "that we sent you": (
        "tikai lauks From liecina, ka šī vēstule ir Jūsu: sūtiet to caur mūsu sūtīšanas serveri vai atbildiet uz mūsu "
        "vēstuli"
    ),
    "your mail is encrypted, and nobody can read it here: send it again without encryption": (
        "Jūsu vēstule ir šifrēta, un te neviens to nevar izlasīt: sūtiet to vēlreiz bez šifrēšanas"
    ),
    "a reaction is not sent on: write what the customer is to read": (
        "reakcija tālāk netiek sūtīta: uzrakstiet, kas klientam jāizlasa"
    ),
    "there is nothing to send: no new text was found above the quoted mail": (
        "nav ko sūtīt: virs citētās vēstules nav jauna teksta"
    ),
    "there is nobody here to write to, for no sender is known: #add ADDRESS names somebody": (
        "te nav, kam rakstīt, jo sūtītājs nav zināms: nosauciet kādu ar #add ADRESE"
    ),
    "what is attached may have {} MB together, and {} would be left out: send smaller files, or say where they can be "
    "fetched": (
        "pielikumi kopā drīkst būt {} MB, un {} paliktu ārpusē: sūtiet mazākus failus vai uzrakstiet, kur tie paņemami"
    ),
    "there is a text and nobody to send it to: #to ADDRESS begins a conversation": (
        "ir teksts, bet nav, kam to sūtīt: sarunu sāk #to ADRESE"
    ),
    "this was done already: each of these addresses works once; to do it again, write #{}": (
        "tas jau ir izdarīts: katra šāda adrese der vienreiz; lai darītu vēlreiz, rakstiet #{}"
    ),
    "nothing but the subject says which ticket you mean: answer a mail of ours about it": (
        "tikai temats pasaka, kuru pieteikumu domājat: atbildiet uz kādu mūsu vēstuli par to"
    ),
    "#{} needs a ticket: pass the mail on without it, then write it to the ticket that comes of it": (
        "#{} vajadzīgs pieteikums: pārsūtiet vēstuli bez tā un tad rakstiet to pieteikumā, kas no tās rodas"
    ),
    "#{} needs a ticket: answer a mail of the ticket that you mean": (
        "#{} vajadzīgs pieteikums: atbildiet uz tā pieteikuma vēstuli, ko domājat"
    ),
    "#{} takes nothing more; found {!r} (write your text on the next line)": (
        "pēc #{} nekas vairs neseko; atrasts {!r} (savu tekstu rakstiet nākamajā rindā)"
    ),
    "#{} takes the number of a ticket; found {!r}": "#{} vajadzīgs pieteikuma numurs; atrasts {!r}",
    "#{} takes an address, such as anna@customer.example; found {!r}": (
        "#{} vajadzīga adrese, piemēram, anna@klients.example; atrasts {!r}"
    ),
    "#assign takes an agent, me, or nobody{}": "#assign vajadzīgs kolēģis, me vai nobody{}",
    "nobody is called {!r} here{}": "te nevienu nesauc par {!r}{}",
    "there is no queue {!r}{}": "rindas {!r} nav{}",
    "#use takes the name of a ready answer": "aiz #use jānorāda sagatavotās atbildes nosaukums",
    "there is no ready answer {!r}{}": "sagatavotas atbildes {!r} nav{}",
    "there is no ticket {}": "pieteikuma {} nav",
    "#priority takes one of {}; found {!r}": "#priority var būt {}; atrasts {!r}",
    "#field takes a name and a value; -name takes it away{}": (
        "#field vajadzīgs nosaukums un vērtība; -nosaukums to noņem{}"
    ),
    "-{} takes away what is kept under that name, and takes nothing more": (
        "-{} noņem to, kas ar šo nosaukumu tiek glabāts; pēc tā nekas vairs neseko"
    ),
    "#field {0} takes a value, -{0} takes it away; it is {1!r} now": (
        "#field {0} vajadzīga vērtība, -{0} to noņem; tagad tā ir {1!r}"
    ),
    "a field holds {} characters at most: write a #note": "vērtībā var būt ne vairāk kā {} rakstzīmju: rakstiet #note",
    "there is no field {!r}{}": "nosaukuma {!r} nav{}",
    "#tag takes one or more words; -word takes one off": "#tag vajadzīgs vismaz viens vārds; -vārds birku noņem",
    "#snooze takes a number of days, such as 3d, or off; found {!r}": (
        "#snooze vajadzīgs dienu skaits, piemēram, 3d, vai off; atrasts {!r}"
    ),
    "#mute takes nothing more, or off; found {!r}": "#mute raksta vienu pašu vai ar off; atrasts {!r}",
    "you have this ticket: #assign it first, or nobody would hear of the customer": (
        "šis pieteikums ir pie Jums: vispirms nododiet to ar #assign, citādi par klientu neuzzinās neviens"
    ),
    "nobody else is sent mail about this ticket: #assign it first, or nobody would hear of the customer": (
        "par šo pieteikumu nerakstām nevienam citam: vispirms nododiet to ar #assign, citādi par klientu neuzzinās "
        "neviens"
    ),
    "it is too late, for no answer of yours to this ticket waits any more": (
        "ir par vēlu, jo šajā pieteikumā neviena Jūsu atbilde vairs negaida nosūtīšanu"
    ),
    "{0!r} is a command only with its mark: #{0}": "{0!r} ir komanda tikai ar zīmi priekšā: #{0}",
    "#{} needs an agent: use --as NAME at the terminal": "#{} vajadzīgs kolēģis: terminālī lietojiet --as VĀRDS",
    "#ask goes to a colleague, and {} is you": "#ask ir jautājums kolēģim, bet {} esat Jūs",
    "#ask takes a colleague and a question{}": "#ask vajadzīgs kolēģis un jautājums{}",
    "#ask needs a question: write it behind the name, or below": (
        "#ask vajadzīgs jautājums: rakstiet to aiz vārda vai zem komandas"
    ),
    "{} is no colleague: a conversation with somebody outside begins with #to": (
        "{} nav kolēģis: sarunu ar kādu ārpusē sāk #to"
    ),
    "#to sends your text outside, and #note and #ask keep it inside: write two mails": (
        "#to sūta tekstu ārpusē, bet #note un #ask to patur iekšienē: rakstiet divas vēstules"
    ),
    "#to needs a text: write it below the command": "#to vajadzīgs teksts: rakstiet to zem komandas",
    "this ticket has no files": "šim pieteikumam nav failu",
    "#{} takes one address; found {!r}": "#{} vajadzīga viena adrese; atrasts {!r}",
    "one mail begins one ticket: write the other #split or #to in a mail of its own": (
        "viena vēstule sāk vienu pieteikumu: otru #split vai #to rakstiet atsevišķā vēstulē"
    ),
    "{} is one of ours": "{} ir mūsu adrese",
    "{} is one of ours: colleagues are sent what comes in, or #assign": (
        "{} ir mūsu adrese: kolēģi ienākošo saņem paši, vai lietojiet #assign"
    ),
    "{} is one of ours and cannot be the requester": "{} ir mūsu adrese un nevar būt pieteicējs",
    "{} is one of ours: a conversation begins with somebody outside": "{} ir mūsu adrese: sarunu sāk ar kādu ārpusē",
    "{} takes no part here": "{} te nepiedalās",
    "{} is the requester": "{} ir pieteicējs",
    "#promise is told to the customer, and this mail stays inside": (
        "#promise ir vārdi klientam, bet šī vēstule paliek iekšienē"
    ),
    "this is #{}: name the other ticket, in which this one is to end": (
        "šis ir #{}: nosauciet otru pieteikumu, kurā šim turpināties"
    ),
    "#{} ended in #{} already: name that one": "#{} jau turpinās kā #{}: nosauciet to",
    "this ticket has one mail of the customer's side only: there is nothing to split": (
        "šajā pieteikumā ir tikai viena klienta vēstule: nav ko sadalīt"
    ),
    "the first mail began this ticket: it stays; name a later one, as #show counts them": (
        "pirmā vēstule šo pieteikumu sāka un paliek; nosauciet kādu vēlāku, kā tās numurē #show"
    ),
    "mail {} of this ticket is none of the customer's side; #show counts them": (
        "šī pieteikuma vēstule {} nav klienta; tās numurē #show"
    ),
    # moments
    "#promise needs a time; {}": "#promise vajadzīgs laiks; {}",
    "{!r} is no moment; {}": "{!r} nav laiks; {}",
    'write it as "tomorrow 12:00", "fri", "2026-12-01 9:00", "3d", "2 working days" or "4wh"': (
        'rakstiet, piemēram, "rīt 12.00", "piektdien", "2026-12-01 9.00", "3d", "2 working days" vai "4wh"'
    ),
    "{!r} has passed": "{!r} jau ir pagājis",
    "{!r} is more than a year ahead": "līdz {!r} ir vairāk nekā gads",
    "the desk is closed then: {!r}": "tad nestrādājam: {!r}",
    "the desk is closed on {}": "{} nestrādājam",
    # who is away
    "{!r} is no day; {}": "{!r} nav diena; {}",
    'write it as "tomorrow", "until fri", "2026-12-21..2027-01-03" or "3d"': (
        'rakstiet, piemēram, "rīt", "līdz piektdienai", "2026-12-21..2027-01-03" vai "3d"'
    ),
    "{!r} ends before it begins": "{!r} beidzas, pirms sākas",
    "only a lead says of a colleague that he is away, or back": (
        "ka kolēģis ir prombūtnē vai atpakaļ, var teikt tikai vadītājs"
    ),
    "{} is not away on any day to come": "{}: turpmāk nav nevienas prombūtnes dienas",
    "{} is not away on {}, but: {}": "{}: {} nav prombūtnes diena; tās ir: {}",
    # orders on held mails
    "{} is no order here; write #release or #block and the numbers of mails": (
        "{} te nav rīkojums; rakstiet #release vai #block un vēstuļu numurus"
    ),
    "there is no order; write #release or #block and the numbers of mails, on a line of its own": (
        "nav rīkojuma; rakstiet #release vai #block un vēstuļu numurus savā rindā"
    ),
    "held no longer, or never: {}": "nav aizturētas vai vairs nav: {}",
    "the mail does not wait any more": "vēstule vairs negaida",
    "write send and the four digits of that mail in the first line, or drop": (
        "pirmajā rindā rakstiet send un tās vēstules četrus ciparus, vai drop"
    ),
    # why an answer is held
    "a mail, an invitation, a card or a key that is attached holds {}": (
        "pievienotajā vēstulē, ielūgumā, vizītkartē vai atslēgā ir {}"
    ),
    "it holds {}": "tajā ir {}",
    "the name of the file {} holds {}": "faila {} nosaukumā ir {}",
    "a secret key": "slepena atslēga",
    "a signed reply address": "parakstīta atbildes adrese",
    "a card number": "kartes numurs",
    "the number of another ticket": "cita pieteikuma numurs",
    "an agent's address": "aģenta adrese",
    "a line of a note or of a field": "rinda no piezīmes vai lauka",
    "it could not be told what you wrote and what you quoted": "nevarēja noteikt, ko rakstījāt Jūs un kas ir citēts",
    "our own mail is quoted in it": "tajā ir citēta mūsu pašu vēstule",
    "its HTML says something else than its text": "tās HTML daļā rakstīts kas cits nekā tekstā",
    "its HTML says more than its text, and only the text is sent": (
        "tās HTML daļā ir vairāk nekā tekstā, bet sūtām tikai tekstu"
    ),
    "somebody wrote after the mail that you answered": "pēc vēstules, uz kuru atbildējāt, kāds ir rakstījis",
    "{} ended in #{} meanwhile: all of these would be sent it: {}": (
        "{} pa to laiku turpinās kā #{}: to saņemtu visi šie: {}"
    ),
    "a command below the first lines": "komanda zem pirmajām rindām",
    "a command with a blank behind its #": "komanda ar atstarpi aiz #",
    "a command without its #": "komanda bez #",
    # what a lead is told
    "{}: answers to mail of {} priority take {:.1f} working hours, {:.1f} are the target; customers are told the "
    "longer time": (
        "{}: atbildes uz vēstulēm ar prioritāti {} prasa {:.1f} darba stundas, mērķis ir {:.1f}; klientiem sakām "
        "ilgāko laiku"
    ),
    # roles
    "a lead": "vadītājs",
    "a manager": "pārvaldnieks",
    "an admin": "administrators",
    "an agent": "kādam aģentam",
    "nobody who can be named": "kāds nezināms",
    "the reply address of {} was used by {}": "atbildes adresi, kas pieder {}, lietoja {}",
}
