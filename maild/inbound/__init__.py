"""How mail comes in: SMTP listeners, mailboxes, files.  Each hands on bytes and an Envelope, and knows no store.

hooks        what a listener needs of the daemon, and what it is to its clients
sockets      where listeners listen
listener     the sockets, and the end of all sessions together
connections  who is connected, and who may still come
smtp         one session: its connection, TLS and timeouts
waiting      how long a client lets us wait
wire         what commands need of the connection
commands     what is answered, command by command
credentials  AUTH PLAIN and LOGIN
transaction  one mail's envelope while it is said
paths        the paths and parameters of MAIL and RCPT
content      DATA, to the reply it deserves
upload       the mail's bytes while they arrive
trace        the lines that we put on top
account      an account at an IMAP server: connect, log in, look what is there
imap         fetches what is in a mailbox, has it kept, and only then moves it
idle         waits for what comes
moves        where mails go there once they are kept
fetch_tries  whether what a server did not give is a mail's fault or its own
files        mails from files: .eml, mbox, Maildir
"""
