"""The one place where anything is kept: tables, the one writer, and what may be asked of it.

tables      the schema
schema      brings a database to it
engine      connections: to one SQLite file, or to PostgreSQL
write       the one writer
driver      statements handed to the driver, some of them together
prepared    statements of the hot path, compiled once
upsert      INSERT … ON CONFLICT
records     values to JSON and back
wakes       NOTIFY and LISTEN between daemons
intake      received mail, from its durable commit to its fate
claims      which of it is dealt with next
pieces      its bytes
held        mails in agents' names that wait for a person's word
filing      what is to be filed
snapshot    what is known under the keys of a mail
file        carries out a plan: with `changes` the only code that changes a ticket
changes     … what each change writes beside the ticket's row
outbox      mails that are to leave
queued      … that may still be taken back
tickets     tickets as they are now, whole
histories   what happened to them
timers      due moments, indexed by when they come
unseen      what an agent may not have seen when he answers
agent_views  what agents ask to see, by command or each morning
browse      what `list`, `show`, `explain` and `status` ask
search      full text
person      what is kept of a person
forget      what is not to be kept any longer is emptied
rulesets    the sets of rule files that were accepted
agents      what is kept of agents beside them
numbers     the numbers of tickets
checkpoint  how far each mailbox was read
beats       mails that we sent to ourselves
alarms      which troubles the operator was told of
vitals      what tells whether a site is well
mornings    when each agent was told of his tickets last
shadow      what queues in shadow would have sent
weeks       what the weekly mail is counted from
estimates   how long first answers took of late
ledger      whether all that was received is accounted for
folded      whether tickets are as their histories make them
copy        a consistent copy of an SQLite database
transfer    every row into an empty database
restored    a copy of the past made fit for the present
"""
