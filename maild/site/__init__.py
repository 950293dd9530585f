"""What the operator and the admin wrote: settings, rule files, templates.

errors      what cannot be meant: the place, what was found, what to write instead
settings    maild.toml …
sections    … its sections …
values      … what they are made of …
oauth       … and those of tokens
secret      secrets are files, never inline
keyfile     the keys that sign reply addresses
rulefiles   rules/*.yaml, checked whole before anything is believed
ruleyaml    a text to values with places
rulemodels  the shape of each section
ruleread    what was read so far
rulenames   names that are used must be given
ruledesk    from what was read to what is meant
templates   templates to words
sandbox     plain values, no code, an end in time
samples     values with which each can be tried
proofread   what is wrong with them
meaning     what the manual says about each setting, key and template
new         writes a new site
shipped     where the files lie that come with maild
"""
