"""What is a model of each profile told to do, in the names of the tools that it has?

What the agent says to a model of its tools stands here, so that no model is sent to a tool that its profile has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.models import ModelSpec


@dataclass(frozen=True, slots=True)
class Profile:
    """The words of one profile; they are parts of sentences, in the imperative."""

    search: str
    open: str
    read: str
    """Before a path, such as ``outputs/c3.1``."""
    report: str
    """Where the report comes about, and how it is changed and checked."""
    hand_in: str
    or_report: str
    """What a reply may be instead of a call."""
    write_now: str
    """Comes to an end with what there is."""
    nudge: str
    """Answers a reply that called nothing and is no report."""
    nothing_found: str
    """Hands in a report that cites nothing."""


_PROFILES: Mapping[str, Profile] = {
    "native": Profile(
        search="batch_search",
        open="open",
        read="read",
        report="write report.md, change parts of it with patch, not by writing it again, and repair what verify finds: it checks "
        "every\n   sentence against its spans.",
        hand_in="Call finish. It is refused while a citation names no span or a claim is not supported.",
        or_report="",
        write_now="write report.md with what you have, then call finish",
        nudge="Call a tool. batch_search comes first, then open; write makes report.md; when that is written, call finish.",
        nothing_found="finish with answered false",
    ),
    "step": Profile(
        search="batch_web_surfer with batch_search",
        open="batch_open",
        read="file read",
        report="it is your last reply. Notes are files; change parts of one with patch, not by writing it again.",
        hand_in="Reply with the report itself, without a call. Where a citation names no span or a claim is not supported, you "
        "are\n   told: reply with the whole report again.",
        or_report=", or be the report",
        write_now="reply with the report, with what you have, without a call",
        nudge="Call a tool, batch_web_surfer first, or reply with the report itself, without a call.",
        nothing_found="reply with the same again where nothing that was found answers",
    ),
}


def profile_of(model: ModelSpec) -> Profile:
    """The words for this model."""
    return _PROFILES[model.profile]
