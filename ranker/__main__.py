"""`python -m ranker` is `stepwell ranker`."""

import sys

from ranker.cli import main

sys.exit(main())
