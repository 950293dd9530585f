"""What the clock does besides timers, a module a chore.

reports     to leads, once a day: what was held, and what a queue in shadow would have sent
mornings    to each agent his tickets, once a day, and a welcome to new ones
weeks       to each lead, once a week, how it went
heartbeat   a mail to ourselves through the outside
experience  how long answers take, reckoned each night
gathering   many escalations to one agent as one mail
"""
