"""Who may be a machine: the header evidence that classify and report share.

Only headers and the envelope are looked at here; a person may write anything in a body.

Standards: RFC 5321 section 4.5.5 (null sender), RFC 3464 section 2 and RFC 6522 section 3 (reports),
RFC 2142 (role addresses).
"""

from maild.message.model import Envelope, Message

# Local parts of mail transport agents: no person writes from these.
DAEMONS = frozenset(
    "mailer-daemon mail-daemon maildaemon mailerdaemon mail.delivery.system mdaemon post_master mailadmin-daemon "
    "mail-delivery-system mailsystem mailer_daemon smtp-daemon smtpd double-bounce ndr mail-deamon".split()
)
# A person may stand behind these, so they need a second piece of evidence.
POSTMASTERS = frozenset(
    "postmaster hostmaster mailmaster sysadmin mail-admin mailadmin root system administrator".split()
)

# Display names that only transport agents give themselves …
DAEMON_NAMES = (
    "mail delivery sub",
    "mail delivery sys",
    "mail deliver system",
    "mail delivery service",
    "email delivery system",
    "mailer-daemon",
    "mailer daemon",
    "mmsc ndr",
    "interscan",
    "courier mail server",
)
# … and those that prove it beside a postmaster's address, or none.
POSTMASTER_NAMES = ("system administrator", "postmaster", "mail administrator", "mail system")

# How transport agents begin the subject of a report, in lower case.  A reply or a forward ("Re:", "Fwd:") begins
# with something else and is a person's.
REPORT_SUBJECTS = (
    "undeliver",
    "non-deliver",
    "non deliver",
    "nondeliver",
    "not delivered:",
    "bounced mail",
    "returned mail",
    "returned to sender",
    "mail returned",
    "returned message",
    "failure notice",
    "failure notification",
    "failure delivery",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery status",
    "notice: mail delivery",
    "notice: delivery",
    "warning: delayed",
    "delivery notification",
    "delivery report",
    "delivery problem",
    "delivery error",
    "delivery delayed",
    "delayed mail",
    "mail delivery",
    "mail delayed",
    "mail failure",
    "mail could not be delivered",
    "mail not delivered",
    "mail not deliverable",
    "mail status report",
    "mail system error",
    "mail error",
    "message delivery",
    "message could not be delivered",
    "message status",
    "message undeliver",
    "message not delivered",
    "message delayed",
    "message you sent blocked",
    "email delivery",
    "email error",
    "email not delivered",
    "e-mail delivery",
    "error sending mail",
    "there was an error sending your mail",
    "permanent delivery fail",
    "temporary delivery fail",
    "transient delivery fail",
    "warning: message",
    "warning: could not send",
    "warning: e-mail",
    "could not send message",
    "postfix smtp server",
    "user unknown",
    "unknown user",
    "unzustellbar",
    "unzustellbare",
    "nicht zustellbar",
    "zustellung fehlgeschlagen",
    "benachrichtung zum übermittlungsstatus",
    "benachrichtigung zum übermittlungsstatus",
    "mailzustellung",
    "echec de la remise",
    "échec de la remise",
    "échec de remise",
    "non remis",
    "notification d'état de remise",
    "avis de non-remise",
    "message non distribué",
    "no se puede entregar",
    "no entregado",
    "error de entrega",
    "notificación de estado de entrega",
    "correo no entregado",
    "mensaje no entregado",
    "impossibile recapitare",
    "mancato recapito",
    "messaggio non recapitato",
    "mail non consegnata",
    "avviso di mancata consegna",
    "não é possível entregar",
    "não entregue",
    "falha na entrega",
    "mensagem não entregue",
    "onbestelbaar",
    "niet bezorgd",
    "kan niet worden bezorgd",
    "olevererbart",
    "kan inte levereras",
    "kan ikke leveres",
    "toimittamattomat",
    "ei voi toimittaa",
    "niedostarczalne",
    "nie można dostarczyć",
    "zwrot wiadomości",
    "nedoručitelné",
    "nelze doručit",
    "не доставлено",
    "недоставленное",
    "ваше сообщение не доставлено",
    "сообщение не доставлено",
    "невозможно доставить",
    "не удается доставить",
    "не вдалося доставити",
    "nepiegād",
    "nav piegād",
    "neizdevās piegādāt",
    "nepristatyt",
    "nepavyko pristatyti",
    "kohale toimetamata",
    "無法傳遞",
    "无法投递",
    "系统退信",
    "退信",
    "配信不能",
    "配送不能",
    "送信エラー",
    "メールを配信できません",
    "メール配信エラー",
    "メールエラー",
    "エラーメール",
    "配信エラー",
    "送信失敗",
    "宛先不明",
    "不達",
)
# How they end it, where the subject of the failed mail stands first.
REPORT_ENDINGS = (
    "could not be delivered",
    "could not be delivered.",
    "not be delivered",
    "(delivery failed)",
    "delivery failure",
    "mail failure.",
    "delivery failed",
    "not delivered",
    "undeliverable",
    "konnte nicht zugestellt werden",
    "не доставлено",
)


