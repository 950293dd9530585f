"""What a mail says: pure, and never failing, whatever the bytes.

model       the values
parse       bytes to a Message, by all that follows:
mime        the parts: where each begins and ends
header      fields and encoded words
parameters  the parameters of Content-Type and Content-Disposition
fields      who wrote to whom, when, under which Message-ID
address     mailboxes out of address fields
references  the Message-IDs of other mails
dates       instants that fields claim
charset     bytes to text, whatever their label says …
charsets    … what labels mean …
iso2022jp   … and as Japanese programs write
plain       format=flowed and uuencode
enriched    text/enriched
html        HTML as text, as a tree, without script
rendered    … as its reader sees it
wrapped     what only some programs open:
tnef        … winmail.dat
rtf         … Outlook's rich text
cms         … S/MIME
armored     keys and signatures
sealed      what nobody here can read
layout      which parts are shown, and which are attached:
shown       … the text
attached    … the files …
filename    … under safe names
subject     a subject without what programs put before it
language    in which language a text is
letters     letters and their marks, written in one way
gratitude   "thanks!"
rating      a figure from 1 to 5
"""
