"""How mail goes out: compose a Letter, assemble its bytes, hand them to a next hop, try again later.

compose   SendMail to Letter: the template's words, and our headers
actions   the signed mailto addresses of one press
assemble  a Letter and its attachments as bytes
fields    header fields as bytes
route     the next hop, as the settings write it
smtp      hands mails to the next hop
reach     a connection to one of its addresses
channel   a connection in use: what is said, and the replies one by one
dialogue  one mail's commands, and what its answers come to
domain    internationalised domains on the wire
replies   what replies mean: for a mail, for all of them now, or for us
outcome   what one attempt came to
maildir   into a Maildir instead of to a server
retry     when a mail is tried again
standing  whether the next server takes mails from us now …
backoff   … and how long it is left in peace
command   runs a program of the operator's
"""