def null_sender(message: Message, envelope: Envelope) -> bool:
    """RFC 5321 section 4.5.5: reports and notifications come from <>; old agents wrote <MAILER-DAEMON> instead."""
    if envelope.mail_from is not None:
        path = envelope.mail_from
    elif message.fields("return-path"):
        path = message.header("return-path")
    else:
        return False
    bare = path.strip().strip("<>").strip().lower()
    return bare == "" or bare.partition("@")[0] in DAEMONS


def daemon(message: Message) -> bool:
    """A transport agent, by its address or (where there is no address) by its display name."""
    local, name = author(message)
    if local in DAEMONS or name.startswith(DAEMON_NAMES):
        return True
    return (local in POSTMASTERS or not local) and name.startswith(POSTMASTER_NAMES) and report_subject(message)


def agent(message: Message) -> bool:
    """Surely a transport agent's mail: by its author, its type, or a field that Exim and Gmail add."""
    return daemon(message) or delivery_report(message) or bool(message.header("x-failed-recipients"))


def postmaster(message: Message) -> bool:
    """A role address behind which a machine or a person may stand."""
    return author(message)[0] in POSTMASTERS


def report_subject(message: Message) -> bool:
    """The subject begins as transport agents begin theirs."""
    subject = " ".join(message.subject.lower().replace("[", " ").replace("]", " ").split())
    for prefix in ("postmaster ", "*** ", "auto: "):
        subject = subject.removeprefix(prefix)
    return subject.startswith(REPORT_SUBJECTS) or (
        subject.endswith(REPORT_ENDINGS) and not subject.startswith(("re:", "fw:", "fwd:", "aw:", "sv:", "wg:"))
    )


def delivery_report(message: Message) -> bool:
    """RFC 6522 section 3: multipart/report; report-type=delivery-status, though gateways change the first word."""
    kind = report_type(message)
    bare = message.content_type in ("message/delivery-status", "message/global-delivery-status")
    return bare or kind == "delivery-status" or (message.content_type == "multipart/report" and not kind)


def report_type(message: Message) -> str:
    """The report-type parameter of RFC 6522, in lower case, or ""."""
    value = message.header("content-type").lower().replace(" ", "").replace("\t", "").replace('"', "")
    return value.partition("report-type=")[2].partition(";")[0]


def author(message: Message) -> tuple[str, str]:
    """The local part and the display name of From, in lower case, even where it is not one proper mailbox."""
    if message.sender.address:
        return message.sender.address.rpartition("@")[0].lower().strip('"'), message.sender.name.lower().strip('"')
    field = message.header("from").strip().lower()
    name, angle, rest = field.partition("<")
    address = rest.partition(">")[0] if angle else field.partition("(")[0]
    local = address.strip().strip('"').partition("@")[0].strip()
    if not local:
        local = name.strip().strip('"').strip()  # "MAILER-DAEMON <>"
    return local, name.strip().strip('"').strip()
