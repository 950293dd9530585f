"""Who or what wrote a mail: a person, a program, or a transport agent that reports a failure; pure.

classify       says which, by all that follows:
suspect        what in a head speaks for a machine
notices        whether a subject is that of a notice: an absence, a confirmation
programs       fields and addresses that only programs write
mailers        what transport agents and sending programs call themselves
devices        scanners, fax machines, telephone systems
subjects       words with which programs begin a subject
confirmations  subjects that confirm that a mail has come
report         what a delivery report says of the mail that it is about
bounces        subjects of reports
returned       a failure told in prose …
failures       … in the words of each transport agent
certified      what providers of Italian certified mail (PEC) report
"""
