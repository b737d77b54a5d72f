"""`python -m ranker` is `stepwell ranker`."""

import sys

from stepwell import run_room

sys.exit(run_room("ranker", sys.argv[1:]))
