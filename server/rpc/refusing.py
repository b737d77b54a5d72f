"""How is a call over gRPC refused?"""

from __future__ import annotations

import math
from typing import Any, NoReturn

import grpc
import grpc.aio

from server.errors import RateLimited, ServerError, status_of

Context = grpc.aio.ServicerContext[Any, Any]


async def abort(context: Context, error: ServerError) -> NoReturn:
    """End it with the status that the error stands for, and the seconds to wait where there is any use in that."""
    trailing = (("retry-after", f"{math.ceil(error.retry_after)}"),) if isinstance(error, RateLimited) else ()
    await context.abort(grpc.StatusCode[status_of(error)], str(error), trailing)


def refused(error: ServerError) -> grpc.RpcMethodHandler[Any, Any]:
    """A handler that only says no, whatever is asked."""

    async def no(_: object, context: Context) -> None:
        await abort(context, error)

    return grpc.stream_stream_rpc_method_handler(no)
