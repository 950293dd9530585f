"""What is decided about a ticket: values and pure functions, no I/O, no clock, no randomness.

model         a ticket, and the people in it
change        what can happen to it
evolve        how one change makes the next ticket
plan          what is to be done in one transaction
facts         what is known when a mail is decided on
desk          queues, teams, agents, promises and ladders
house         who we are
thread        finds the ticket of a mail
token         signed addresses
thread_keys   every key by which a mail could have belonged to one
proof         whether a mail in an agent's name is his
lifecycle     what a mail from outside does
reopening     whether it opens an ended ticket again
onbehalf      mails that one sends for another
customer      what a customer may order
ratings       what a rating does
participants  who else is in a conversation
effects       what rules decided, as changes and mails
notify        who is to be sent which mail, with which values
particulars   what mails say about a ticket
recipients    who is written to
handover      who is told that a ticket is his now
notices       mails about maild itself
words         what was done, in a person's words
reason        why something was not done, in words
outgoing      what became of a mail of ours
answers       what a history tells of our answers
timers        from a history to clocks and due moments
escalate      what happens when a moment has come
why           how due times came about, in words
budget        how much may leave by itself
freemail      domains at which anybody may have a mailbox
"""
