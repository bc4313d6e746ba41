"""The text part of an AIGER file, line by line, with the place of every error."""

from __future__ import annotations

from typing import Final

from eda.errors import AigerError

_MOST_DIGITS: Final = 10
"""Literals have 32 bits."""


class Lines:
    """A position in the bytes of a file.

    Attributes:
        data: The whole file.
        path: What messages call it.
        at: Byte behind the last line that was taken.
        start: Byte at which that line starts.
        line: Its number, from 1.
        crlf: Whether one of the lines so far ended with CR LF.
    """

    def __init__(self, data: bytes, path: str) -> None:
        """Stand before the first line."""
        self.data = data
        self.path = path
        self.at = 0
        self.start = 0
        self.line = 0
        self.crlf = False
        self._text = True

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return len(self.data) - self.at

    def next(self, what: str) -> bytes:
        """Take one line, without its end.

        Raises:
            AigerError: The file ends before it, or in it.
        """
        self.start = self.at
        self.line += 1
        end = self.data.find(b"\n", self.at)
        if end < 0:
            there = "in" if self.left else "before"
            raise self.error(f"the file ends {there} {what}; it is cut off")
        line = self.data[self.at : end]
        self.at = end + 1
        if line.endswith(b"\r"):
            self.crlf = True
            return line[:-1]
        return line

    def numbers(self, count: int | tuple[int, int], what: str) -> list[int]:
        """Take a line of so many numbers, with one space between them.

        Raises:
            AigerError: The line is something else.
        """
        words = self.next(what).split(b" ")
        low, high = (count, count) if isinstance(count, int) else count
        if not low <= len(words) <= high:
            wanted = str(low) if low == high else f"{low} or {high}"
            raise self.error(
                f"{what} has {len(words)} words; it takes {wanted} numbers with one space between"
            )
        return [self.number(word, what) for word in words]

    def number(self, word: bytes, what: str) -> int:
        """Return a word of decimal digits as a number."""
        if not word.isdigit() or len(word) > _MOST_DIGITS:
            shown = word[:20].decode("latin-1")
            raise self.error(f"{what} has {shown!r} where a number of 1 to 10 digits belongs")
        return int(word)

    def jump(self, offset: int) -> None:
        """Go on at a byte behind the binary part; places are told in bytes from there."""
        self.at = self.start = offset
        self._text = False

    def error(self, message: str) -> AigerError:
        """Return an error at the line that was taken last."""
        if self._text:
            return AigerError(f"{self.path}:{self.line}: {message}", path=self.path, line=self.line)
        return self.error_at(self.start, message)

    def error_at(self, offset: int, message: str) -> AigerError:
        """Return an error at a byte."""
        return AigerError(f"{self.path}: byte {offset}: {message}", path=self.path, offset=offset)
