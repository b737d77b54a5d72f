from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkerPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKER_PHASE_UNSPECIFIED: _ClassVar[WorkerPhase]
    WORKER_PHASE_STARTING: _ClassVar[WorkerPhase]
    WORKER_PHASE_SERVING: _ClassVar[WorkerPhase]
    WORKER_PHASE_DRAINING: _ClassVar[WorkerPhase]
    WORKER_PHASE_DOWN: _ClassVar[WorkerPhase]
    WORKER_PHASE_SILENT: _ClassVar[WorkerPhase]
WORKER_PHASE_UNSPECIFIED: WorkerPhase
WORKER_PHASE_STARTING: WorkerPhase
WORKER_PHASE_SERVING: WorkerPhase
WORKER_PHASE_DRAINING: WorkerPhase
WORKER_PHASE_DOWN: WorkerPhase
WORKER_PHASE_SILENT: WorkerPhase

class AdminStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Worker(_message.Message):
    __slots__ = ("number", "pid", "phase", "started", "restarts", "calls", "cost", "memory")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    number: int
    pid: int
    phase: WorkerPhase
    started: str
    restarts: int
    calls: int
    cost: int
    memory: int
    def __init__(self, number: _Optional[int] = ..., pid: _Optional[int] = ..., phase: _Optional[_Union[WorkerPhase, str]] = ..., started: _Optional[str] = ..., restarts: _Optional[int] = ..., calls: _Optional[int] = ..., cost: _Optional[int] = ..., memory: _Optional[int] = ...) -> None: ...

class MethodCalls(_message.Message):
    __slots__ = ("method", "calls", "failed", "refused", "times")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    method: str
    calls: int
    failed: int
    refused: int
    times: _containers.RepeatedCompositeFieldContainer[CallTimes]
    def __init__(self, method: _Optional[str] = ..., calls: _Optional[int] = ..., failed: _Optional[int] = ..., refused: _Optional[int] = ..., times: _Optional[_Iterable[_Union[CallTimes, _Mapping]]] = ...) -> None: ...

class CallTimes(_message.Message):
    __slots__ = ("seconds", "calls")
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    seconds: float
    calls: int
    def __init__(self, seconds: _Optional[float] = ..., calls: _Optional[int] = ...) -> None: ...

class Scrubbing(_message.Message):
    __slots__ = ("rate", "read", "bytes", "rounds", "damaged")
    RATE_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    DAMAGED_FIELD_NUMBER: _ClassVar[int]
    rate: float
    read: int
    bytes: int
    rounds: int
    damaged: int
    def __init__(self, rate: _Optional[float] = ..., read: _Optional[int] = ..., bytes: _Optional[int] = ..., rounds: _Optional[int] = ..., damaged: _Optional[int] = ...) -> None: ...

class AdminStatusResponse(_message.Message):
    __slots__ = ("started", "pid", "workers", "calls", "cost", "max_cost", "shed", "troubles", "memory", "processes", "methods", "scrubbing")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    MAX_COST_FIELD_NUMBER: _ClassVar[int]
    SHED_FIELD_NUMBER: _ClassVar[int]
    TROUBLES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    SCRUBBING_FIELD_NUMBER: _ClassVar[int]
    started: str
    pid: int
    workers: int
    calls: int
    cost: int
    max_cost: int
    shed: _containers.RepeatedScalarFieldContainer[str]
    troubles: _containers.RepeatedScalarFieldContainer[str]
    memory: int
    processes: _containers.RepeatedCompositeFieldContainer[Worker]
    methods: _containers.RepeatedCompositeFieldContainer[MethodCalls]
    scrubbing: Scrubbing
    def __init__(self, started: _Optional[str] = ..., pid: _Optional[int] = ..., workers: _Optional[int] = ..., calls: _Optional[int] = ..., cost: _Optional[int] = ..., max_cost: _Optional[int] = ..., shed: _Optional[_Iterable[str]] = ..., troubles: _Optional[_Iterable[str]] = ..., memory: _Optional[int] = ..., processes: _Optional[_Iterable[_Union[Worker, _Mapping]]] = ..., methods: _Optional[_Iterable[_Union[MethodCalls, _Mapping]]] = ..., scrubbing: _Optional[_Union[Scrubbing, _Mapping]] = ...) -> None: ...

class SnapshotsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("number", "name", "created", "documents", "passages", "segments", "served", "held")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    SERVED_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    created: str
    documents: int
    passages: int
    segments: int
    served: bool
    held: str
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., created: _Optional[str] = ..., documents: _Optional[int] = ..., passages: _Optional[int] = ..., segments: _Optional[int] = ..., served: bool = ..., held: _Optional[str] = ...) -> None: ...

class SnapshotsResponse(_message.Message):
    __slots__ = ("snapshots",)
    SNAPSHOTS_FIELD_NUMBER: _ClassVar[int]
    snapshots: _containers.RepeatedCompositeFieldContainer[Snapshot]
    def __init__(self, snapshots: _Optional[_Iterable[_Union[Snapshot, _Mapping]]] = ...) -> None: ...

class ReloadRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReloadResponse(_message.Message):
    __slots__ = ("changes",)
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, changes: _Optional[_Iterable[str]] = ...) -> None: ...

class DrainRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DrainResponse(_message.Message):
    __slots__ = ("seconds",)
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    seconds: float
    def __init__(self, seconds: _Optional[float] = ...) -> None: ...
