"""From bytes to text: encodings, line ends, and what is no text at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import zlib
from pathlib import Path
from typing import Final

from eda.circuit import Source
from eda.errors import NetlistError

MAX_BYTES: Final = 400 * 2**20
"""Largest file that is read; a full-chip netlist is about a tenth of it."""

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_source(path: str | os.PathLike[str]) -> Source:
    """Return a file's text; ``-`` reads standard input.

    Raises:
        NetlistError: There is no such file, it is a folder, cannot be read, or is no text.
    """
    shown = str(path)
    if shown == "-":
        return decode(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
    file = Path(path)
    try:
        if file.is_dir():
            raise NetlistError(f"{shown}: this is a folder; name the netlist inside it", path=shown)
        if not file.is_file() and file.exists():
            raise NetlistError(f"{shown}: this is no ordinary file", path=shown)
        if file.stat().st_size > MAX_BYTES:
            raise _too_large(shown)
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NetlistError(
            f"{shown}: there is no such file; check the name and the current folder", path=shown
        ) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise NetlistError(f"{shown}: cannot be read: {reason}", path=shown) from None
    return decode(data, shown)


def _too_large(path: str) -> NetlistError:
    return NetlistError(
        f"{path}: larger than {MAX_BYTES // 2**20} MiB; split it with .include", path=path
    )


def decode(data: bytes, path: str) -> Source:
    """Return the text of some bytes: UTF-8, UTF-16 with a mark, or else cp1252.

    Raises:
        NetlistError: The bytes are no text, or too many.
    """
    if len(data) > MAX_BYTES:
        raise _too_large(path)
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, path)
    encoding = "utf-8"
    for mark, codec in _BOMS:
        if data.startswith(mark):
            encoding = codec
            break
    else:
        encoding = _wide_without_mark(data) or encoding
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Latin-1 and cp1252 agree on all that netlists use (the micro sign), but cp1252 has
        # holes; latin-1 has none and so gives every byte back when the file is written.
        encoding = "latin-1"
        text = data.decode(encoding)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise NetlistError(
            f"{path}:{line}: a NUL byte; this is no text file, or it was cut off in writing",
            path=path,
            line=line,
        )
    return Source(path, text, encoding, hashlib.sha256(data).hexdigest())


def _unpacked(data: bytes, path: str) -> bytes:
    """Return what a gzip file holds; one that unpacks to more than the limit is refused."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise NetlistError(f"{path}: cannot be unpacked: {problem}", path=path) from None
    if len(plain) > MAX_BYTES:
        raise NetlistError(f"{path}: unpacks to more than {MAX_BYTES // 2**20} MiB", path=path)
    return plain


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark, told by every other byte of the first line being zero."""
    head = data[:64]
    if len(head) >= 8 and len(head) % 2 == 0:
        if not any(head[1::2]) and all(head[0::2]):
            return "utf-16-le"
        if not any(head[0::2]) and all(head[1::2]):
            return "utf-16-be"
    return None


def unify_line_ends(text: str) -> str:
    """Return the text with every line end a plain newline (CRLF and lone CR are read alike)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
