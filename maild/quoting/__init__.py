"""Which lines of a mail its writer wrote now, and which are quoted, added or signed: pure, and never failing.

body          parts a text, by all that follows:
marked        what a mail program marked in its HTML
marker        the line that our own mails carry
quotes        ">", separators, rules
attribution   "On Monday, 5 May 2025, Anna wrote:" …
attributions  … in each language
heads         "From: … Sent: … To: … Subject: …" …
columns       … however they are laid out …
labels        … in each language
parent        the lines of the mail that is answered
tail          what stands below the beginning of a quote, and answers between its lines
pointer       "my answers are in red, below"
added         what telephones, list servers and virus scanners put below a mail
banner        what servers put above it
sensitivity   "Classification: internal"
signature     what is signed with
forwarded     the mail inside a forward
forms         the visitor inside a web form's mail
"""
