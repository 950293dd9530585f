"""What agents' mails and commands do, and what agents are sent: pure, as `ticket` is.

agent         what an agent's mail does, all in all
content       his words, as they may leave, without …
signoff       … the signature that nothing marks
card          … his card and his keys
guard         … what must stay inside
held          mails in his name that wait for a person's word
errands       mails that belong to no ticket and begin with commands
passing       commands above a mail that he passes on
conversation  how he writes to a customer first
command       the table of commands
model         what commands are made of, and what comes of them
syntax        how they are written
orders        what those of one mail come to together
deeds         what most of them do
merging       `#merge` and `#split`
aside         `#ask`, a colleague's private answer
absence       `#away` and `#back`
views         `#list`, `#show`, `#history`, `#why`, `#files`
terminal      the same at the terminal
morning       his tickets, each morning
daily         what a queue in shadow would have sent, and what was held
quarantine    what is held in no agent's name, and what a lead orders about it
weekly        how a lead's week went
"""
