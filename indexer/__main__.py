"""`python -m indexer` is `stepwell indexer`."""

import sys

from stepwell import run_room

sys.exit(run_room("indexer", sys.argv[1:]))
