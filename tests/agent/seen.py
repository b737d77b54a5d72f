"""A run that has seen these texts alone, and what the rules say of a sentence that cites the first."""

from __future__ import annotations

from agent.claims import Claim
from agent.evidence import Evidence, Source, Span
from agent.rules import by_rules


def seen(*texts: str, authors: tuple[str, ...] = ()) -> Evidence:
    """s1, s2 and so on are whole texts, each of a source of its own."""
    evidence = Evidence()
    for i, text in enumerate(texts, 1):
        source = Source(f"d{i}", "", authors, "", "", "", "paper", "", 0.0, f"x{i}", "g")
        evidence.learn([source], [Span(f"s{i}", f"d{i}", f"x{i}", 0, len(text), text)])
    return evidence


def verdict(sentence: str, *texts: str, language: str = "en", authors: tuple[str, ...] = ()) -> str:
    """Of a sentence that cites the first of these texts."""
    return by_rules(Claim(0, 1, sentence, ("s1",)), seen(*texts, authors=authors), language).verdict
