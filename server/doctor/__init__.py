"""Would this deployment run well here, and what should be changed?

finding   one line of the answer
examine   every check in turn; one that breaks is a finding, too
files     the index, who may read and write what, room on the disks
limits    what the system lets a process have
models    the encoder, graphics cards, one query answered
clock     the time
doors     ports, keys, certificate
tables    the authority table, the policies and the categories

Nothing is written and nothing stays open: it may run beside the server.
"""
