"""What is known of one claim?"""

from __future__ import annotations

from dataclasses import dataclass, replace

SUPPORTED, PARTIAL, UNSUPPORTED, UNKNOWN, UNCITED = "supported", "partial", "unsupported", "unknown", "uncited"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of one claim."""

    text: str
    """As in Claim: by this and the spans a verdict is found again."""
    spans: tuple[str, ...]
    verdict: str
    """``supported``, ``partial``, ``unsupported``, ``unknown``, or ``uncited``."""
    reason: str
    """In a few words of the asker's language, empty where there is nothing to say."""
    by: str
    """``rules``, or the judge's name."""
    against: tuple[str, ...] = ()
    """Cited spans that say the opposite of the sentence."""

    @property
    def doubt(self) -> str:
        """Why it is not wholly supported; empty where it is, and where nobody judged."""
        return self.reason if self.verdict in (PARTIAL, UNSUPPORTED) else ""


def capped(told: Checked | None, rules: Checked) -> Checked:
    """What was told of a claim, but no better than the rules of today have it: no judge is believed against them, however old."""
    if told is None or (told.by == "rules" and told.verdict != rules.verdict):
        return rules
    if rules.verdict == UNSUPPORTED or (told.verdict == SUPPORTED and rules.verdict == PARTIAL):
        return replace(told, verdict=rules.verdict, reason=rules.reason)
    return told
