"""Working time, clocks and promises: pure arithmetic on UTC seconds.

zones      when a zone's clock changes, read once from the zone database
schedule   a calendar's mapping, checked
calendar   is it open, when does it open, how much lies between, when will so much have passed
holidays   a country's days
opening    the rule files' words and a country's days, made into a calendar
special    the hours of one date, as a person said them
written    calendars as a text that the store keeps, and back
duration   "8wh", "30wm", "5 working days", "100% + 2wh"
instants   "tomorrow 12:00", "fri", "3d"
spans      "until fri", "21.12. - 3.1."
clocks     what a ticket's clocks show: a fold over its history
ladders    when a ladder's stages are due by them
promise    until when a person answers
estimate   what experience says about that
wording    all that in finished sentences: English, Latvian, Russian
weekly     the hours of a usual week in one sentence
grammars   the forms of each of these languages
"""
