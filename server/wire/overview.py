"""What an operator sees, between domain types and messages."""

from __future__ import annotations

from protos.stepwell.v1 import admin_pb2 as pb
from server.overview import Generation, MethodCalls, Standing
from server.state import Phase, Scrubbing, Worker

PHASES: dict[Phase, pb.WorkerPhase] = {
    "starting": pb.WORKER_PHASE_STARTING,
    "serving": pb.WORKER_PHASE_SERVING,
    "draining": pb.WORKER_PHASE_DRAINING,
    "down": pb.WORKER_PHASE_DOWN,
    "silent": pb.WORKER_PHASE_SILENT,
}
_NAMES = {phase: name for name, phase in PHASES.items()}


def worker_to_proto(worker: Worker) -> pb.Worker:
    """One worker in short."""
    return pb.Worker(
        number=worker.number, pid=worker.pid, phase=PHASES[worker.phase], started=worker.started, restarts=worker.restarts,
        calls=worker.calls, cost=worker.cost, memory=worker.memory,
    )  # fmt: skip


def calls_to_proto(calls: MethodCalls) -> pb.MethodCalls:
    """Calls of one method."""
    times = [pb.CallTimes(seconds=bound, calls=count) for bound, count in calls.times]
    return pb.MethodCalls(method=calls.method, calls=calls.calls, failed=calls.failed, refused=calls.refused, times=times)


def scrubbing_to_proto(state: Scrubbing | None) -> pb.Scrubbing | None:
    """How far the reading is; nothing where nothing is read."""
    if state is None:
        return None
    return pb.Scrubbing(rate=state.rate, read=state.read, bytes=state.bytes, rounds=state.rounds, damaged=state.damaged)


def standing_from_proto(status: pb.AdminStatusResponse, kept: pb.SnapshotsResponse) -> Standing:
    """What Status and Snapshots say together."""
    scrubbing = status.scrubbing
    return Standing(
        started=status.started,
        pid=status.pid,
        calls=status.calls,
        cost=status.cost,
        max_cost=status.max_cost,
        memory=status.memory,
        shed=tuple(status.shed),
        troubles=tuple(status.troubles),
        workers=tuple(map(_worker, status.processes)),
        methods=tuple(map(_calls, status.methods)),
        scrubbing=(
            Scrubbing(scrubbing.rate, scrubbing.read, scrubbing.bytes, scrubbing.rounds, scrubbing.damaged)
            if status.HasField("scrubbing")
            else None
        ),
        generations=tuple(map(_generation, kept.snapshots)),
    )


def _worker(message: pb.Worker) -> Worker:
    return Worker(
        number=message.number, pid=message.pid, phase=_NAMES.get(message.phase, "silent"), started=message.started,
        calls=message.calls, cost=message.cost, memory=message.memory, restarts=message.restarts,
    )  # fmt: skip


def _calls(message: pb.MethodCalls) -> MethodCalls:
    times = tuple((time.seconds, time.calls) for time in message.times)
    return MethodCalls(message.method, message.calls, message.failed, message.refused, times)


def _generation(message: pb.Snapshot) -> Generation:
    sizes = message.documents, message.passages, message.segments
    return Generation(message.name, message.created, *sizes, message.served, message.held)
