"""What must a caller be allowed to do for each method?"""

from __future__ import annotations

from server.access.door import STATE

OPEN = "/grpc.health.v1."
"""What anybody may call: a load balancer has no key. It asks every other second, so that a Check leaves no line in the log."""
SCOPE = {
    "/stepwell.v1.Search/BatchSearch": "search",
    "/stepwell.v1.Search/Fetch": "fetch",
    "/stepwell.v1.Search/BatchSearchStream": "search",
    "/stepwell.v1.Search/Status": "search",
    "/stepwell.v1.Authority/List": "search",
    "/stepwell.v1.Authority/Explain": "search",
    "/stepwell.v1.Authority/History": "search",
    "/stepwell.v1.Authority/Set": "authority",
    "/stepwell.v1.Authority/Remove": "authority",
    "/stepwell.v1.Authority/Revert": "authority",
    "/stepwell.v1.Admin/Status": STATE,
    "/stepwell.v1.Admin/Snapshots": STATE,
}
"""The scope that each method needs; what is not here needs `admin`."""
SEARCHES = frozenset({"/stepwell.v1.Search/BatchSearch", "/stepwell.v1.Search/BatchSearchStream"})
"""What a server that has too much to do refuses before it is read."""
