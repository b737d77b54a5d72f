"""How does a call over gRPC go in and out?

- guard       whether it may go on, and what its caller sees when it breaks
- heard       the one message of its request, and what if that never comes
- lasting     calls that last, and are neither counted nor paid for
- sending     replies on their way to a client that may not take them
- hanging_up  how a connection ends that nobody reads
- refusing    how a refusal is said
- tally       what a call asks for, and what becomes of it
- lifetimes   how long a connection lives
"""
