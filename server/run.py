"""What happens between `stepwell server run` and the signal that ends it?"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from server.process import GRACE, Told, end_within, prepare, warn
from server.readiness import announced
from server.serving import serving
from server.settings import ServerSettings

if TYPE_CHECKING:
    from ranker.search import Searcher


def run(searcher: Searcher, settings: ServerSettings) -> int:
    """Serve `searcher` in this process until SIGTERM or SIGINT; 0 once it has drained. The log goes to standard error.

    Where something keeps it from ending the process ends with 1, GRACE after the time for draining.

    Raises AddressError, AddressTaken before anything is served.
    """
    prepare(settings)
    warn(settings)
    asyncio.run(_until_told(searcher, settings))
    return 0


async def _until_told(searcher: Searcher, settings: ServerSettings) -> None:
    told, wake = Told(settings.drain), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wake.set)
    async with serving(searcher, settings, wake) as bound:
        with announced(bound, searcher.status, settings):
            await told.wait()
        end_within(settings.notice + settings.drain + GRACE)
    told.done()
