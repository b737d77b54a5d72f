"""What does each call of the Admin service do?"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError
from indexer.generation import manifest_paths, read_manifest
from indexer.history import held
from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1 import admin_pb2_grpc as pb_grpc
from server.errors import LineBroken, ServerUnreachable
from server.overview import MethodCalls
from server.state import State, resident
from server.wire.overview import calls_to_proto, scrubbing_to_proto, worker_to_proto
from server.workers.company import Company

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import grpc.aio

    from ranker.search import Searcher

    Context = grpc.aio.ServicerContext[Any, Any]

NAME = "stepwell.v1.Admin"


@dataclass(frozen=True, slots=True)
class AdminService(pb_grpc.AdminServicer):
    """State and control of the server, from any one of its workers."""

    searcher: Searcher
    state: Callable[[], State]
    """How the worker is."""
    reload: Callable[[], tuple[str, ...]]
    """Takes up what changed on disk; what that was."""
    company: Company
    """The other workers."""
    methods: Callable[[], Sequence[MethodCalls]]
    """What was asked of all workers."""
    drain: float
    """Seconds that calls in flight may take."""

    async def Status(self, request: pb.AdminStatusRequest, context: Context) -> pb.AdminStatusResponse:  # noqa: ARG002, N802
        """How this worker is, and in short the others."""
        state = self.state()
        troubles = state.troubles
        try:
            workers = await self.company.workers(state)
        except LineBroken as error:
            workers, troubles = [], (*troubles, f"the supervisor does not say how the other workers are: {error}")
        return pb.AdminStatusResponse(
            started=state.started,
            pid=os.getpid(),
            workers=self.company.size,
            calls=state.calls,
            cost=state.cost,
            max_cost=state.max_cost,
            shed=state.shed,
            troubles=troubles,
            memory=resident(),
            processes=map(worker_to_proto, workers),
            methods=map(calls_to_proto, self.methods()),
            scrubbing=scrubbing_to_proto(state.scrubbing),
        )

    async def Snapshots(self, request: pb.SnapshotsRequest, context: Context) -> pb.SnapshotsResponse:  # noqa: ARG002, N802
        """The generations that the index keeps."""
        return pb.SnapshotsResponse(snapshots=await asyncio.to_thread(self._snapshots))

    async def Reload(self, request: pb.ReloadRequest, context: Context) -> pb.ReloadResponse:  # noqa: ARG002, N802
        """Takes up a newer generation, a saved table and the key file at once, in all workers."""
        changes = await asyncio.to_thread(self.reload)
        try:
            changes += await self.company.reload()
        except LineBroken as error:
            raise ServerUnreachable(f"this worker has taken up what there is, the others were not reached: {error}") from None
        return pb.ReloadResponse(changes=dict.fromkeys(changes))

    async def Drain(self, request: pb.DrainRequest, context: Context) -> pb.DrainResponse:  # noqa: ARG002, N802
        """Ends the server, all workers of it, as SIGTERM does."""
        asyncio.get_running_loop().call_later(0.1, os.kill, self.company.head, signal.SIGTERM)  # once this is answered
        return pb.DrainResponse(seconds=self.drain)

    def _snapshots(self) -> list[pb.Snapshot]:
        served = self.searcher.pinned.index.manifest.snapshot
        snapshots = []
        for path in reversed(manifest_paths(self.searcher.path)):
            try:
                manifest = read_manifest(path)
            except (IndexerError, OSError):  # removed since, or damaged: not one to go back to
                continue
            snapshots.append(
                pb.Snapshot(
                    number=manifest.number,
                    name=manifest.snapshot,
                    created=manifest.created,
                    documents=manifest.documents,
                    passages=manifest.passages,
                    segments=len(manifest.segments),
                    served=manifest.snapshot == served,
                    held=held(self.searcher.path, manifest.number) or "",
                )
            )
        return snapshots
