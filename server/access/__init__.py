"""Who may call, for what, and how much?

keys.py    the key file: secrets hashed, scopes, limits; created, revoked and listed by `stepwell server key`
spent.py   what each key has used: a bucket for the minute and a count for the day, shared by all workers
door.py    a bearer token -> a Caller, and whether this call of theirs may go on
scopes.py  what each method needs
tls.py     certificate, key and client authorities, read and checked before anything is bound
"""
