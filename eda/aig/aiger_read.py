"""Reading AIGER 1.9, ASCII and binary: strict on structure, lenient after the comment mark.

What a file promises is checked before room is made for it. An ASCII file may define its literals
in any order and leave numbers out; the AIG that is returned is numbered anew, and its ANDs keep
their order where that is possible. Repeated symbol names are taken as they are, and CR LF line
ends too. Nothing is recursive.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.aig.aig import UNDEFINED, Aig
from eda.aig.aiger_ascii import Definition, renumber
from eda.aig.aiger_lines import Lines
from eda.aig.aiger_symbols import read_symbols
from eda.errors import AigerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FILE_BYTES: Final = 2 << 30
MAX_FREE_INPUTS: Final = 1 << 22
"""Inputs of a binary file cost it no byte, so the header alone could ask for any memory."""

_LAST_BIT: Final = 0x80
_LONGEST_CODE: Final = 5
_COUNTS: Final = ("M", "I", "L", "O", "A", "B", "C", "J", "F")


@dataclass(frozen=True, slots=True)
class Header:
    """The numbers of the first line, in the letters of the AIGER format."""

    binary: bool
    M: int
    I: int  # noqa: E741
    L: int
    O: int  # noqa: E741
    A: int
    B: int
    C: int
    J: int
    F: int


def read_aiger(path: str | os.PathLike[str]) -> Aig:
    """Read an AIGER file, ASCII or binary.

    Args:
        path: The file; "-" is standard input.

    Raises:
        AigerError: It cannot be read, or is malformed: ``line`` or ``offset`` says where.
    """
    if str(path) == "-":
        return parse_aiger(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), path="-")
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise AigerError(
            f"{path}: cannot be read: {error.strerror or error}", path=str(path)
        ) from error
    return parse_aiger(data, path=str(path))


def parse_aiger(data: bytes, *, path: str = "<aiger>") -> Aig:
    r"""Read AIGER from bytes.

    Args:
        data: A whole file.
        path: What messages call it.

    Raises:
        AigerError: It is malformed.

    Example:
        >>> parse_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 2 4\n").fanins.tolist()
        [[4, 2]]
    """
    if len(data) > MAX_FILE_BYTES:
        raise AigerError(f"{path}: more than {MAX_FILE_BYTES} bytes", path=path)
    lines = Lines(data, path)
    header = _header(lines)
    _check_room(header, lines)
    return _binary(header, lines) if header.binary else _ascii(header, lines)


def _header(lines: Lines) -> Header:
    text = lines.next("the header")
    words = text.split(b" ")
    if words[0] not in (b"aag", b"aig"):
        shown = text[:20].decode("latin-1")
        raise lines.error(f"{shown!r} is no AIGER header; it starts with 'aag' or 'aig'")
    if not 6 <= len(words) <= 10:
        raise lines.error(f"the header has {len(words) - 1} numbers; it takes 5 to 9")
    values = [lines.number(word, "the header") for word in words[1:]]
    values += [0] * (9 - len(values))
    header = Header(words[0] == b"aig", **dict(zip(_COUNTS, values, strict=True)))
    used = header.I + header.L + header.A
    if used > header.M or (header.binary and used != header.M):
        relation = "is not" if header.binary else "is less than"
        raise lines.error(
            f"the header's M = {header.M} {relation} I + L + A = {used}; correct the counts"
        )
    return header


def _check_room(header: Header, lines: Lines) -> None:
    """Refuse a header that promises more than the file's bytes can hold."""
    left = lines.left
    # The shortest lines: "2\n", "2 2\n", "2 2 2\n"; a binary AND has at least two bytes.
    least = 2 * (header.O + header.B + header.C + header.J + header.F)
    if header.binary:
        least += 2 * header.L + 2 * header.A
        if header.I > MAX_FREE_INPUTS:
            raise lines.error(
                f"the header promises {header.I} inputs; at most {MAX_FREE_INPUTS} are read"
            )
    else:
        least += 2 * header.I + 4 * header.L + 6 * header.A
    if least > left:
        raise lines.error(
            f"the header promises at least {least} bytes and {left} follow; "
            "the file is cut off, or its header is wrong"
        )
    if header.M >= 1 << 31:
        raise lines.error(f"the header's M = {header.M} is more than {(1 << 31) - 1}")


def _ascii(header: Header, lines: Lines) -> Aig:
    inputs = [Definition(lines.numbers(1, f"input {at}")[0], lines.line) for at in range(header.I)]
    latches, following, resets = _latches(header, lines)
    roots = _roots(header, lines)
    gates: list[Definition] = []
    fanins: list[tuple[int, int]] = []
    for at in range(header.A):
        own, first, second = lines.numbers(3, f"AND {at}")
        gates.append(Definition(own, lines.line))
        fanins.append((first, second))
    made = renumber(
        lines.path,
        header.M,
        inputs=inputs,
        latches=latches,
        gates=gates,
        fanins=fanins,
        read=[*following, *roots.all],
    )
    names, comment = read_symbols(lines, header)
    every = made.read
    return _finish(
        header, lines, made.fanins, every[: header.L], resets, every[header.L :], roots, names,
        comment,
    )  # fmt: skip


def _binary(header: Header, lines: Lines) -> Aig:
    _, following, resets = _latches(header, lines)
    roots = _roots(header, lines)
    _check_literals([*following, *roots.all], header, lines)
    fanins = _binary_ands(header, lines)
    names, comment = read_symbols(lines, header)
    return _finish(
        header, lines, fanins, [item.literal for item in following], resets,
        [item.literal for item in roots.all], roots, names, comment,
    )  # fmt: skip


