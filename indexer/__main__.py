"""`python -m indexer` is `stepwell indexer`."""

import sys

from indexer.cli import main

sys.exit(main())
