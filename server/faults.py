"""What becomes of an exception that nobody expected?

Its traceback goes to the server's log under a short id, and the id alone to whoever called.
"""

from __future__ import annotations

import logging
import uuid

log = logging.getLogger("stepwell.server")


def fault(what: str, error: Exception) -> str:
    """Log it; the message to send instead."""
    name = uuid.uuid4().hex[:8]
    log.error("fault %s in %s", name, what, exc_info=error)
    return f"the server failed; its log has the details under {name}"
