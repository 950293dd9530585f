"""What the admin decided beforehand: conditions over facts, and what follows from them.  Pure.

evaluate    rules over facts: from top to bottom, once
case        what a rule sees
conditions  `FIELD: {OPERATOR: value}`, joined by `all`, `any` and `not` …
fields      … the table of fields …
operators   … and how each can be compared
captures    what a condition captured, put into a text
actions     the table of what rules do …
values      … what each takes …
draft       … and the decision while they make it
people      the people a rule means
needs       `ask_for`: the facts that a kind of inquiry needs
spam        what spam filters before us wrote
timed       rules that wait
analysis    what can be told of a rule without any mail
mistakes    where the rule files cannot be meant as they are written
expect      what a rule test expects
"""
