"""Whether a site is well.

look     what is seen of its store and its disk
health   what of that is trouble, in words
http     tells who asks
alarms   tells the operator unasked, once
"""
