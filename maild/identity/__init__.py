"""Who is who: evidence of who wrote a mail, gathered once and kept with it; what we sign, log in with, and show.

evidence     what can be known of where a mail came from
witnesses    who is asked about senders
policy       what a domain publishes about those who may send in its name: SPF, DMARC
dkim         to sign, and what a signature must be worth
dns          TXT records, with patience and a memory
signing      the keys with which we sign
certificate  our certificate, as it is in its files now
password     agents' passwords
oauth        access tokens for a mailbox at a provider
"""
