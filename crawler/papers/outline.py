"""How does a structured article become one text whose sections are known by offset?

Paragraphs are set apart by an empty line, which is where passages are cut; a heading stands on its own line right above its first
paragraph, so that the two stay together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indexer.document import Section


class Outline:
    """A text that grows paragraph by paragraph, and the sections that it has so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._after_heading = False
        self._sections: list[Section] = []

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Closed sections, in the order of their headings."""
        return tuple(sorted(self._sections, key=lambda s: (s.start, -s.end, s.level)))

    def paragraph(self, text: str) -> None:
        """A paragraph, or lines that belong together; nothing where `text` is empty."""
        if text := text.strip():
            if self._length:
                self._add("\n" if self._after_heading else "\n\n")
            self._add(text)
            self._after_heading = False

    @contextmanager
    def section(self, heading: str, level: int, even_empty: bool = False) -> Iterator[None]:
        """What is added inside belongs to a section; what has no heading is no section, and its text stays.

        A heading counts as the section's first line. A section without any text leaves nothing, unless `even_empty`: a heading
        that the source prints is text of its own, one that was made up for it is not.
        """
        state = len(self._parts), self._length, self._after_heading
        if heading:
            self.paragraph(heading)
            self._after_heading = True
        start, filled = self._length - len(heading.strip()), len(self._parts)
        yield
        if heading and len(self._parts) == filled and not even_empty:  # nothing below the heading
            del self._parts[state[0] :]
            _, self._length, self._after_heading = state
        elif heading:
            self._sections.append(Section(heading.strip(), level, start, self._length))

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
