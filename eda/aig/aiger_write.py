"""Writing AIGER 1.9: ASCII and binary, with symbols and comments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eda.aig.aig import UNDEFINED
from eda.errors import AigerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.aig.aig import Aig


def write_aiger(aig: Aig, path: str | os.PathLike[str], *, ascii: bool | None = None) -> None:
    r"""Write an AIGER file; the file is complete or not there.

    Args:
        aig: The logic.
        path: Where to; an ending of ``.aag`` means ASCII, any other one binary.
        ascii: Chooses the form whatever the ending is.

    Raises:
        AigerError: The file cannot be written.

    Example:
        >>> import eda, tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "and.aag"
        ...     eda.write_aiger(eda.Aig(2, fanins=[[4, 2]], outputs=[6]), path)
        ...     path.read_text()
        'aag 3 2 0 1 1\n2\n4\n6\n6 4 2\n'
    """
    path = Path(path)
    as_text = path.suffix.lower() == ".aag" if ascii is None else ascii
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        temporary.write_bytes(aiger_bytes(aig, ascii=as_text))
        os.replace(temporary, path)
    except OSError as error:
        raise AigerError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def aiger_bytes(aig: Aig, *, ascii: bool = False) -> bytes:
    """Return an AIG as the bytes of an AIGER file."""
    sizes = [len(aig.bad), len(aig.constraints), len(aig.justice), len(aig.fairness)]
    while sizes and not sizes[-1]:
        sizes.pop()
    head = [aig.num_variables - 1, aig.num_inputs, aig.num_latches, aig.num_outputs, aig.num_ands]
    lines = [" ".join(map(str, ["aag" if ascii else "aig", *head, *sizes]))]
    if ascii:
        lines += [str(2 * variable) for variable in range(1, 1 + aig.num_inputs)]
    lines += _latch_lines(aig, ascii=ascii)
    lines += map(str, aig.outputs.tolist())
    lines += map(str, aig.bad.tolist())
    lines += map(str, aig.constraints.tolist())
    lines += [str(len(item)) for item in aig.justice]
    lines += [str(literal) for item in aig.justice for literal in item.tolist()]
    lines += map(str, aig.fairness.tolist())
    if ascii:
        own = range(2 * aig.first_and, 2 * aig.num_variables, 2)
        lines += [f"{lit} {a} {b}" for lit, (a, b) in zip(own, aig.fanins.tolist(), strict=True)]
    text = "\n".join(lines).encode("ascii") + b"\n"
    ands = b"" if ascii else _and_bytes(aig)
    return text + ands + _symbols(aig) + _comment(aig)


def _latch_lines(aig: Aig, *, ascii: bool) -> list[str]:
    lines = []
    pairs = zip(aig.next_states.tolist(), aig.resets.tolist(), strict=True)
    for at, (following, reset) in enumerate(pairs):
        own = 2 * (1 + aig.num_inputs + at)
        line = f"{own} {following}" if ascii else str(following)
        if reset:
            line += f" {own if reset == UNDEFINED else 1}"
        lines.append(line)
    return lines


def _and_bytes(aig: Aig) -> bytes:
    own = 2 * (aig.first_and + np.arange(aig.num_ands, dtype=np.int64))
    first, second = aig.fanins[:, 0], aig.fanins[:, 1]
    return encode_varints(np.stack([own - first, first - second], axis=1).reshape(-1))


def encode_varints(values: NDArray[np.int64]) -> bytes:
    r"""Return numbers in the binary format's code: seven bits a byte, the low ones first.

    Example:
        >>> encode_varints(np.array([2, 300]))
        b'\x02\xac\x02'
    """
    sizes = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 63, 7):
        sizes += values >= 1 << bits
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - sizes
    for at in range(int(sizes.max(initial=0))):
        there = sizes > at
        byte = (values[there] >> (7 * at)) & 0x7F
        byte |= np.where(sizes[there] > at + 1, 0x80, 0)
        out[starts[there] + at] = byte
    return out.tobytes()


def _symbols(aig: Aig) -> bytes:
    tables = (
        ("i", aig.input_names),
        ("l", aig.latch_names),
        ("o", aig.output_names),
        ("b", aig.bad_names),
        ("c", aig.constraint_names),
        ("j", aig.justice_names),
        ("f", aig.fairness_names),
    )
    return b"".join(
        f"{letter}{at} {_one_line(name)}\n".encode("utf-8", "surrogateescape")
        for letter, names in tables
        for at, name in enumerate(names)
        if name
    )


def _one_line(name: str) -> str:
    return name.replace("\r", " ").replace("\n", " ")


def _comment(aig: Aig) -> bytes:
    return b"c\n" + aig.comment.encode("utf-8", "surrogateescape") if aig.comment else b""
