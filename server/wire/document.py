"""How do a fetched document and the server's status cross the wire?"""

from __future__ import annotations

from indexer.document import Document
from protos.stepwell.v1 import search_pb2 as pb
from ranker.ranking import Failure, Fetched, Status
from server.wire.failure import ECHO, failure_from_proto, failure_to_proto
from server.wire.ranking import trust_from_proto, trust_to_proto


def fetched_to_proto(target: str, fetched: Fetched | Failure) -> pb.FetchOutcome:
    """What was read for one target, or why not."""
    if isinstance(fetched, Failure):
        return pb.FetchOutcome(target=target[:ECHO], failure=failure_to_proto(fetched))
    return pb.FetchOutcome(
        target=target,
        fetched=pb.FetchedDocument(
            document=document_to_proto(fetched.document),
            authority=trust_to_proto(fetched.authority),
            text_sha256=fetched.text_sha256,
            snapshot=fetched.snapshot,
        ),
    )


def fetched_from_proto(message: pb.FetchOutcome, target: str) -> Fetched | Failure:
    """Inverse of fetched_to_proto; `target` is what the caller asked for, whole."""
    if message.WhichOneof("outcome") != "fetched":
        return failure_from_proto(message, target)
    fetched = message.fetched
    return Fetched(
        document=document_from_proto(fetched.document),
        authority=trust_from_proto(fetched.authority),
        text_sha256=fetched.text_sha256,
        snapshot=fetched.snapshot,
    )


def status_to_proto(status: Status, release: str) -> pb.StatusResponse:
    """What is served, and by which release of Stepwell."""
    return pb.StatusResponse(
        snapshot=status.snapshot,
        authority_version=status.authority_version,
        encoder=status.encoder,
        calibration=status.calibration,
        documents=status.documents,
        passages=status.passages,
        release=release,
    )


def status_from_proto(message: pb.StatusResponse) -> Status:
    """Inverse of status_to_proto, the release left out."""
    return Status(
        snapshot=message.snapshot,
        authority_version=message.authority_version,
        encoder=message.encoder,
        calibration=message.calibration,
        documents=message.documents,
        passages=message.passages,
    )


def document_to_proto(document: Document) -> pb.Document:
    """The whole document, text included."""
    return pb.Document(
        id=document.id,
        title=document.title,
        text=document.text,
        kind=document.kind,
        url=document.url,
        authors=document.authors,
        editors=document.editors,
        venue=document.venue,
        published=document.published,
        language=document.language,
        collection=document.collection,
        identifiers=document.identifiers,
        details=document.details,
    )


def document_from_proto(message: pb.Document) -> Document:
    """Inverse of document_to_proto."""
    return Document(
        id=message.id,
        title=message.title,
        text=message.text,
        kind=message.kind,
        url=message.url,
        authors=tuple(message.authors),
        editors=tuple(message.editors),
        venue=message.venue,
        published=message.published,
        language=message.language,
        collection=message.collection,
        identifiers=dict(message.identifiers),
        details=dict(message.details),
    )
