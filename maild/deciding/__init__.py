"""From the bytes of a received mail to what is to be filed of it.

reading     a mail's bytes, read
addressing  to whom it was addressed, and by which keys it may belong to something
question    as whose it is meant, and what is asked of the store
lookup      a look into the store
finding     what bears on it, put together
judge       decides
clerk       all of this, for many mails at once: drafts of what is to be filed
filing      a decided plan, as the store files it
drafting    in which process that is done
workers     such processes
office      what deciding works with: the site as one unchanging value
trial       rule tests: mails that the rule files name, judged by the same line
"""
