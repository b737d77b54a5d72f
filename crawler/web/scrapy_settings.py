"""How is Scrapy set up for one crawl, and why so?"""

from __future__ import annotations

from typing import Any

from crawler.safety import SCHEMES, Reach

DELAY = 1.0
"""Seconds between two requests to a host, and to an address."""
MAX_BYTES = 10_000_000
"""Bytes of one answer, before and after decompression."""
TIMEOUT = 30.0
"""Seconds for one answer, from the first packet to the last."""
RETRIES = 2
"""Further attempts at a page after a timeout, a broken connection, 408, 429 or 5xx."""
LOOPBACK_CONCURRENCY = 4
"""Requests at a time to a site on this machine; everywhere else one."""
AT_ONCE = 32
"""Requests at a time to all hosts; at a second's delay about so many pages a second, and so many answers in memory."""


def settings(reach: Reach, contact: str, delay: float) -> dict[str, Any]:
    """Scrapy's settings for one crawl."""
    off = None  # how Scrapy spells it
    return {
        "USER_AGENT": f"stepwell/0.1 (+{contact})" if contact else "stepwell/0.1",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        # Safety. Only http and https have a handler, and theirs is guarded; proxies would dial for us, unseen.
        "STEPWELL_LOOPBACK": reach.loopback,
        "TWISTED_DNS_RESOLVER": "crawler.web.dial.GuardedResolver",
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3"), off)
        | dict.fromkeys(SCHEMES, "crawler.web.dial.GuardedHandler"),
        "HTTPPROXY_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # who said it matters here; Scrapy's default is not to ask
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        # What a page may cost.
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "RETRY_TIMES": RETRIES,
        # Politeness. The jitter would undercut a promised delay by half.
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.web.robots.RobotsMiddleware": 100,
            "crawler.web.media.PagesOnly": 595,  # sees answers before HttpCompressionMiddleware, which is at 590
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": off,  # crawler.web.robots says why
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": off,  # the spider decides each hop
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": off,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": off,
        },
        "EXTENSIONS": {"scrapy.extensions.throttle.AutoThrottle": off, "crawler.web.pace.Pace": 0},
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": LOOPBACK_CONCURRENCY if reach.loopback else 1,
        "CONCURRENT_REQUESTS": AT_ONCE,
        "CONCURRENT_REQUESTS_PER_DOMAIN": LOOPBACK_CONCURRENCY if reach.loopback else 1,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.1"},
        # The frontier is the queue and the duplicate filter.
        "SCHEDULER": "crawler.web.schedule.FrontierScheduler",
        # Reasons are told once, in the summary and in the corpus's list of rejects.
        "LOG_LEVEL": "ERROR",
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "STATS_DUMP": False,
    }
