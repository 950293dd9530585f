"""What a site holds, taken as a whole.

workplace   where something large is made ready
backup      in one file, and back
export      as mbox and JSON lines, and an empty site made of them again
oldmail     mail from elsewhere in, kept like any other
forgetting  what is kept of a person: shown, handed over, forgotten; and what is old enough to go by itself
"""

ISO = "%Y-%m-%dT%H:%M:%SZ"  # how a copy says when it was taken
