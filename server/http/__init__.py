"""The same service over HTTP: JSON in the field names of the contract, and in the shapes of other search services.

- app        which path answers what
- border     before a request is read: its host, origin, size and patience; after it: security headers
- reception  who asks, whether it is answered, and the log line
- visit      what one request may ask of the service (exchange: what that needs of gRPC's context)
- headers    key and deadline of a client
- gone       whether anybody still waits
- asked      a request's parameters, wherever the client put them
- replies    JSON out, errors among it
- native     /v1/batch_search, /v1/fetch, /v1/status; streaming: outcomes as they are ready, a line each
- forms      /v1/authority..., /v1/admin...: the other services of the contract
- openapi    the contract's messages as JSON schemas
- adapters/  the shapes that clients of other services speak, one file each
- crossing   which of them is meant where several share a path
- serving    the app on a port, in the event loop of the gRPC server

Behind `visit` everything is the gRPC service itself: the same admission, units, limits and log.
"""
