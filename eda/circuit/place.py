"""Where something stands: source files, spans in them, and diagnostics about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read, with its text, so that edits can change only what they must.

    Attributes:
        path: The path as the user named it; ``<text>`` for text without a file.
        text: The decoded text, line ends as in the file.
        encoding: The codec the bytes were decoded with, and are written back with.
        sha256: Hash of the bytes.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    sha256: str = ""


class Span(NamedTuple):
    """The place of a card: file, first line and column (from 1), and last line."""

    path: str
    line: int
    column: int = 1
    end_line: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem the reader met: what, where, and how to mend it.

    Attributes:
        severity: ``error`` stops every command but ``check``; ``warning`` and ``info`` do not.
        code: Short stable name of the kind of problem, as ``undefined_reference``.
        message: What is wrong, in one sentence.
        span: Where.
        card: The card concerned, as written, shortened.
        fix: What to write instead, if anything sensible can be said.
        objects: Names of the devices, nets or models concerned.
    """

    severity: Severity
    code: str
    message: str
    span: Span
    card: str = ""
    fix: str = ""
    objects: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return ``file:line:column: severity: message [card] (fix)``."""
        parts = [f"{self.span}: {self.severity}: {self.message}"]
        if self.card:
            parts.append(f"\n    {self.card}")
        if self.fix:
            parts.append(f"\n    {self.fix}")
        return "".join(parts)
