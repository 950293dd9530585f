"""Working time, clocks and promises: pure arithmetic on UTC seconds.

zones      when a zone's clock changes, read once from the zone database
schedule   a calendar's mapping, checked
calendar   is it open, when does it open, how much lies between, when will so much have passed
holidays   the rule files' words and a country's days, made into that mapping
duration   "8wh", "30wm", "5 working days", "100% + 2wh"
clocks     what a ticket's clocks show: a fold over its history; when a ladder's stages are due
promise    until when a person answers, and what experience says
wording    all that in finished sentences: English, Latvian, Russian
"""