def _finish(
    header: Header,
    lines: Lines,
    fanins: NDArray[np.int64],
    following: list[int],
    resets: list[int],
    every: list[int],
    roots: _Roots,
    names: dict[str, tuple[str, ...]],
    comment: str,
) -> Aig:
    at = 0
    parts: list[list[int]] = []
    for size in (header.O, header.B, header.C, *roots.justice_sizes, header.F):
        parts.append(every[at : at + size])
        at += size
    return Aig(
        header.I,
        fanins=fanins,
        outputs=np.array(parts[0], dtype=np.int64),
        next_states=np.array(following, dtype=np.int64),
        resets=np.array(resets, dtype=np.int64),
        bad=np.array(parts[1], dtype=np.int64),
        constraints=np.array(parts[2], dtype=np.int64),
        justice=tuple(np.array(part, dtype=np.int64) for part in parts[3:-1]),
        fairness=np.array(parts[-1], dtype=np.int64),
        comment=comment,
        source=lines.path,
        **names,
    )


def _latches(header: Header, lines: Lines) -> tuple[list[Definition], list[Definition], list[int]]:
    """Return the latches' literals, their next states with the lines, and their resets."""
    own_words = 0 if header.binary else 1
    latches, following, resets = [], [], []
    for at in range(header.L):
        words = lines.numbers((1 + own_words, 2 + own_words), f"latch {at}")
        own = 2 * (1 + header.I + at) if header.binary else words[0]
        reset = words[1 + own_words] if len(words) > 1 + own_words else 0
        if reset not in (0, 1, own):
            raise lines.error(f"latch {at} has the reset {reset}; it must be 0, 1 or {own}")
        latches.append(Definition(own, lines.line))
        following.append(Definition(words[own_words], lines.line, lines.start))
        resets.append(UNDEFINED if reset == own and own > 1 else reset)
    return latches, following, resets


@dataclass(frozen=True, slots=True)
class _Roots:
    all: list[Definition]
    justice_sizes: list[int]


def _roots(header: Header, lines: Lines) -> _Roots:
    """Return the literals that are read from outside, in the order of the file."""
    found: list[Definition] = []

    def take(count: int, what: str) -> None:
        for at in range(count):
            literal = lines.numbers(1, f"{what} {at}")[0]
            found.append(Definition(literal, lines.line, lines.start))

    take(header.O, "output")
    take(header.B, "bad state")
    take(header.C, "constraint")
    sizes, total = [], 0
    for at in range(header.J):
        sizes.append(lines.numbers(1, f"the size of justice property {at}")[0])
        total += sizes[-1]
        if 2 * total > lines.left:
            raise lines.error(
                f"the justice properties promise {total} literals and {lines.left} bytes follow"
            )
    for at, size in enumerate(sizes):
        take(size, f"justice property {at}, literal")
    take(header.F, "fairness constraint")
    return _Roots(found, sizes)


def _check_literals(read: list[Definition], header: Header, lines: Lines) -> None:
    for item in read:
        if item.literal > 2 * header.M + 1:
            raise AigerError(
                f"{lines.path}:{item.line}: literal {item.literal} is not defined; "
                f"the highest is {2 * header.M + 1}",
                path=lines.path,
                line=item.line,
            )


def _binary_ands(header: Header, lines: Lines) -> NDArray[np.int64]:
    """Decode the ANDs: two differences each, seven bits a byte, all at once."""
    count = 2 * header.A
    if not count:
        return np.zeros((0, 2), dtype=np.int64)
    start = lines.at
    data = np.frombuffer(lines.data, dtype=np.uint8, offset=start)[: count * _LONGEST_CODE]
    ends = np.flatnonzero(data < _LAST_BIT)[:count]
    sizes = np.diff(ends, prepend=-1)
    long = np.flatnonzero(sizes > _LONGEST_CODE)
    if len(long):
        at = int(long[0])
        raise lines.error_at(
            start + int(ends[at] - sizes[at] + 1),
            f"AND {at // 2} has a number of {int(sizes[at])} bytes; at most {_LONGEST_CODE} are "
            "needed, so the file is damaged",
        )
    if len(ends) < count:
        whole = len(ends) // 2
        tail = len(data) - (int(ends[-1]) + 1 if len(ends) else 0)
        if tail > _LONGEST_CODE:
            raise lines.error_at(
                start + len(data) - tail, f"AND {whole} has a number of more than 5 bytes"
            )
        raise lines.error_at(
            len(lines.data),
            f"the file ends in AND {whole} of {header.A}; it is cut off, or A is wrong",
        )
    values = np.zeros(count, dtype=np.int64)
    starts = ends - sizes + 1
    for at in range(int(sizes.max())):
        there = sizes > at
        values[there] |= (data[starts[there] + at].astype(np.int64) & 0x7F) << (7 * at)
    own = 2 * (1 + header.I + header.L + np.arange(header.A, dtype=np.int64))
    first = own - values[0::2]
    second = first - values[1::2]
    wrong = (values[0::2] == 0) | (second < 0)
    if bool(wrong.any()):
        at = int(np.argmax(wrong))
        raise lines.error_at(
            start + int(starts[2 * at]),
            f"AND {at} (literal {int(own[at])}) has the differences {int(values[2 * at])} and "
            f"{int(values[2 * at + 1])}; its fanins would not lie between 0 and "
            f"{int(own[at]) - 1}",
        )
    stop = start + int(ends[-1]) + 1
    if lines.crlf and b"\r\n" in lines.data[start:stop]:
        raise lines.error_at(
            start,
            "the lines end with CR LF, and so do some of the binary ANDs: the file was changed "
            "when it was copied as text; copy it again, as binary",
        )
    lines.jump(stop)
    return np.stack([first, second], axis=1)
