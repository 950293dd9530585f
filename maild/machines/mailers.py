"""What mail transport agents, and the programs that people and scripts write with, call themselves: literal tables, in
lower case, used by suspect.py.  What their reports are called: bounces.py.
"""

# Local parts of mail transport agents: no person writes from these.
DAEMONS = frozenset(
    "mailer-daemon mail-daemon maildaemon mailerdaemon mail.delivery.system mdaemon post_master mailadmin-daemon "
    "mail-delivery-system mailsystem mailer_daemon smtp-daemon smtpd double-bounce mail-deamon".split()
)
# How such a local part begins: Exchange's is followed by 32 digits, Symantec's by "_gateways".
DAEMON_LOCALS = ("microsoftexchange3", "symantec_antivirus_for_smtp", "mailmarshal")
# A person may stand behind these, so they need a second piece of evidence.
POSTMASTERS = frozenset(
    "postmaster hostmaster mailmaster sysadmin mail-admin mailadmin root system administrator ndr".split()
)

# What the programs that people write with call themselves in X-Mailer, anywhere in it.
WRITERS_PROGRAMS = (
    *("outlook", "apple mail", "iphone mail", "ipad mail", "thunderbird", "evolution", "kmail", "claws mail"),
    *("sylpheed", "the bat!", "foxmail", "em client", "mailbird", "airmail", "eudora", "zimbra", "open-xchange"),
    *("roundcube", "yahoomail", "webmail", "samsung mail", "mutt", "amazon workmail", "zoho mail", "yamail"),
    *("mail.ru mailer", "ymail", "icloud mailclient", "mailmaster", "qqmail", "web mailer", "live mail"),
    *("windows mail", "pegasus mail", "incredimail", "becky!", "mailmate", "mailspring", "mimestream", "canary"),
    *("superhuman", "missive", "rainloop", "snappymail", "kopano", "zarafa", "aquamail", "bluemail", "fairemail"),
)
# How a Message-ID ends that a provider, or a telephone, gives to what people write there, and to no report.
WRITERS_IDS = ("@mail.gmail.com>", "@email.android.com>")
# What scripts send with, as it begins User-Agent.
SCRIPTS_PROGRAMS = ("heirloom", "s-nail", "nail", "mailx", "bsd", "codeigniter")
TERMINALS_PROGRAMS = ("mutt", "neomutt")  # the same of what people use, too
# What is in the local parts of programs that put their own address where a report has none.
PROGRAMS_ADDRESSES = ("postmaster", "post_master", "reply", "mailer", "bounce", "daemon", "delivery", "gateway", "smtp")
# Who answers for a list server, beside the postmasters.
LIST_SERVER_FIELDS = ("x-mlserver",)

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
POSTMASTER_NAMES = (
    *("system administrator", "postmaster", "mail administrator", "mail system", "mail sieve subsystem"),
    *("content-filter", "mail gateway", "email gateway"),
)
